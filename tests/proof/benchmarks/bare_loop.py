"""The least that any server does to send many files: open, head, ``sendfile``, close. A process of its own.

Standard input names the files, the argument the port of the reader, who says when to begin.
"""

from __future__ import annotations

import os
import socket
import sys

HEAD = bytes(60)  # about that of an entry in an archive


def main() -> None:
    paths = sys.stdin.read().splitlines()
    with socket.create_connection(("localhost", int(sys.argv[1]))) as reader:
        reader.recv(1)
        for path in paths:
            _send(reader, path)


def _send(reader: socket.socket, path: str) -> None:
    number = os.open(path, os.O_RDONLY)
    begin, end = 0, os.fstat(number).st_size
    reader.sendall(HEAD, socket.MSG_MORE)
    while begin < end:
        begin += os.sendfile(reader.fileno(), number, begin, end - begin)
    os.close(number)


if __name__ == "__main__":
    main()
