"""What the tests that try to break invariants did, as lines of var/breakers.jsonl for ``make invariants``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

REPORT = Path(__file__).resolve().parents[2] / "var" / "breakers.jsonl"


class BreakerReport(Protocol):
    """``statements_hit`` of ``statements_total``: at how many SQL statements of the command it was killed."""

    def __call__(
        self, *, threads: int = 0, kills: int = 0, statements_hit: int = 0, statements_total: int = 0, command: str = ""
    ) -> None: ...


@pytest.fixture
def breaker_report(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Tell what a breaker did. The invariant ids are those of the test's markers."""
    ids = [str(name) for marker in request.node.iter_markers("invariant") for name in marker.args]

    def report(
        *, threads: int = 0, kills: int = 0, statements_hit: int = 0, statements_total: int = 0, command: str = ""
    ) -> None:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        for invariant in ids:
            line = {
                "invariant": invariant,
                "test": request.node.nodeid,
                "command": command,
                "threads": threads,
                "kills": kills,
                "statements_hit": statements_hit,
                "statements_total": statements_total,
            }
            with REPORT.open("a") as file:
                os.write(file.fileno(), (json.dumps(line) + "\n").encode())

    return report
