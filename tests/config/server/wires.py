"""The real server with small limits, and peers that behave badly on bare sockets."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from kundenkontor.access.models import User
from kundenkontor.documents.commands import freeze_selection, store_file
from kundenkontor.documents.listing import ChosenFile
from kundenkontor.documents.queries import StoredBytes
from kundenkontor.parties.models import Customer
from tests.support.browser import WebServer, running_server
from tests.support.patience import CEILING

SERVE = """
from kundenkontor.kernel import limits
for name, value in {limits!r}.items():
    assert hasattr(limits, name), name
    setattr(limits, name, value)
from kundenkontor.cli.main import main
main(["serve"])
"""


class limited_server(running_server):  # noqa: N801  # used as a context manager function
    """``kundenkontor serve`` with other limits than the product's, so that a test need not wait for them."""

    def __init__(self, static_root: Path, limits: dict[str, int], **environment: str) -> None:
        super().__init__(static_root, **environment)
        self.code = SERVE.format(limits=limits)

    def __enter__(self) -> WebServer:
        return self.begin("-c", self.code)


@contextmanager
def running_worker(**environment: str) -> Iterator[None]:
    """``kundenkontor worker`` on the database of DATABASE_URL."""
    command = [sys.executable, "-m", "kundenkontor.cli.main", "worker"]
    more = {"DJANGO_SETTINGS_MODULE": "tests.support.settings", **environment}
    with subprocess.Popen(command, env=os.environ | more, start_new_session=True) as worker:
        try:
            yield
        finally:
            os.killpg(worker.pid, signal.SIGKILL)


def dial(server: WebServer, *, window: int = 0) -> socket.socket:
    """A bare connection; ``window``: bytes that the peer's kernel takes in before it is read."""
    peer = socket.socket()
    if window:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    peer.settimeout(CEILING)
    peer.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
    return peer


def ask(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


def read_all(peer: socket.socket) -> bytes:
    """Until the server ends the connection; b"" too where it does so at once."""
    read = b""
    try:
        while part := peer.recv(65536):
            read += part
    except ConnectionResetError:
        pass
    return read


def is_ended(peer: socket.socket) -> bool:
    """Whether the server has ended the connection; what it sent before is thrown away."""
    peer.settimeout(0.05)
    try:
        while peer.recv(65536):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True


def session_of(user: User) -> str:
    """The header with which a request is this login's."""
    user.refresh_from_db()  # signing in has written its password anew
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"Cookie: {settings.SESSION_COOKIE_NAME}={session.session_key}"


def large_download(user: User, customer: Customer, megabytes: int) -> str:
    """The address of an archive that no kernel keeps for a reader who does not read."""
    file = store_file(bytes(megabytes * 1024**2), "application/pdf")
    chosen = [ChosenFile("RE-1.pdf", date(2026, 11, 1), StoredBytes(file.sha256, file.size, file.crc32))]
    return f"/rechnungen/download/{freeze_selection(user.pk, customer.pk, {'x.csv': b'x'}, chosen).pk}/"


def seconds_to_sign_in(server: WebServer, user: str, password: str) -> float:
    """Form and submit, as a browser does it; the login is let in."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=CEILING)
    connection.request("GET", "/account/login/", headers={"Host": "localhost"})
    answer = connection.getresponse()
    page = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    cookie = "; ".join(value.split(";")[0] for value in answer.headers.get_all("Set-Cookie") or [])
    form = urlencode({"csrfmiddlewaretoken": token[1], "login": user, "password": password})
    head: dict[str, Any] = {"Host": "localhost", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/account/login/", form, head)
    answer = connection.getresponse()
    assert answer.status == 302, answer.read().decode()
    connection.close()
    return time.monotonic() - began
