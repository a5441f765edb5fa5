"""Outside services that hang: after a time-out nobody asks them for a while, so that nothing queues behind the next.

Kept in the cache table, so that all workers know.
"""

from __future__ import annotations

from django.core.cache import cache

PAUSES = (60, 120, 300, 600)  # seconds, longer with each time-out in a row
REMEMBERED = 3600


def is_open(service: str) -> bool:
    """Whether the service is left alone now."""
    return bool(cache.get(f"breaker-of-{service}"))


def trip(service: str) -> None:
    """It did not answer in time, or could not be reached."""
    failures: int = cache.get(f"failures-of-{service}", 0) + 1
    cache.set(f"failures-of-{service}", failures, timeout=REMEMBERED)
    cache.set(f"breaker-of-{service}", True, timeout=PAUSES[min(failures, len(PAUSES)) - 1])


def close(service: str) -> None:
    """It answered, or somebody repaired it and says so."""
    cache.delete_many([f"breaker-of-{service}", f"failures-of-{service}"])
