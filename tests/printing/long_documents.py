"""What one long document costs, in a render process of its own that has loaded what all documents need.

``python -m tests.printing.long_documents 4000`` prints milliseconds of CPU and the peak of memory in MB.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from kundenkontor.printing.process import _environment
from kundenkontor.printing.worker import make_documents
from tests.printing import builders


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the whole way (JSON, XML, schema, PDF, metadata) for a collective invoice of so many lines."""

    lines: int
    cpu_ms: float
    peak_mb: float

    @property
    def cpu_per_line(self) -> float:
        return self.cpu_ms / self.lines


def costs_of(sizes: Iterable[int], *, rounds: int) -> list[Cost]:
    """The best of several rounds for each size; sizes alternate, so that other work on the machine meets all."""
    seen = [[_in_process_of_its_own(lines) for lines in sizes] for _ in range(rounds)]
    return [min(costs, key=attrgetter("cpu_ms")) for costs in zip(*seen, strict=True)]


def _in_process_of_its_own(lines: int) -> Cost:
    command = [sys.executable, "-m", __name__, str(lines)]
    answer = subprocess.run(command, env=_environment(), check=True, capture_output=True, text=True)
    cpu_ms, peak_mb = map(float, answer.stdout.split())
    return Cost(lines, cpu_ms, peak_mb)


def main() -> None:
    make_documents(builders.document(1).to_json())
    text = builders.collective(int(sys.argv[1])).to_json()
    started = time.process_time()
    make_documents(text)
    cpu_ms = (time.process_time() - started) * 1000
    print(cpu_ms, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


if __name__ == "__main__":
    main()
