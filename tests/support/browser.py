"""The real web server on a database of the test, and a real browser.

``web_server`` runs ``kundenkontor serve`` on the database of this test (it implies ``fresh_database``), ``page`` is a
browser page on it, ``sign_in(page, user)`` gives the page a session, ``work_off_jobs()`` runs the waiting jobs.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.patience import CEILING

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
READY_SECONDS = CEILING
PATIENCE_MILLISECONDS = 120_000


@dataclass
class WebServer:
    """A running server; ``url`` has no slash at the end."""

    url: str
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collected static files, as the real server has them."""
    folder = tmp_path_factory.mktemp("static")
    environment = os.environ | {"STATIC_ROOT": str(folder), "DJANGO_SETTINGS_MODULE": "kundenkontor.config.settings"}
    command = [sys.executable, "-m", "django", "collectstatic", "--no-input", "-v0"]
    subprocess.run(command, env=environment, check=True)
    return folder


@pytest.fixture
def web_server(fresh_database: str, static_root: Path) -> Iterator[WebServer]:
    """gunicorn, as in production, as a process of its own."""
    with running_server(static_root) as server:
        yield server


class running_server:  # noqa: N801  # used as a context manager function
    """Start a server on the database of DATABASE_URL; more than one may run."""

    def __init__(self, static_root: Path, **environment: str) -> None:
        port = free_port()
        url = f"http://localhost:{port}"
        self.environment = {**os.environ, "STATIC_ROOT": str(static_root), "BASE_URL": url, "PORT": str(port)}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "kundenkontor.config.settings", **environment}
        self.url = url

    def __enter__(self) -> WebServer:
        return self.begin("-m", "kundenkontor.cli.main", "serve")

    def begin(self, *arguments: str) -> WebServer:
        """Python with these arguments, in a process group of its own."""
        self.process = subprocess.Popen([sys.executable, *arguments], env=self.environment, start_new_session=True)
        wait_until_ready(f"{self.url}/health/", self.process)
        return WebServer(self.url, self.process)

    def __exit__(self, *error: object) -> None:
        with suppress(ProcessLookupError):  # tidying up takes an interpreter longer than most tests take
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the web server ended"
        try:
            with urlopen(url, timeout=60):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Missing: a failure under CI, else a skip."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing")
        pytest.skip("Chromium is missing")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in the thread of the tests
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, web_server: WebServer) -> Iterator[Page]:
    """A page of a German desktop reader; relative addresses go to ``web_server``."""
    context = browser.new_context(base_url=web_server.url, locale="de-DE", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    yield context.new_page()
    context.close()


def sign_in(page: Page, user: Any) -> None:
    """Give the page a session of this user, without the form."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "domain": "localhost", "path": "/"}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture
def work_off_jobs(fresh_database: str) -> Callable[[], None]:
    """Run the real worker until no job is waiting."""

    from tests.support.jobs import run_worker

    return run_worker
