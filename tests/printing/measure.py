"""Figures of rendering: ``python -m tests.printing.measure [documents]``.

CPU of the whole way (JSON, XML, schema, QR, PDF, metadata) against the bare typst compile
of the same inputs, alternating; then documents through the pool with the memory watched.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.printing.invoice.compile import template_inputs, timestamp_of, typeset
from kundenkontor.printing.invoice.frozen import FrozenDocument
from kundenkontor.printing.pool import RenderPool
from kundenkontor.printing.worker import make_documents
from tests.printing import builders

ROUNDS, BATCH = 8, 25


def numbered(number: int, text: str = builders.document(20).to_json()) -> str:
    """Another number and other names each time: typst must not find its earlier work."""
    return text.replace("RE2026000123", f"RE2026{number:06}").replace("agentur-huber", f"agentur-{number}")


def cpu_ratio() -> tuple[float, float]:
    """Milliseconds of CPU per document: bare, whole."""
    make_documents(numbered(0))
    bare = whole = 0.0
    for round_number in range(ROUNDS):
        first = 1 + 2 * BATCH * round_number
        documents = [FrozenDocument.from_json(numbered(first + index)) for index in range(BATCH)]
        ready = [(template_inputs(each, write_cii(each.invoice)), timestamp_of(each)) for each in documents]
        start = time.process_time()
        for inputs, timestamp in ready:
            typeset(inputs, timestamp)
        middle = time.process_time()
        for index in range(BATCH):
            make_documents(numbered(first + BATCH + index))
        bare, whole = bare + middle - start, whole + time.process_time() - middle
    return bare / ROUNDS / BATCH * 1000, whole / ROUNDS / BATCH * 1000


def resident_megabytes(process_id: int | str) -> int:
    try:
        with open(f"/proc/{process_id}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def pool_figures(documents: int) -> Iterator[str]:
    with RenderPool() as pool:
        start, failed = time.monotonic(), 0
        for done, result in enumerate(pool.render_many((str(n), numbered(n)) for n in range(documents)), start=1):
            failed += result.error is not None
            if done % max(documents // 10, 1) == 0:
                workers = [resident_megabytes(process_id) for process_id in pool.process_ids()]
                rate = done / (time.monotonic() - start)
                here = resident_megabytes("self")
                yield f"{done} done, {failed} failed, {rate:.0f}/s, here {here} MB, workers {workers} MB"


def main() -> None:
    bare, whole = cpu_ratio()
    print(f"bare {bare:.1f} ms, whole {whole:.1f} ms, ratio {whole / bare:.2f} (target 1.6)", flush=True)
    for line in pool_figures(int(sys.argv[1]) if len(sys.argv) > 1 else 500):
        print(line, flush=True)


if __name__ == "__main__":
    main()
