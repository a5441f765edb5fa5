"""Writing an import: customers, contacts, products, contracts and prices, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pghistory
from django.db import transaction

from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import (
    CONTRACT_CREATED,
    CONTRACT_UPDATED,
    CUSTOMER_CREATED,
    CUSTOMER_UPDATED,
    IMPORT_FINISHED,
)
from kundenkontor.imports.models import ImportRun
from kundenkontor.imports.planning.plan import ImportPlan
from kundenkontor.imports.planning.queries import plan_for, read_files
from kundenkontor.imports.planning.report import ImportReport, report_of
from kundenkontor.imports.reading.reading import Reading
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.imports.writing.contract_changes import update_contracts
from kundenkontor.imports.writing.numbers import set_next_numbers
from kundenkontor.imports.writing.writing import (
    INSERT_BATCH,
    UPDATE_BATCH,
    PlannedContract,
    PlannedCustomer,
    batches,
    insert_contracts,
    insert_customers,
    update_customers,
)
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Customer, Seller

Progress = Callable[[str, int, int], None]
"""Called with the step ("reading", "comparing", "customers", "contracts"), rows done and rows in all."""


def no_progress(step: str, done: int, total: int) -> None:
    """Nobody is watching."""


def import_files(
    seller: Seller,
    customers: bytes | None,
    contracts: bytes | None,
    *,
    cut_over_date: date | None,
    next_numbers: Mapping[str, int] | None = None,
    names: tuple[str, str] = ("customers.csv", "contracts.csv"),
    on: date,
    actor: Actor,
    progress: Progress = no_progress,
) -> ImportReport:
    """Take the good rows of both files in, in one transaction; the bad ones are in the report.

    ``next_numbers`` maps a kind of NumberSeries to the next number of its series in the year of ``on``.
    Raises UnusableFile, NothingToImport, CutOverDateNeeded, or what ``set_next_numbers`` raises; then nothing was
    written.
    """
    progress("reading", 0, 2)
    readings = read_files(customers, contracts)
    progress("reading", 2, 2)
    files = [
        [name, hashlib.sha256(content).hexdigest()]
        for name, content in zip(names, (customers, contracts), strict=True)
        if content is not None
    ]
    return import_rows(
        seller,
        *readings,
        cut_over_date=cut_over_date,
        next_numbers=next_numbers or {},
        files=files,
        on=on,
        actor=actor,
        progress=progress,
    )


@transaction.atomic
def import_rows(
    seller: Seller,
    customers: Reading[CustomerRow] | None,
    contracts: Reading[ContractRow] | None,
    *,
    cut_over_date: date | None,
    next_numbers: Mapping[str, int] | None = None,
    files: Sequence[Sequence[str]] = (),
    on: date,
    actor: Actor,
    progress: Progress = no_progress,
) -> ImportReport:
    """Write rows that were already read; what ``import_files`` does after reading. One import per seller at a time."""
    Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)
    progress("comparing", 0, 1)
    plan = _plan_and_lock(seller, customers, contracts, on)
    plan.refuse_without_cut_over_date(cut_over_date)
    progress("comparing", 1, 1)
    set_next_numbers(seller, next_numbers or {}, on=on, actor=actor)
    with pghistory.context(actor=actor.label, command="import"):
        _write_customers(seller, plan, on, progress)
        _write_contracts(seller, plan, cut_over_date, progress)
    return _record(seller, plan, cut_over_date, files, on, actor)


def _plan_and_lock(
    seller: Seller, customers: Reading[CustomerRow] | None, contracts: Reading[ContractRow] | None, on: date
) -> ImportPlan:
    """Plan, lock what would change, and plan again: a run may have billed a contract meanwhile, a customer may have
    changed his own data, and an import writes every column of a changed row."""
    plan = plan_for(seller, customers, contracts, on=on)
    changed = [planned.known.id for planned in plan.contracts if planned.known is not None and planned.changes]
    moved = [planned.known.id for planned in plan.customers if planned.known is not None and planned.changes]
    if not changed and not moved:
        return plan
    del plan  # as large as the files
    locked = Contract.objects.select_for_update().filter(pk__in=changed)
    list(locked.order_by("customer_id", "pk").values_list("pk"))  # as a run locks them
    list(Customer.objects.select_for_update().filter(pk__in=moved).order_by("pk").values_list("pk"))
    return plan_for(seller, customers, contracts, on=on)


def _write_customers(seller: Seller, plan: ImportPlan, on: date, progress: Progress) -> None:
    new = [planned.row for planned in plan.customers if planned.known is None]
    changed: list[PlannedCustomer] = [planned for planned in plan.customers if planned.known and planned.changes]
    done, total = 0, len(new) + len(changed)
    for batch in batches(new, INSERT_BATCH):
        insert_customers(seller.pk, batch, on=on)
        progress("customers", done := done + len(batch), total)
    for batch in batches(changed, UPDATE_BATCH):
        update_customers(batch)
        progress("customers", done := done + len(batch), total)


def _write_contracts(seller: Seller, plan: ImportPlan, cut_over_date: date | None, progress: Progress) -> None:
    new = [planned.row for planned in plan.contracts if planned.known is None]
    changed: list[PlannedContract] = [planned for planned in plan.contracts if planned.known and planned.changes]
    product_ids = _make_products(seller, plan)
    customer_ids = _customer_ids(seller, {planned.row.customer_number for planned in plan.contracts})
    done, total = 0, len(new) + len(changed)
    for batch in batches(new, INSERT_BATCH):
        insert_contracts(seller.pk, batch, customer_ids, product_ids, cut_over_date)
        progress("contracts", done := done + len(batch), total)
    for batch in batches(changed, UPDATE_BATCH):
        update_contracts(batch, customer_ids, product_ids, cut_over_date)
        progress("contracts", done := done + len(batch), total)


def _make_products(seller: Seller, plan: ImportPlan) -> dict[str, int]:
    made = Product.objects.bulk_create(
        Product(
            seller=seller, code=product.code, name=product.name, group=product.group, is_divisible=product.is_divisible
        )
        for product in plan.products
    )
    return plan.product_ids | {product.code: product.pk for product in made}


def _customer_ids(seller: Seller, numbers: set[str]) -> dict[str, int]:
    rows = Customer.objects.filter(seller=seller, number__in=numbers)
    return dict(rows.order_by("pk").values_list("number", "id"))


def _record(
    seller: Seller,
    plan: ImportPlan,
    cut_over_date: date | None,
    files: Sequence[Sequence[str]],
    on: date,
    actor: Actor,
) -> ImportReport:
    report = report_of(plan)
    run = ImportRun.objects.create(
        seller=seller,
        imported_at=utc_now(),
        imported_by=actor.label[:150],
        cut_over_date=cut_over_date,
        files=[list(file) for file in files],
        report=report.to_json(),
    )
    payload = {"counts": report.counts, "files": [list(file) for file in files], "errors": len(report.errors)}
    subject = Subject(id=run.pk, reference=f"import {run.pk}", seller_id=seller.pk, payload=payload)
    record_events(IMPORT_FINISHED, [subject], actor=actor, on=on)
    _record_created(seller, plan, on, actor)
    _record_changes(seller, plan, on, actor)
    return replace(report, run_id=run.pk)


def _record_created(seller: Seller, plan: ImportPlan, on: date, actor: Actor) -> None:
    """One event per new row, as whoever creates them by hand records."""
    new = {planned.row.number for planned in plan.customers if planned.known is None}
    customers = [
        Subject(id_, number, customer_id=id_, seller_id=seller.pk, payload={"by": "import"})
        for number, id_ in _customer_ids(seller, new).items()
    ]
    prices = {planned.row.number: planned.row.net_price for planned in plan.contracts if planned.known is None}
    rows = Contract.objects.filter(seller=seller, number__in=list(prices)).order_by("pk")
    contracts = [
        Subject(id_, number, customer_id, seller.pk, {"price": str(prices[number]), "by": "import"})
        for id_, number, customer_id in rows.values_list("id", "number", "customer_id")
    ]
    record_events(CUSTOMER_CREATED, customers, actor=actor, on=on)
    record_events(CONTRACT_CREATED, contracts, actor=actor, on=on)


def _record_changes(seller: Seller, plan: ImportPlan, on: date, actor: Actor) -> None:
    """One event per changed row, so that a customer's history shows it; the values are in the row history."""
    customers = [
        Subject(
            id=planned.known.id,
            reference=planned.row.number,
            customer_id=planned.known.id,
            seller_id=seller.pk,
            payload={"fields": [change.field for change in planned.changes], "by": "import"},
        )
        for planned in plan.customers
        if planned.known and planned.changes
    ]
    changed = [planned for planned in plan.contracts if planned.known and planned.changes]
    customer_ids = _customer_ids(seller, {planned.row.customer_number for planned in changed})
    contracts = [
        Subject(
            id=planned.known.id,
            reference=planned.row.number,
            customer_id=customer_ids[planned.row.customer_number],
            seller_id=seller.pk,
            payload={"fields": [change.field for change in planned.changes], "by": "import"},
        )
        for planned in changed
        if planned.known
    ]
    record_events(CUSTOMER_UPDATED, customers, actor=actor, on=on)
    record_events(CONTRACT_UPDATED, contracts, actor=actor, on=on)
