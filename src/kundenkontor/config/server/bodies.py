"""Where gunicorn's parser reads from and its answers go to, in place of the socket."""

from __future__ import annotations

import time
from typing import Any

from kundenkontor.config.server.connection import CONTINUE, Connection, FilePart, UploadTooSlow
from kundenkontor.kernel import limits


class Upload:
    """A request whose body is read while it comes in: what is there already, then the socket, at a least speed."""

    def __init__(self, connection: Connection, first: bytes, *, asks: bool) -> None:
        self._sock, self._first, self._asks = connection.sock, first, asks
        self._began, self._taken = time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        """Raises OSError when the sender is gone, silent or too slow."""
        if self._first:
            part, self._first = self._first[:size], self._first[size:]
            return part
        self._sock.settimeout(limits.UPLOAD_SILENCE_SECONDS)
        try:
            if self._asks:
                self._asks = False
                self._sock.sendall(CONTINUE)
            part = self._sock.recv(size)
        finally:
            self._sock.setblocking(False)
        self._taken += len(part)
        self._refuse_slowness()
        return part

    def _refuse_slowness(self) -> None:
        seconds = time.monotonic() - self._began
        if seconds > limits.READER_WINDOW_SECONDS and self._taken < limits.UPLOAD_BYTES_PER_SECOND * seconds:
            raise UploadTooSlow("the body comes in too slowly")


class Outbox:
    """Collects an answer for the loop, or, ``direct``, sends it at once from a thread that may wait."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.direct = False

    def sendall(self, data: bytes) -> None:
        if self.direct:
            self._connection.sock.sendall(data)
        elif data:
            self._connection.outgoing.append(memoryview(data))

    def sendfile(self, file: Any, offset: int = 0, count: int = 0) -> None:
        """The loop sends it; the file stays open until then."""
        self._connection.outgoing.append(FilePart(file.fileno(), offset, offset + count))

    def send(self, data: bytes) -> int:
        """gunicorn's "100 Continue": the loop, or the first look at an upload's body, has said it."""
        return len(data)

    def gettimeout(self) -> float:
        """It never waits, gunicorn's pages for broken requests ask."""
        return 0.0
