"""Many threads that begin at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from django.db import connection

from tests.support.patience import CEILING


def all_at_once(tasks: Sequence[Callable[[], object]]) -> list[object]:
    """Run each task in a thread of its own behind one barrier; returns results or exceptions in order."""
    barrier = threading.Barrier(len(tasks))
    outcomes: list[object] = [None] * len(tasks)

    def work(index: int, task: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(CEILING)
            outcomes[index] = task()
        except BaseException as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(CEILING)
        assert not thread.is_alive()
    return outcomes
