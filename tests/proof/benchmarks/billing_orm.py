"""The comparison every framework invites: one customer, one contract, one row after the other through the ORM."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.figures import cpu_seconds
from tests.proof.benchmarks.server import disconnect, fresh, server_pid, use_database

INVOICES = 1666  # as many as a chunk of the run: the same size of transaction
Rows = dict[str, list[dict[str, Any]]]


def orm_cpu_per_invoice(cluster: Cluster, run_database: str, base: str) -> float:
    """CPU seconds (client and backend) per invoice of doing row by row what the run did for its first invoices.

    The loop reads each customer, each of its contracts, that contract's product, prices and last charge, and saves
    each row the run wrote: charges, lines, VAT rows, head, open item, entry, postings, event, and the customer's
    totals. Amounts and texts are taken from the run, so the loop computes nothing: it is the lower bound of an ORM.
    """
    from django.db import transaction

    invoices = _rows_of_run()
    disconnect()
    with fresh(cluster, "bench_orm", base):
        server = server_pid(cluster)
        cpu = time.process_time() + cpu_seconds(server)
        with transaction.atomic():
            for customer_id, rows in invoices:
                _bill(customer_id, rows)
        cpu = time.process_time() + cpu_seconds(server) - cpu
        disconnect()
    use_database(cluster, run_database)
    return cpu / len(invoices)


def _bill(customer_id: int, rows: Rows) -> None:
    from kundenkontor.billing.models import Charge
    from kundenkontor.contracts.models import Contract
    from kundenkontor.parties.models import Customer
    from kundenkontor.receivables.models import CustomerTotals

    customer = Customer.objects.select_related("seller").get(pk=customer_id)
    for contract in Contract.objects.filter(customer=customer).order_by("id"):
        assert contract.product.code
        assert list(contract.prices.order_by("valid_from"))
        assert Charge.objects.filter(contract=contract, kind="recurring").order_by("-period_end").first() is None
    _save(rows)
    totals, _ = CustomerTotals.objects.get_or_create(customer=customer)
    totals.documents += 1
    totals.invoiced_amount += rows["Invoice"][0]["amount_due"]
    totals.open_amount += rows["Invoice"][0]["amount_due"]
    totals.save()


def _save(rows: Rows) -> None:
    for name, model in _models().items():
        for values in rows[name]:
            model(**values).save(force_insert=True)


def _models() -> dict[str, Any]:
    """In the order in which they are saved."""
    from kundenkontor.billing.models import Charge
    from kundenkontor.events.models import Event
    from kundenkontor.invoicing.models import Invoice, InvoiceLine, VatBreakdown
    from kundenkontor.ledger.models import JournalEntry, Posting
    from kundenkontor.receivables.models import OpenItem

    models = (Charge, InvoiceLine, VatBreakdown, Invoice, OpenItem, JournalEntry, Posting, Event)
    return {model.__name__: model for model in models}


def _rows_of_run() -> list[tuple[int, Rows]]:
    """(customer, rows by model) of the first invoices of the run in the current database."""
    models = _models()
    found: dict[int, Rows] = defaultdict(lambda: {name: [] for name in models})
    customers = list(models["Invoice"].objects.order_by("id").values_list("customer_id", flat=True)[:INVOICES])
    entries: dict[int, int] = {}
    for name, model in models.items():
        queryset = model.objects.all()
        if name == "Event":
            queryset = queryset.filter(name="invoice.issued")
        names = [field.attname for field in model._meta.concrete_fields if field.column]
        if name != "JournalEntry":
            for row in queryset.filter(customer_id__in=customers).values(*names):
                found[row["customer_id"]][name].append(row)
                if name == "Posting":
                    entries[row["entry_id"]] = row["customer_id"]
    names = [field.attname for field in models["JournalEntry"]._meta.concrete_fields]
    for row in models["JournalEntry"].objects.filter(pk__in=entries).values(*names):
        found[entries[row["id"]]]["JournalEntry"].append(row)
    return list(found.items())
