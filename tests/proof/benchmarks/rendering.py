"""Making documents: the whole way against bare typst, all cores, ten thousand of them, one of many lines."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from kundenkontor.config.database.postgres import Cluster
from kundenkontor.printing.pool import RenderPool
from tests.printing import builders
from tests.printing.long_documents import costs_of
from tests.printing.measure import cpu_ratio, numbered
from tests.proof.benchmarks.figures import Figure, absolute, cpu_seconds, memory_mb

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "10000"))
LONG, LONG_LINES = 40, 600
LINES, ROUNDS = (100, 1_000, 4_000), 5


def measure(cluster: Cluster) -> list[Figure]:
    bare, whole = min((cpu_ratio() for _ in range(2)), key=lambda pair: pair[1] / pair[0])
    long_text = builders.document(LONG_LINES).to_json()
    long = Watched((str(n), numbered(n, long_text)) for n in range(LONG))
    many = Watched((str(n), numbered(n)) for n in range(DOCUMENTS))
    growth = max(many.memory[len(many.memory) // 2 :]) - max(many.memory[: len(many.memory) // 2])
    cores = os.cpu_count() or 1
    return [
        Figure("rendering: CPU vs bare typst", 1, whole, "ms", bare, whole / bare, 1.6, "lower"),
        Figure("rendering: CPU seconds per second", DOCUMENTS, many.cores_used, "cores", cores,
               many.cores_used / cores, 0.85),
        Figure("rendering: rate", DOCUMENTS, DOCUMENTS / many.seconds, "documents/s"),
        absolute(f"rendering: memory with {LONG_LINES} lines", LONG, max(long.memory), "MB", 600, "lower"),
        absolute("rendering: growth, second half against first", DOCUMENTS, growth, "MB", 32, "lower"),
        *one_document_of_many_lines(),
    ]  # fmt: skip


def one_document_of_many_lines() -> list[Figure]:
    """CPU per line, which must not grow with the lines, and the memory of the longest."""
    costs = costs_of(LINES, rounds=ROUNDS)
    shortest, *_, longest = costs
    ratio = longest.cpu_per_line / shortest.cpu_per_line
    return [
        *(Figure("rendering: CPU per line", cost.lines, cost.cpu_per_line, "ms") for cost in costs[:-1]),
        Figure("rendering: CPU per line, most lines against least", longest.lines, longest.cpu_per_line, "ms",
               shortest.cpu_per_line, ratio, 1.3, "lower"),
        absolute("rendering: peak memory", longest.lines, longest.peak_mb, "MB", 1500, "lower"),
    ]  # fmt: skip


class Watched:
    """A pool's work on documents: seconds, cores used by its processes, and the largest process over time."""

    def __init__(self, documents: Iterable[tuple[str, str]]) -> None:
        self.memory: list[float] = []
        self._cpu: dict[int, float] = {}
        started = time.perf_counter()
        with RenderPool() as pool:
            for done, result in enumerate(pool.render_many(documents)):
                assert result.error is None, result.error
                if done % 10 == 0:
                    self._look(pool)
            self._look(pool)
        self.seconds = time.perf_counter() - started
        self.cores_used = sum(self._cpu.values()) / self.seconds

    def _look(self, pool: RenderPool) -> None:
        for process_id in pool.process_ids():
            try:
                self.memory.append(memory_mb(process_id))
                self._cpu[process_id] = cpu_seconds(process_id)
            except (FileNotFoundError, ProcessLookupError):
                continue  # recycled just now
