"""A table of many invoices: issued by a real run, then the same ones again under other numbers and dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.billing_data import DUE, UNTIL, import_contracts
from tests.proof.benchmarks.multiplying import columns_of, set_sequence
from tests.proof.benchmarks.server import disconnect

CONTRACTS = 3_000  # about 1,000 customers, each with one collective invoice
YEARS = 8

# what a copy of a row of ``o`` says; everything else is copied. ``w`` is the wished copy.
INVOICE = {
    "id": "w.id",
    "customer_id": "w.customer_id",
    "number": "w.number",
    "sequence": "w.id",
    "payment_reference": "'RF18' || w.number",
    "issue_date": "w.day",
    "due_date": "w.day + 14",
    "period_start": "w.day",
    "period_end": "w.day + 30",
    "batch_id": "NULL",
    "open_item_id": "w.item_id",
}
PART = {"invoice_id": "w.id", "customer_id": "w.customer_id"}
ITEM = {
    "id": "w.item_id",
    "customer_id": "w.customer_id",
    "number": "w.number",
    "due_date": "w.day + 14",
    "open_amount": "CASE WHEN w.is_open THEN o.original_amount ELSE 0 END",
}
FILE = {"id": "w.id", "paper_id": "w.id", "customer_id": "w.customer_id"}

WISHED = """
CREATE UNLOGGED TABLE wished AS
WITH base AS (
    SELECT id, open_item_id, customer_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
    FROM invoicing_invoice WHERE customer_id <> ALL(%(own)s)
), copies AS (
    SELECT g::float8 / %(others)s AS place, base.id AS base_id, base.open_item_id AS base_item_id, base.customer_id
    FROM generate_series(1, %(others)s) g JOIN base ON base.place = g %% base.total
    UNION ALL
    SELECT g::float8 / wish.documents, first.id, first.open_item_id, wish.customer_id
    FROM unnest(%(own)s::bigint[], %(documents)s::int[]) AS wish(customer_id, documents),
         generate_series(1, documents) g, (SELECT id, open_item_id FROM base ORDER BY id LIMIT 1) AS first
), numbered AS (SELECT row_number() OVER (ORDER BY place, customer_id) AS n, count(*) OVER () AS total, * FROM copies)
SELECT base_id, base_item_id, customer_id, %(last)s + n AS id, %(last_item)s + n AS item_id,
       'RE9' || lpad(n::text, 9, '0') AS number,
       %(due)s::date - ((total - n) * 365 * %(years)s / total)::int AS day, n > total * 0.99 AS is_open
FROM numbered
"""


@dataclass(frozen=True, slots=True)
class Owners:
    """Ids of the customers that are looked at."""

    small: int
    large: int


def fill_invoices(
    cluster: Cluster, database: str, total: int, *, small: int, large: int, with_files: bool = True
) -> Owners:
    """Fill the current, empty database: ``total`` documents in all, of them so many of a small and a large customer.

    Documents of one customer lie as far apart in the table as months of billing put them. One in a hundred is open.
    """
    from kundenkontor.billing.runs.commands import confirm_run, preview_run, run_chunks, start_run
    from kundenkontor.events.actor import SYSTEM
    from kundenkontor.invoicing.models import Invoice
    from kundenkontor.parties.models import Seller

    import_contracts(CONTRACTS)
    seller = Seller.objects.get(short_name="bench")
    run = start_run(seller, UNTIL, on=DUE, actor=SYSTEM)
    preview_run(run)
    confirm_run(run, issue_date=DUE, actor=SYSTEM)
    run_chunks(run, actor=SYSTEM)
    owned = list(Invoice.objects.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:2])
    owners = Owners(*owned)
    if with_files:
        _store_one_file()
    disconnect()
    with cluster.connect(database) as connection:
        connection.execute("SET session_replication_role = replica")
        _copy(connection, owners, total, small, large)
        _totals(connection)
        connection.execute("VACUUM ANALYZE")
    return owners


def _store_one_file() -> None:
    """What the rows of stored PDFs point at: the list shows their size."""
    from kundenkontor.documents.models import StoredFile
    from kundenkontor.invoicing.models import Invoice
    from kundenkontor.kernel.clock import utc_now
    from kundenkontor.papers.models import PaperFile
    from tests.support.papers import key_of

    now = utc_now()
    stored = StoredFile.objects.create(
        sha256="0" * 64, size=40_000, crc32=0, media_type="application/pdf", created_at=now
    )
    PaperFile.objects.bulk_create(
        [
            PaperFile(customer_id=customer_id, **key_of(id_), kind="pdf", file=stored, created_at=now)
            for id_, customer_id in Invoice.objects.values_list("id", "customer_id")
        ],
        batch_size=1000,
    )


def _copy(connection: psycopg.Connection[Any], owners: Owners, total: int, small: int, large: int) -> None:
    made, last, last_item = _one(
        connection,
        "SELECT (SELECT count(*) FROM invoicing_invoice), (SELECT max(id) FROM invoicing_invoice),"
        " (SELECT max(id) FROM receivables_openitem)",
    )
    documents = [max(small - 1, 0), max(large - 1, 0)]
    values = {
        "own": [owners.small, owners.large],
        "documents": documents,
        "others": max(total - made - sum(documents), 1),
        "last": last,
        "last_item": last_item,
        "due": DUE,
        "years": YEARS,
    }
    connection.execute(WISHED, values)
    of_document = "o.invoice_id = w.base_id"
    key = {"invoicing_invoice": ("o.id = w.base_id", INVOICE), "invoicing_invoiceline": (of_document, PART)}
    key |= {"invoicing_vatbreakdown": (of_document, PART), "papers_paperfile": ("o.paper_id = w.base_id", FILE)}
    key |= {"receivables_openitem": ("o.id = w.base_item_id", ITEM)}
    for table, (joined, changes) in key.items():
        columns = columns_of(connection, table)
        copied = ", ".join(changes.get(name, f"o.{name}") for name in columns)
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {copied} FROM wished w JOIN {table} o ON {joined} ORDER BY w.id"
        )
    for table in ("invoicing_invoice", "receivables_openitem", "papers_paperfile"):
        set_sequence(connection, table)
    connection.execute("DROP TABLE wished")


def _totals(connection: psycopg.Connection[Any]) -> None:
    connection.execute("DELETE FROM receivables_customertotals")
    connection.execute(
        "INSERT INTO receivables_customertotals (customer_id, documents, invoiced_amount, open_amount, balance_amount)"
        " SELECT customer_id, count(*), sum(original_amount), sum(open_amount), 0 FROM receivables_openitem GROUP BY 1"
    )


def _one(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return tuple(row)
