"""``make bench`` or ``make bench BENCH=name``."""

from __future__ import annotations

import importlib
import os
import sys
import time

from tests.proof.benchmarks.figures import write_figures
from tests.proof.benchmarks.server import bench_cluster

BENCHES = ("billing", "rendering", "invoice_list", "list_pages", "zip_download", "start")


def main() -> int:
    """Run the benchmarks named on the command line, or all. Exit code 1 if a target was missed."""
    wanted = [name for argument in sys.argv[1:] for name in argument.split()] or BENCHES
    unknown = set(wanted) - set(BENCHES)
    if unknown:
        print(f"No such benchmark: {', '.join(unknown)}. There are: {', '.join(BENCHES)}")
        return 2
    os.environ["KUNDENKONTOR_MODE"] = "test"
    missed = 0
    with bench_cluster() as cluster:
        for name in wanted:
            started = time.perf_counter()
            figures = importlib.import_module(f"tests.proof.benchmarks.{name}").measure(cluster)
            write_figures(figures)
            for figure in figures:
                print(figure, flush=True)
                missed += not figure.ok
            print(f"-- {name}: {time.perf_counter() - started:.0f} s", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
