"""The billing run against COPY of the rows it wrote, a per-row ORM loop, itself at other sizes, and two workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.billing_copies import dump_rows, time_copy
from tests.proof.benchmarks.billing_data import DUE, UNTIL, fill
from tests.proof.benchmarks.billing_orm import orm_cpu_per_invoice
from tests.proof.benchmarks.figures import Figure, absolute, cpu_seconds, memory_mb
from tests.proof.benchmarks.server import disconnect, fresh, server_pid

CONTRACTS = int(os.environ.get("BENCH_CONTRACTS", "100000"))
SMALL, LARGE = CONTRACTS // 10, CONTRACTS * 10
ROUNDS = 3  # alternating; the best of each, because other work on the machine only ever adds


def measure(cluster: Cluster) -> list[Figure]:
    with fresh(cluster, "bench_base"):
        fill(cluster, "bench_base", CONTRACTS)
        disconnect()
        runs, full, lean = _alternate(cluster)
        with fresh(cluster, "bench_run", "bench_base"):
            time_run(cluster, "bench_run")
            orm = orm_cpu_per_invoice(cluster, "bench_run", "bench_base")
        pairs = [(time_workers(cluster, 2), time_workers(cluster, 1)) for _ in range(2)]
    run = min(runs, key=lambda each: each["seconds"])
    two, one = (min(times) for times in zip(*pairs, strict=True))
    small = max(rate_at(cluster, SMALL) for _ in range(ROUNDS))
    large = rate_at(cluster, LARGE)
    n, seconds, invoices = int(run["contracts"]), run["seconds"], run["invoices"]
    rate, ours = invoices / seconds, min(each["cpu"] for each in runs) / invoices
    memory = max(each["memory"] for each in runs)
    return [
        Figure("billing run: contracts", n, n / seconds, "contracts/s"),
        Figure("billing run vs COPY with constraints", n, rate, "invoices/s", invoices / full, full / seconds, 0.5),
        Figure("billing run vs COPY, btree only", n, rate, "invoices/s", invoices / lean, lean / seconds, 0.2),
        Figure("CPU of an ORM loop vs billing run", n, ours * 1e6, "us/invoice", orm * 1e6, orm / ours, 25),
        Figure("rate at ten times the contracts vs a tenth", LARGE, large, "contracts/s", small, large / small, 0.9),
        Figure("two workers vs one", n, n / two, "contracts/s", n / one, one / two, 1.3),
        absolute("memory growth of a billing run", n, memory, "MB", 64, "lower"),
    ]


def _alternate(cluster: Cluster) -> tuple[list[dict[str, float]], float, float]:
    """Runs, and the best seconds of both COPYs of what the first run wrote."""
    runs, full, lean = [], [], []
    chunks: list[dict[str, bytes]] = []
    for _ in range(ROUNDS):
        with fresh(cluster, "bench_run", "bench_base"):
            runs.append(time_run(cluster, "bench_run"))
            chunks = chunks or dump_rows(cluster, "bench_run")
        full.append(time_copy(cluster, "bench_base", chunks, lean=False))
        lean.append(time_copy(cluster, "bench_base", chunks, lean=True))
    return runs, min(full), min(lean)


def confirmed_run() -> Any:
    """A run that is confirmed and not yet issued."""
    from kundenkontor.billing.models import BillingRun
    from kundenkontor.billing.runs.commands import preview_run, start_run
    from kundenkontor.events.actor import SYSTEM
    from kundenkontor.parties.models import Seller

    run = start_run(Seller.objects.get(short_name="bench"), UNTIL, on=DUE, actor=SYSTEM)
    preview_run(run)
    BillingRun.objects.filter(pk=run.pk).update(state="running", issue_date=DUE)
    run.refresh_from_db()
    return run


def time_run(cluster: Cluster, database: str) -> dict[str, float]:
    """Issue everything in this process: seconds, CPU of client and server, growth of memory after the first chunk."""
    from kundenkontor.billing.runs.commands import finish_run, run_chunks
    from kundenkontor.events.actor import SYSTEM

    run = confirmed_run()
    checkpoint(cluster, database)
    memory: list[float] = []
    server = server_pid(cluster)
    cpu, started = time.process_time() + cpu_seconds(server), time.perf_counter()
    run_chunks(run, actor=SYSTEM, progress=lambda done, of: memory.append(memory_mb()))
    seconds = time.perf_counter() - started
    cpu = time.process_time() + cpu_seconds(server) - cpu
    finish_run(run, on=DUE, actor=SYSTEM)
    run.refresh_from_db()
    growth = max(memory) - memory[min(1, len(memory) - 1)]
    counts = {"invoices": run.result["invoices"], "contracts": run.result["charges"]}
    return {"seconds": seconds, "cpu": cpu, "memory": growth, **counts}


def checkpoint(cluster: Cluster, database: str) -> None:
    """Write out what filling or cloning left behind, so that every measurement starts alike."""
    with cluster.connect(database) as connection:
        connection.execute("CHECKPOINT")


def time_workers(cluster: Cluster, workers: int) -> float:
    """Seconds in which this many processes issue a run, measured from when all are ready."""
    with fresh(cluster, "bench_workers", "bench_base"):
        run = confirmed_run()
        disconnect()
        checkpoint(cluster, "bench_workers")
        command = [sys.executable, "-m", "tests.proof.benchmarks.billing", str(run.pk)]
        processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(workers)]
        for process in processes:
            assert process.stdout and process.stdout.readline().strip() == b"ready"
        started = time.perf_counter()
        for process in processes:
            assert process.stdin
            process.stdin.write(b"go\n")
            process.stdin.close()
        codes = [process.wait() for process in processes]
        seconds = time.perf_counter() - started
        for process in processes:
            assert process.stdout
            process.stdout.close()
        assert not any(codes), codes
        return seconds


def rate_at(cluster: Cluster, contracts: int) -> float:
    """Contracts per second of a run over this many contracts."""
    with fresh(cluster, "bench_size"):
        fill(cluster, "bench_size", contracts)
        run = time_run(cluster, "bench_size")
        return run["contracts"] / run["seconds"]


def work(run_id: int) -> None:
    """A worker process of ``time_workers``."""
    import django

    django.setup()
    from kundenkontor.billing.models import BillingRun
    from kundenkontor.billing.runs.commands import run_chunks
    from kundenkontor.events.actor import SYSTEM

    run = BillingRun.objects.get(pk=run_id)
    print("ready", flush=True)
    sys.stdin.readline()
    run_chunks(run, actor=SYSTEM)


if __name__ == "__main__":
    work(int(sys.argv[1]))
