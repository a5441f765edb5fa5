"""What PostgreSQL itself takes for the rows of a billing run: COPY of ready text, nothing computed."""

from __future__ import annotations

import io
import time
from typing import Any

import psycopg

from kundenkontor.config.database.postgres import APP_ROLE, Cluster
from tests.proof.benchmarks.server import fresh

# in the order in which a run writes them
TABLES = (
    "billing_charge",
    "invoicing_invoiceline",
    "invoicing_vatbreakdown",
    "ledger_posting",
    "invoicing_invoice",
    "receivables_openitem",
    "ledger_journalentry",
    "events_event",
)


def dump_rows(cluster: Cluster, database: str) -> list[dict[str, bytes]]:
    """The rows the run wrote, per chunk and table, as COPY text."""
    chunks: list[dict[str, bytes]] = []
    with cluster.connect(database) as connection:
        spans = connection.execute(
            "SELECT first_customer_id, last_customer_id FROM billing_billingchunk WHERE invoices > 0 ORDER BY position"
        ).fetchall()
        for first, last in spans:
            within = f"BETWEEN {first} AND {last}"
            queries = {table: f"SELECT * FROM {table} WHERE customer_id {within} ORDER BY 1" for table in TABLES}
            queries["ledger_journalentry"] = (
                "SELECT e.* FROM ledger_journalentry e JOIN (SELECT DISTINCT entry_id FROM ledger_posting"
                f" WHERE customer_id {within}) p ON p.entry_id = e.id ORDER BY 1"
            )
            queries["events_event"] = (
                f"SELECT * FROM events_event WHERE customer_id {within} AND name = 'invoice.issued' ORDER BY 1"
            )
            chunks.append({table: _copy_out(connection, query) for table, query in queries.items()})
    return chunks


def _copy_out(connection: psycopg.Connection[Any], query: str) -> bytes:
    buffer = io.BytesIO()
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as copy:
        for data in copy:
            buffer.write(data)
    return buffer.getvalue()


def time_copy(cluster: Cluster, base: str, chunks: list[dict[str, bytes]], *, lean: bool) -> float:
    """Seconds to COPY the same rows in the same transactions: into the tables, or into copies with btrees only."""
    with fresh(cluster, "bench_copy", base), cluster.connect("bench_copy") as admin:
        prefix = ""
        if lean:
            prefix = "lean_"
            for table in TABLES:
                admin.execute(f"CREATE TABLE lean_{table} (LIKE {table} INCLUDING INDEXES)")
                admin.execute(f"GRANT INSERT ON lean_{table} TO {APP_ROLE}")
        admin.execute("CHECKPOINT")
        with cluster.connect("bench_copy", APP_ROLE) as connection:
            started = time.perf_counter()
            for chunk in chunks:
                with connection.transaction(), connection.cursor() as cursor:
                    for table in TABLES:
                        with cursor.copy(f"COPY {prefix}{table} FROM STDIN") as copy:
                            copy.write(chunk[table])
            return time.perf_counter() - started
