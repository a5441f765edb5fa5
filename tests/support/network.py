"""No test reaches out: only the loopback and local sockets."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any


class OutsideIsBlocked(OSError):
    """A test tried to reach another machine."""


def is_local(address: Any) -> bool:
    """Whether an address of ``socket.connect`` is on this machine."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


def block_outside() -> None:
    """Refuse connections and name look-ups of other machines in this process."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(original: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if not is_local(address):
                raise OutsideIsBlocked(f"a test tried to reach {address}")
            return original(self, address)

        return call

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not is_local((name or "",)):
            raise OutsideIsBlocked(f"a test tried to look up {name}")
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded(connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded(connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_lookup
