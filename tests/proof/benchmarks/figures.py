"""One measured figure and how it is judged."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

RESULT = Path("var/bench.json")


@dataclass(frozen=True, slots=True)
class Figure:
    """``limit`` is what the same machine does without us; ``ratio`` what is compared with ``target``.

    For absolute targets the ratio is value / target. ``target`` None is information only.
    """

    name: str
    n: int
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    target: float | None = None
    better: Literal["higher", "lower"] = "higher"

    @property
    def ok(self) -> bool:
        if self.target is None or self.ratio is None:
            return True
        if self.limit is None and self.ratio == self.value / self.target:
            return self.ratio <= 1 if self.better == "lower" else self.ratio >= 1
        return self.ratio >= self.target if self.better == "higher" else self.ratio <= self.target

    def __str__(self) -> str:
        limit = f"limit {self.limit:,.3g}" if self.limit is not None else ""
        ratio = f"ratio {self.ratio:.3f}" if self.ratio is not None else ""
        target = (
            f"target {'>=' if self.better == 'higher' else '<='} {self.target:g}" if self.target is not None else ""
        )
        verdict = "" if self.target is None else ("ok" if self.ok else "MISSED")
        measured = f"{self.name:46} n={self.n:<9} {self.value:>12,.2f} {self.unit:14}"
        return f"{measured} {limit:18} {ratio:13} {target:14} {verdict}"


def absolute(name: str, n: int, value: float, unit: str, target: float, better: Literal["higher", "lower"]) -> Figure:
    """A figure with a fixed target."""
    return Figure(name, n, value, unit, None, value / target, target, better)


def write_figures(figures: Iterable[Figure]) -> None:
    """Add to var/bench.json, replacing figures of the same name and n."""
    RESULT.parent.mkdir(exist_ok=True)
    known = json.loads(RESULT.read_text()) if RESULT.exists() else []
    fresh = [asdict(figure) | {"ok": figure.ok} for figure in figures]
    names = {(row["name"], row["n"]) for row in fresh}
    kept = [row for row in known if (row["name"], row["n"]) not in names]
    RESULT.write_text(json.dumps(kept + fresh, indent=1))


def memory_mb(pid: int | None = None) -> float:
    """Resident memory of a process in MB."""
    fields = Path(f"/proc/{pid or os.getpid()}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_memory_mb(pid: int) -> float:
    """Largest resident memory a process ever had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children, those that ended and those that live."""
    ticks = sum(map(int, _stat(pid)[11:15]))
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            ticks += sum(map(int, _stat(int(child))[11:15]))
        except FileNotFoundError:
            continue  # ended in this moment
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
