"""A TCP proxy before PostgreSQL that passes a COMMIT on and cuts the line before its answer comes back."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections

from kundenkontor.config.database.postgres import Cluster


class LossyProxy:
    """Loses the answers to the next ``losses`` COMMITs after the first ``kept``; passes all else on unchanged."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.kept = 0
        self.losses = 0
        self.lost = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.target_port)) as server:
            selector = selectors.DefaultSelector()
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
            is_losing = False
            while True:
                for key, _ in selector.select():
                    came_from = key.fileobj
                    assert isinstance(came_from, socket.socket)
                    data = came_from.recv(65536)
                    if not data:
                        return
                    if came_from is server and is_losing:
                        self.lost += 1
                        return  # the server has committed, the client never hears of it
                    if came_from is client and b"COMMIT" in data:
                        is_losing = not self.kept and bool(self.losses)
                        self.losses -= is_losing
                        self.kept -= bool(self.kept)
                    (server if came_from is client else client).sendall(data)


@contextmanager
def lossy_line(cluster: Cluster) -> Iterator[LossyProxy]:
    """Let Django talk through a lossy proxy; at the end it talks directly again."""
    settings = connections.settings["default"]
    before = {name: settings[name] for name in ("HOST", "PORT")}
    proxy = LossyProxy(cluster.port)

    def point(target: dict[str, str]) -> None:
        connection.close()
        settings.update(target)
        connection.settings_dict.update(target)

    point({"HOST": "127.0.0.1", "PORT": str(proxy.port)})
    try:
        yield proxy
    finally:
        point(before)
        proxy.close()
