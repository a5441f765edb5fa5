"""The loop of a worker process, and the threads it gives requests to."""

from __future__ import annotations

import os
import selectors
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from django.db import close_old_connections
from gunicorn import http
from gunicorn.http.errors import NoMoreData
from gunicorn.http.wsgi import FileWrapper
from gunicorn.http.wsgi import create as environ_of
from gunicorn.workers.base import Worker

from kundenkontor.config.server.bodies import Outbox, Upload
from kundenkontor.config.server.connection import CONTINUE, PIECE, Connection, Head, Pace
from kundenkontor.kernel import limits

TICK_SECONDS = 1.0
STOPPING_SECONDS = 2.0  # an idle connection may be sending a request already
REFUSED = "HTTP/1.1 {}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
NO_LENGTH = REFUSED.format("411 Length Required").encode()
HEAD_TOO_LARGE = REFUSED.format("431 Request Header Fields Too Large").encode()
BODY_TOO_LARGE = REFUSED.format("413 Content Too Large").encode()


class LoopWorker(Worker):  # type: ignore[misc]  # gunicorn is not typed
    """Everything but ``_answer`` and ``_stream`` runs in the loop's thread and never waits."""

    def init_process(self) -> None:
        self.requests = ThreadPoolExecutor(self.cfg.threads, "request")
        self.streams = ThreadPoolExecutor(limits.STREAMS, "stream")
        self.selector = selectors.DefaultSelector()
        self.told: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.connections: set[Connection] = set()
        self.next_look = 0.0
        self.silent: dict[Connection, None] = {}  # those that owe us bytes, oldest first
        super().init_process()

    # --- The loop

    def run(self) -> None:
        """Until SIGTERM or until the master is gone; then what was begun is finished, in ``graceful_timeout``."""
        self.selector.register(self.PIPE[0], selectors.EVENT_READ, self._woken)
        for listener in self.sockets:
            listener.setblocking(False)
            self.selector.register(listener, selectors.EVENT_READ, partial(self._accept, listener))
        while self.alive and self.ppid == os.getppid():
            self._turn()
        self._finish()

    def _turn(self) -> None:
        self.notify()
        for key, _ in self.selector.select(TICK_SECONDS):
            key.data()
        with suppress(Empty):
            while True:
                self.told.get_nowait()()
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + TICK_SECONDS
            self._look_after(now)

    def _finish(self) -> None:
        self.alive = False
        for listener in self.sockets:
            self.selector.unregister(listener)
            listener.close()
        now = time.monotonic()
        for connection in self.silent:
            connection.deadline = min(connection.deadline or now, now + STOPPING_SECONDS)
        while self.connections and time.monotonic() < now + self.cfg.graceful_timeout:
            self._turn()
        self._cut_all()
        self.requests.shutdown(wait=False, cancel_futures=True)
        self.streams.shutdown(wait=False, cancel_futures=True)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """SIGINT: at once."""
        self._cut_all()
        super().handle_quit(sig, frame)

    def _cut_all(self) -> None:
        for connection in list(self.connections):
            connection.cut()

    def _woken(self) -> None:
        with suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)

    def _tell(self, what: Callable[..., None], *arguments: Any) -> None:
        """From a thread: let the loop do this."""
        self.told.put(partial(what, *arguments))
        with suppress(BlockingIOError):  # full: it is awake anyway
            os.write(self.PIPE[1], b"\0")

    def _look_after(self, now: float) -> None:
        """Once a second: end what takes too long."""
        for connection in list(self.connections):
            if connection.deadline is not None and connection.deadline <= now:
                self._drop(connection, at_once=not connection.is_lingering)
            elif connection.pace is not None and connection.pace.is_too_slow():
                self._cut(connection)

    # --- Connections

    def _accept(self, listener: Any) -> None:
        try:
            sock, peer = listener.accept()
        except OSError:  # gone again, or another process took it
            return
        connection = Connection(sock, peer, listener.getsockname())
        if len(self.connections) >= limits.CONNECTIONS:
            oldest = next(iter(self.silent), None)
            if oldest is None:
                connection.close(at_once=True)
                return
            self._drop(oldest, at_once=True)
        self.connections.add(connection)
        self._listen(connection, limits.HEAD_SECONDS)

    def _listen(self, connection: Connection, seconds: float) -> None:
        connection.deadline = time.monotonic() + seconds
        self.silent[connection] = None
        self.selector.register(connection.sock, selectors.EVENT_READ, partial(self._read, connection))

    def _stop_listening(self, connection: Connection) -> None:
        self.selector.unregister(connection.sock)
        del self.silent[connection]
        connection.deadline = None

    def _read(self, connection: Connection) -> None:
        before = len(connection.received)
        try:
            data = connection.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
        elif not connection.is_lingering:
            if not before:
                connection.deadline = time.monotonic() + limits.HEAD_SECONDS
            connection.received += data
            self._consider(connection, before)

    def _consider(self, connection: Connection, before: int) -> None:
        """Give the request to a thread once it is there as a whole, or once its head says that it never will be."""
        is_new = connection.head is None
        head = connection.read_head(before)
        if (head.size if head else len(connection.received)) > limits.HEAD_BYTES:
            self._refuse(connection, HEAD_TOO_LARGE)
        elif head is None:
            return
        elif head.is_coded:
            self._refuse(connection, NO_LENGTH)
        elif head.body_size > limits.UPLOAD_BYTES:
            self._refuse(connection, BODY_TOO_LARGE)
        elif head.body_size > limits.BODY_BYTES or len(connection.received) >= head.size + head.body_size:
            self._hand_over(connection, head)
        elif is_new:
            self._await_body(connection, head)

    def _await_body(self, connection: Connection, head: Head) -> None:
        connection.deadline = time.monotonic() + limits.BODY_SECONDS
        if head.expects_continue:
            with suppress(OSError):
                connection.sock.send(CONTINUE)

    def _hand_over(self, connection: Connection, head: Head) -> None:
        self._stop_listening(connection)
        is_upload = head.body_size > limits.BODY_BYTES
        # nothing may follow a request before its answer (pipelining), and a body that nobody read ends a connection
        connection.is_last = is_upload or len(connection.received) > head.size + head.body_size or not self.alive
        request = connection.take_request()
        source = Upload(connection, request, asks=head.expects_continue) if is_upload else iter((request,))
        self.requests.submit(self._answer, connection, source)

    def _refuse(self, connection: Connection, answer: bytes) -> None:
        """Without a thread, and without a body that is still coming in."""
        self._stop_listening(connection)
        connection.is_last = True
        connection.outgoing.append(memoryview(answer))
        self._send(connection)

    def _send(self, connection: Connection) -> None:
        """Send what goes; the rest when the peer has taken some."""
        is_waiting = connection.pace is not None
        try:
            is_sent = connection.send_some()
        except OSError:
            self._drop(connection)
            return
        if is_sent:
            self._sent(connection)
        elif not is_waiting:
            connection.pace = Pace(connection.sock)
            self.selector.register(connection.sock, selectors.EVENT_WRITE, partial(self._send, connection))

    def _sent(self, connection: Connection) -> None:
        if connection.pace is not None:
            connection.pace = None
            with suppress(KeyError):  # a thread sent it
                self.selector.unregister(connection.sock)
        connection.release()
        if connection.is_last:
            self._say_goodbye(connection)
        else:
            self._listen(connection, limits.IDLE_SECONDS if self.alive else STOPPING_SECONDS)

    def _say_goodbye(self, connection: Connection) -> None:
        """Half close, and read on for a while: closing over unread bytes would take the answer away again."""
        connection.is_lingering = True
        try:
            connection.sock.shutdown(1)
        except OSError:
            self._drop(connection)
            return
        self._listen(connection, limits.LINGER_SECONDS)

    def _cut(self, connection: Connection) -> None:
        """A reader that is too slow: where a thread sends, that thread ends it."""
        if connection.outgoing:
            self._drop(connection, at_once=True)
        else:
            connection.cut()

    def _drop(self, connection: Connection, *, at_once: bool = False) -> None:
        with suppress(KeyError, ValueError):
            self.selector.unregister(connection.sock)
        self.silent.pop(connection, None)
        self.connections.discard(connection)
        connection.close(at_once=at_once)

    # --- Threads

    def _answer(self, connection: Connection, source: Any) -> None:
        """Compute an answer and let the loop send it; what is made while it is sent goes on in another thread."""
        outbox, request = Outbox(connection), None
        try:
            request = next(http.get_parser(self.cfg, source, connection.peer))
            self._run_application(connection, outbox, request)
        except (NoMoreData, StopIteration, OSError):
            self._tell(self._drop, connection)
        except Exception as error:
            connection.outgoing.clear()
            connection.is_last = True
            self.handle_error(request, outbox, connection.peer, error)
            self._tell(self._send, connection)

    def _run_application(self, connection: Connection, outbox: Outbox, request: Any) -> None:
        if connection.is_last:
            request.force_close()
        response, environ = environ_of(request, outbox, connection.peer, connection.server, self.cfg)
        environ |= {"wsgi.multithread": True, "gunicorn.socket": connection.sock}
        body = self.wsgi(environ, response.start_response)
        if getattr(body, "streaming", False):
            self.streams.submit(copy_context().run, self._stream, connection, outbox, response, body)
            close_old_connections()
            return
        connection.when_sent = body.close
        if isinstance(body, FileWrapper):
            response.write_file(body)
            close_old_connections()
        else:
            for piece in body:
                response.write(piece)
            connection.when_sent = None
            body.close()
        response.close()
        connection.is_last = response.should_close()
        self._tell(self._send, connection)

    def _stream(self, connection: Connection, outbox: Outbox, response: Any, body: Any) -> None:
        """May wait for its reader; the loop watches the pace."""
        outbox.direct = True
        connection.is_last = True
        try:
            connection.sock.setblocking(True)
            connection.pace = Pace(connection.sock)
            for piece in body:
                response.write(piece)
            response.close()
            connection.is_last = response.should_close()
            connection.sock.setblocking(False)
        except OSError:  # the reader is gone, or was too slow
            self._tell(self._drop, connection)
        except Exception:
            self.log.exception("Error while an answer was sent")
            self._tell(self._drop, connection)
        else:
            self._tell(self._sent, connection)
        finally:
            body.close()
