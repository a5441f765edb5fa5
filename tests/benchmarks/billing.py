"""The billing run against COPY of the rows it wrote, a per-row ORM loop, itself at other sizes, and two workers."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from typing import Any

import psycopg

from kundenkontor.config.postgres import APP_ROLE, Cluster
from tests.benchmarks.billing_data import DUE, UNTIL, fill
from tests.benchmarks.figures import Figure, absolute, cpu_seconds, memory_mb
from tests.benchmarks.server import fresh

CONTRACTS = int(os.environ.get("BENCH_CONTRACTS", "100000"))
SMALL, LARGE = CONTRACTS // 10, CONTRACTS * 10
# in the order in which the run writes them
TABLES = (
    "billing_charge",
    "invoicing_invoiceline",
    "invoicing_vatbreakdown",
    "invoicing_invoice",
    "invoicing_openitem",
    "ledger_journalentry",
    "ledger_posting",
    "events_event",
)
ORM_INVOICES = 1500


def measure(cluster: Cluster) -> list[Figure]:
    with fresh(cluster, "bench_base"):
        fill(CONTRACTS)
        _disconnect()
        with fresh(cluster, "bench_run", "bench_base"):
            run = time_run()
            chunks = dump_rows(cluster, "bench_run")
            orm = orm_cpu_per_invoice(cluster, "bench_run", "bench_base")
        full = time_copy(cluster, "bench_base", chunks, lean=False)
        lean = time_copy(cluster, "bench_base", chunks, lean=True)
        two = time_workers(cluster, 2)
        one = time_workers(cluster, 1)
    small, large = rate_at(cluster, SMALL), rate_at(cluster, LARGE)
    rate, n = run["invoices"] / run["seconds"], run["contracts"]
    ours = run["cpu"] / run["invoices"]
    return [
        Figure("billing run: contracts", n, n / run["seconds"], "contracts/s"),
        Figure("billing run vs COPY with constraints", n, rate, "invoices/s", run["invoices"] / full,
               full / run["seconds"], 0.5),
        Figure("billing run vs COPY, btree only", n, rate, "invoices/s", run["invoices"] / lean,
               lean / run["seconds"], 0.2),
        Figure("CPU of an ORM loop vs billing run", n, ours * 1e6, "us/invoice", orm * 1e6, orm / ours, 25),
        Figure("rate at ten times the contracts vs a tenth", LARGE, large, "contracts/s", small, large / small, 0.9),
        Figure("two workers vs one", n, n / two, "contracts/s", n / one, one / two, 1.3),
        absolute("memory growth of a billing run", n, run["memory"], "MB", 64, "lower"),
    ]  # fmt: skip


def _disconnect() -> None:
    from django.db import connections  # noqa: PLC0415

    connections.close_all()


def confirmed_run() -> Any:
    """A run that is confirmed and not yet issued."""
    from kundenkontor.billing.commands import preview_run, start_run  # noqa: PLC0415
    from kundenkontor.billing.models import BillingRun  # noqa: PLC0415
    from kundenkontor.events.actor import SYSTEM  # noqa: PLC0415
    from kundenkontor.parties.models import Seller  # noqa: PLC0415

    run = start_run(Seller.objects.get(short_name="bench"), UNTIL, on=DUE, actor=SYSTEM)
    preview_run(run)
    BillingRun.objects.filter(pk=run.pk).update(state="running", issue_date=DUE)
    run.refresh_from_db()
    return run


def time_run() -> dict[str, float]:
    """Issue everything in this process. Seconds, CPU of client and backend, growth of memory after the first chunk."""
    from django.db import connection  # noqa: PLC0415

    from kundenkontor.billing.commands import finish_run, run_chunks  # noqa: PLC0415
    from kundenkontor.events.actor import SYSTEM  # noqa: PLC0415

    run = confirmed_run()
    checkpoint()
    memory: list[float] = []
    backend = connection.connection.info.backend_pid
    cpu, started = time.process_time() + cpu_seconds(backend), time.perf_counter()
    run_chunks(run, actor=SYSTEM, progress=lambda done, of: memory.append(memory_mb()))
    seconds = time.perf_counter() - started
    cpu = time.process_time() + cpu_seconds(backend) - cpu
    finish_run(run, on=DUE, actor=SYSTEM)
    run.refresh_from_db()
    growth = max(memory) - memory[min(1, len(memory) - 1)]
    counts = {"invoices": run.result["invoices"], "contracts": run.result["charges"]}
    return {"seconds": seconds, "cpu": cpu, "memory": growth, **counts}


def checkpoint() -> None:
    """Flush what filling the database left, so that every measurement starts alike."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def dump_rows(cluster: Cluster, database: str) -> list[dict[str, bytes]]:
    """The rows the run wrote, per chunk and table, as COPY text."""
    chunks: list[dict[str, bytes]] = []
    with cluster.connect(database) as connection:
        spans = connection.execute(
            "SELECT first_customer_id, last_customer_id FROM billing_billingchunk WHERE invoices > 0 ORDER BY position"
        ).fetchall()
        for first, last in spans:
            within = f"BETWEEN {first} AND {last}"
            queries = {table: f"SELECT * FROM {table} WHERE customer_id {within}" for table in TABLES}
            queries["ledger_journalentry"] = (
                "SELECT e.* FROM ledger_journalentry e JOIN (SELECT DISTINCT entry_id FROM ledger_posting"
                f" WHERE customer_id {within}) p ON p.entry_id = e.id"
            )
            queries["events_event"] += " AND name = 'invoice.issued'"
            chunks.append({table: _copy_out(connection, query) for table, query in queries.items()})
    return chunks


def _copy_out(connection: psycopg.Connection[Any], query: str) -> bytes:
    buffer = io.BytesIO()
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as copy:
        for data in copy:
            buffer.write(data)
    return buffer.getvalue()


def time_copy(cluster: Cluster, base: str, chunks: list[dict[str, bytes]], *, lean: bool) -> float:
    """Seconds to COPY the same rows in the same transactions, into the tables or into copies with btree indexes only."""
    with fresh(cluster, "bench_copy", base), cluster.connect("bench_copy") as admin:
        prefix = ""
        if lean:
            prefix = "lean_"
            for table in TABLES:
                admin.execute(f"CREATE TABLE lean_{table} (LIKE {table} INCLUDING INDEXES)")
                admin.execute(f"GRANT INSERT ON lean_{table} TO {APP_ROLE}")
        with cluster.connect("bench_copy", APP_ROLE) as connection:
            started = time.perf_counter()
            for chunk in chunks:
                with connection.transaction(), connection.cursor() as cursor:
                    for table in TABLES:
                        with cursor.copy(f"COPY {prefix}{table} FROM STDIN") as copy:
                            copy.write(chunk[table])
            return time.perf_counter() - started


def orm_cpu_per_invoice(cluster: Cluster, run_database: str, base: str) -> float:
    """CPU seconds (client and backend) per invoice of writing the same rows one by one through the ORM."""
    from django.apps import apps  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    models = {model._meta.db_table: model for model in apps.get_models()}
    from kundenkontor.invoicing.models import Invoice  # noqa: PLC0415

    ids = list(Invoice.objects.order_by("id").values_list("id", flat=True)[:ORM_INVOICES])
    customers = list(Invoice.objects.filter(pk__in=ids).values_list("customer_id", flat=True))
    entries = list(
        models["ledger_posting"].objects.filter(customer_id__in=customers).values_list("entry_id", flat=True)
    )
    rows: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        queryset = models[table].objects.all()
        if table == "ledger_journalentry":
            queryset = queryset.filter(pk__in=entries)
        else:
            queryset = queryset.filter(customer_id__in=customers)
        if table == "events_event":
            queryset = queryset.filter(name="invoice.issued")
        names = [field.attname for field in models[table]._meta.concrete_fields if field.column]
        rows[table] = list(queryset.values(*names))
    _disconnect()
    with fresh(cluster, "bench_orm", base):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        backend = connection.connection.info.backend_pid
        cpu = time.process_time() + cpu_seconds(backend)
        with transaction.atomic():
            for table in TABLES:
                for row in rows[table]:
                    models[table](**row).save(force_insert=True)
        cpu = time.process_time() + cpu_seconds(backend) - cpu
    from tests.benchmarks.server import use_database  # noqa: PLC0415

    use_database(cluster, run_database)
    return cpu / len(ids)


def time_workers(cluster: Cluster, workers: int) -> float:
    """Seconds in which this many processes issue a run, measured from when all are ready."""
    with fresh(cluster, "bench_workers", "bench_base"):
        run = confirmed_run()
        _disconnect()
        command = [sys.executable, "-m", "tests.benchmarks.billing", str(run.pk)]
        processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(workers)]
        for process in processes:
            assert process.stdout and process.stdout.readline().strip() == b"ready"
        started = time.perf_counter()
        for process in processes:
            assert process.stdin
            process.stdin.write(b"go\n")
            process.stdin.close()
        codes = [process.wait() for process in processes]
        assert not any(codes), codes
        return time.perf_counter() - started


def rate_at(cluster: Cluster, contracts: int) -> float:
    """Contracts per second of a run over this many contracts."""
    with fresh(cluster, "bench_size"):
        fill(contracts)
        run = time_run()
        return run["contracts"] / run["seconds"]


def work(run_id: int) -> None:
    """A worker process of ``time_workers``."""
    import django  # noqa: PLC0415

    django.setup()
    from kundenkontor.billing.commands import run_chunks  # noqa: PLC0415
    from kundenkontor.billing.models import BillingRun  # noqa: PLC0415
    from kundenkontor.events.actor import SYSTEM  # noqa: PLC0415

    run = BillingRun.objects.get(pk=run_id)
    print("ready", flush=True)
    sys.stdin.readline()
    run_chunks(run, actor=SYSTEM)


if __name__ == "__main__":
    work(int(sys.argv[1]))
