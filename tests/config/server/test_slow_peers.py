"""Who is slow, silent or many costs the server connections, never the threads that serve everybody else."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kundenkontor.access.models import User
from kundenkontor.kernel import limits
from kundenkontor.messaging.commands import queue_mail
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers.models import PaperFile
from kundenkontor.parties.models import Customer
from tests.config.server.wires import (
    ask,
    dial,
    is_ended,
    large_download,
    limited_server,
    read_all,
    running_worker,
    seconds_to_sign_in,
    session_of,
)  # fmt: skip
from tests.portal.builders import login
from tests.support.browser import WebServer, running_server
from tests.support.builders import ada, alpenhost, issue
from tests.support.patience import CEILING, allowed, wait_until

pytestmark = pytest.mark.commits
PASSWORD = "ein langer Satz 4711"
SMALL_WINDOW = 4096


@pytest.fixture
def reader() -> User:
    return login("reader", ada(alpenhost()), password=PASSWORD)


@pytest.fixture
def download(reader: User) -> str:
    return large_download(reader, reader.memberships.get().customer, megabytes=20)


@pytest.fixture
def peers() -> Iterator[contextlib.ExitStack]:
    """Closes their sockets in the end."""
    with contextlib.ExitStack() as open_sockets:
        yield open_sockets


def test_slow_readers_strangers_and_a_silent_mail_server_leave_sign_in_quick_and_documents_rendered(
    static_root: Path, reader: User, download: str, peers: contextlib.ExitStack, silent_smtp_url: str
) -> None:
    """Fifty of one customer, two hundred strangers, and mails that nobody takes, all at once."""
    customer = reader.memberships.get().customer
    with running_server(static_root) as server, running_worker(SMTP_URL=silent_smtp_url):
        alone = min(seconds_to_sign_in(server, "reader", PASSWORD) for _ in range(2))
        mails = [queued_mail(customer) for _ in range(6)]
        cookie = session_of(reader)
        slow = [peers.enter_context(dial(server, window=SMALL_WINDOW)) for _ in range(50)]
        for peer in slow:
            peer.sendall(ask(download, cookie))
        for number in range(200):
            stranger = peers.enter_context(dial(server))
            stranger.sendall(
                (b"", b"GET /account/lo", ask("/account/login/", "Content-Length: 900000", method="POST") + b"a=")[
                    number % 3
                ]
            )
        answers = [peer.recv(12)[9:] for peer in slow]

        invoice = issue(customer)
        wait_until(lambda: OutgoingMail.objects.filter(attempts=1).exists(), "a mail that hangs")

        beside = min(seconds_to_sign_in(server, "reader", PASSWORD) for _ in range(3))
        files = PaperFile.objects.filter(paper_id=invoice.pk)
        wait_until(lambda: set(files.values_list("kind", flat=True)) == {"pdf", "xml"}, "the document's files")

        assert answers.count(b"200") == limits.STREAMS_OF_A_LOGIN
        assert answers.count(b"429") == 50 - limits.STREAMS_OF_A_LOGIN
        assert OutgoingMail.objects.filter(pk__in=mails, attempts=0).exists()  # it was still hanging
        assert beside < max(allowed(2.0), 4 * alone)


def queued_mail(customer: Customer) -> int:
    return queue_mail(to=customer.email, subject="x", body="y", kind="invoice", sender="service@alpenhost.example").pk


def test_a_reader_below_the_least_speed_is_cut_and_a_steady_one_gets_everything(
    static_root: Path, reader: User, download: str, peers: contextlib.ExitStack
) -> None:
    with limited_server(static_root, {"READER_WINDOW_SECONDS": 3}) as server:
        cookie = session_of(reader)
        silent, steady = (peers.enter_context(dial(server, window=SMALL_WINDOW)) for _ in range(2))
        silent.sendall(ask(download, cookie))
        assert silent.recv(100).startswith(b"HTTP/1.1 200")
        steady.sendall(ask(download, cookie, "Connection: close", "Range: bytes=0-999999"))
        taken = b""
        while part := steady.recv(4096):  # for some 6 seconds
            taken += part
            time.sleep(len(part) / 160_000)

        assert len(taken.partition(b"\r\n\r\n")[2]) == 1_000_000
        wait_until(lambda: is_ended(silent), "the end of a silent reader")


def test_a_page_that_nobody_takes_holds_no_thread(static_root: Path, reader: User, peers: contextlib.ExitStack) -> None:
    """More such readers than threads, and files as well as pages."""
    with limited_server(static_root, {"READER_WINDOW_SECONDS": int(CEILING)}, WEB_THREADS="2") as server:
        style = next(path for path in sorted(static_root.glob("vendor/**/*.css")) if path.stat().st_size > 100_000)
        for _ in range(10):
            peer = peers.enter_context(dial(server, window=SMALL_WINDOW))
            peer.sendall(ask(f"/static/{style.relative_to(static_root)}"))
        assert seconds_to_sign_in(server, "reader", PASSWORD) < CEILING  # nobody is cut before


def test_a_request_that_does_not_come_to_its_end_is_dropped(static_root: Path, peers: contextlib.ExitStack) -> None:
    with limited_server(static_root, {"HEAD_SECONDS": 1, "BODY_SECONDS": 1, "IDLE_SECONDS": 1}) as server:
        nothing, half, slow = (peers.enter_context(dial(server)) for _ in range(3))
        half.sendall(b"GET /account/login/ HTTP/1.1\r\nHo")
        slow.sendall(ask("/account/login/", "Content-Length: 1000", method="POST") + b"a=")
        for _ in range(6):  # who drips gets no more time
            time.sleep(0.5)
            with contextlib.suppress(OSError):
                half.sendall(b"x")
        assert [read_all(peer) for peer in (nothing, half, slow)] == [b"", b"", b""]


def test_the_oldest_silent_connection_makes_room(static_root: Path, peers: contextlib.ExitStack) -> None:
    with limited_server(static_root, {"CONNECTIONS": 20}) as server:
        silent = [peers.enter_context(dial(server)) for _ in range(25)]
        newest = peers.enter_context(dial(server))
        newest.sendall(ask("/health/", "Connection: close"))
        assert read_all(newest).endswith(b"ok\n")
        assert [is_ended(peer) for peer in silent] == [True] * 6 + [False] * 19


def test_two_requests_on_one_connection_are_answered_one_after_the_other(
    static_root: Path, peers: contextlib.ExitStack
) -> None:
    with running_server(static_root) as server:
        peer = peers.enter_context(dial(server))
        for connection in ("keep-alive", "close"):
            peer.sendall(ask("/health/", f"Connection: {connection}"))
            answer = b""
            while not answer.endswith(b"ok\n"):
                answer += peer.recv(4096)
            assert f"Connection: {connection}".encode() in answer
        assert is_ended(peer)


@pytest.mark.security("V4.2.1")
def test_a_request_sent_before_the_answer_to_another_is_thrown_away(
    static_root: Path, peers: contextlib.ExitStack
) -> None:
    with running_server(static_root) as server:
        peer = peers.enter_context(dial(server))
        peer.sendall(ask("/health/") + ask("/account/login/"))
        answer = read_all(peer)
        assert answer.count(b"HTTP/1.1 ") == 1 and b"Connection: close" in answer and answer.endswith(b"ok\n")


def refused(server: WebServer, *headers: str, path: str = "/account/login/", body: bytes = b"") -> bytes:
    """The status line of an answer to a POST of which only the head, and this much, was sent."""
    with contextlib.closing(dial(server)) as peer:
        peer.sendall(ask(path, *headers, method="POST") + body)
        return read_all(peer).split(b"\r\n")[0]


@pytest.mark.security("V5.2.1")
def test_a_body_is_refused_before_it_is_read(static_root: Path, reader: User) -> None:
    clerk = login("clerk")
    clerk.staff_role = "clerk"
    clerk.save()
    huge, large = f"Content-Length: {500 * 1024**2}", f"Content-Length: {limits.BODY_BYTES + 1}"
    with running_server(static_root) as server:
        assert refused(server, huge) == b"HTTP/1.1 413 Content Too Large"
        assert refused(server, large, "Expect: 100-continue").startswith(b"HTTP/1.1 413")
        assert refused(server, "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n").startswith(b"HTTP/1.1 411")
        assert refused(server, "X: " + limits.HEAD_BYTES * "x").startswith(b"HTTP/1.1 431")
        upload = "/office/imports/new/"
        assert refused(server, large, path=upload).startswith(b"HTTP/1.1 302")  # nobody is signed in
        assert refused(server, large, session_of(reader), path=upload).startswith(b"HTTP/1.1 413")
        assert refused(server, large, session_of(clerk), path=upload, body=bytes(limits.BODY_BYTES + 1)).startswith(
            b"HTTP/1.1 403"  # it was read: what is missing is its token
        )


@pytest.mark.security("Proxy headers")
def test_no_header_changes_path_scheme_or_address(static_root: Path) -> None:
    with running_server(static_root, SCRIPT_NAME="/health") as server:
        with contextlib.closing(dial(server)) as peer:
            headers = ("SCRIPT_NAME: /health", "PATH_INFO: /health/", "X-Forwarded-Proto: https", "REMOTE_USER: clara")
            peer.sendall(ask("/account/login/", *headers, "Connection: close"))
            answer = read_all(peer).decode()
        assert answer.startswith("HTTP/1.1 200") and "/health" not in answer and "https://localhost" not in answer


def test_a_server_that_is_told_to_stop_finishes_what_it_began(
    static_root: Path, reader: User, download: str, peers: contextlib.ExitStack
) -> None:
    with running_server(static_root) as server:
        peer = peers.enter_context(dial(server))
        peer.sendall(ask(download, session_of(reader), "Connection: close"))
        taken = len(peer.recv(1000))
        server.process.send_signal(signal.SIGTERM)
        while part := peer.recv(1024**2):
            taken += len(part)
        assert taken > 20 * 1024**2
        assert server.process.wait(timeout=CEILING) == 0
        with pytest.raises(ConnectionRefusedError), socket.socket() as late:
            late.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
