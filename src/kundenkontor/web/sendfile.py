"""Files from the page cache straight into the reader's connection, past Python: a quarter of the time of copying."""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import BinaryIO

from django.http import HttpRequest

from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.zipping import SendFile


def file_sender(request: HttpRequest) -> SendFile | None:
    """What sends parts of a file between two pieces of the streamed answer; None where the body is not ours to send.

    gunicorn writes each piece before it asks for the next, and gives its socket to the application. Without it
    (tests), over TLS of its own, and for HEAD the pieces themselves must hold the bytes.
    """
    connection = request.META.get("gunicorn.socket")
    if request.method != "GET" or type(connection) is not socket.socket:
        return None
    return partial(_send, connection)


def _send(connection: socket.socket, file: BinaryIO, begin: int, end: int) -> None:
    """Send the bytes ``begin`` to ``end`` (not included). Raises OSError when the reader is gone, FileDamaged."""
    while begin < end:
        sent = os.sendfile(connection.fileno(), file.fileno(), begin, end - begin)
        if not sent:
            raise FileDamaged(sha256=str(file.name))
        begin += sent
