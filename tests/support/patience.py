"""Times that tests allow, on machines that are busy with other things.

``wait_until`` waits for a condition as long as it takes, within ``CEILING`` seconds; a promise of the product about
time is measured by the CPU, or compared with ``allowed(seconds)``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

CEILING = 600.0
SAMPLE = 0.05


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Ask again and again. Raises AssertionError, naming ``what`` did not come about."""
    end = time.monotonic() + CEILING
    while not condition():
        assert time.monotonic() < end, f"did not come about: {what}"
        time.sleep(0.05)


def allowed(seconds: float) -> float:
    """So many seconds of an idle machine, as this one is now; measure it right after what it bounds."""
    return seconds * max(1.0, os.getloadavg()[0] * 2 / (os.cpu_count() or 1), _seconds_per_second())


def _seconds_per_second() -> float:
    """How long a little computing takes, in units of what it takes alone."""
    begun, computed = time.monotonic(), time.thread_time()
    while time.thread_time() - computed < SAMPLE:
        pass
    return (time.monotonic() - begun) / SAMPLE
