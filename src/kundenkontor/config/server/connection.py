"""A peer's connection: what came in, what has still to go out, and how fast that goes."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import struct
import termios
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from kundenkontor.kernel import limits

PIECE = 256 * 1024
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
CODED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_ACKNOWLEDGED = struct.Struct("=Q")
_ACKNOWLEDGED_AT = 120  # tcpi_bytes_acked in struct tcp_info, Linux 4.1 and newer


class UploadTooSlow(OSError):
    """The sender of a body fell below the least speed."""


class Head(NamedTuple):
    """What the loop must know of a request; gunicorn parses it again, and strictly."""

    size: int
    body_size: int
    is_coded: bool
    expects_continue: bool


class FilePart(NamedTuple):
    """Bytes of an open file that are still to be sent."""

    number: int
    begin: int
    end: int


class Connection:
    """``deadline``: until when what the peer is doing must be done; None while it waits for us."""

    def __init__(self, sock: socket.socket, peer: Any, server: Any) -> None:
        self.sock, self.peer, self.server = sock, peer, server
        self.received = bytearray()
        self.head: Head | None = None
        self.outgoing: deque[memoryview | FilePart] = deque()
        self.when_sent: Callable[[], None] | None = None
        self.deadline: float | None = None
        self.pace: Pace | None = None
        self.is_last = False  # the next answer ends the connection
        self.is_lingering = False
        sock.setblocking(False)

    def take_request(self) -> bytes:
        """What came in; the buffer begins anew."""
        request = bytes(self.received)
        self.received, self.head = bytearray(), None
        return request

    def read_head(self, before: int) -> Head | None:
        """The head, once it is whole; ``before`` bytes were looked at already."""
        found = self.received.find(END_OF_HEAD, max(0, before - len(END_OF_HEAD)))
        if self.head is None and found >= 0:
            text = bytes(self.received[: found + len(END_OF_HEAD)])
            length = LENGTH.search(text)
            self.head = Head(
                len(text), int(length[1]) if length else 0, bool(CODED.search(text)), bool(EXPECTS.search(text))
            )
        return self.head

    def send_some(self) -> bool:
        """Send what goes without waiting; whether all is sent. Raises OSError when the peer is gone."""
        while self.outgoing:
            part = self.outgoing.popleft()
            try:
                rest = self._send_file(part) if isinstance(part, FilePart) else self._send_bytes(part)
            except BlockingIOError:
                rest = part
            if rest:
                self.outgoing.appendleft(rest)
                return False
        return True

    def _send_bytes(self, part: memoryview) -> memoryview | None:
        sent = self.sock.send(part, socket.MSG_MORE if self.outgoing else 0)
        return part[sent:] if sent < len(part) else None

    def _send_file(self, part: FilePart) -> FilePart | None:
        """One piece: the loop has others to serve."""
        sent = os.sendfile(self.sock.fileno(), part.number, part.begin, min(PIECE, part.end - part.begin))
        if not sent:
            raise OSError("the file ended too early")
        part = part._replace(begin=part.begin + sent)
        return part if part.begin < part.end else None

    def close(self, *, at_once: bool = False) -> None:
        """``at_once``: what the kernel still keeps for the peer is thrown away."""
        with suppress(OSError):
            if at_once:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()
        self.release()

    def release(self) -> None:
        """Whatever the answer holds, once it is sent or given up."""
        if self.when_sent:
            self.when_sent()
            self.when_sent = None

    def cut(self) -> None:
        """End a connection on which a thread is sending; the thread gets an OSError and closes it."""
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.shutdown(socket.SHUT_RDWR)


class Pace:
    """How fast a reader takes what waits for it, as its kernel acknowledges it, whoever sends."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._begin()

    def is_too_slow(self) -> bool:
        """To be asked about once a second. A reader who has taken everything is never slow."""
        if not waiting_bytes(self._sock):
            self._begin()
            return False
        seconds = time.monotonic() - self._since
        if seconds < limits.READER_WINDOW_SECONDS:
            return False
        taken = acknowledged_bytes(self._sock) - self._taken_before
        self._begin()
        return taken < limits.READER_BYTES_PER_SECOND * seconds

    def _begin(self) -> None:
        self._since, self._taken_before = time.monotonic(), acknowledged_bytes(self._sock)


def acknowledged_bytes(sock: socket.socket) -> int:
    """What the peer's kernel has taken since the connection began."""
    told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED_AT + _ACKNOWLEDGED.size)
    return int(_ACKNOWLEDGED.unpack_from(told, _ACKNOWLEDGED_AT)[0])


def waiting_bytes(sock: socket.socket) -> int:
    """What our kernel keeps for the peer, sent or not, and was not acknowledged."""
    return int(struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
