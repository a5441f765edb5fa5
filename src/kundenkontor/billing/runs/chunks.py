"""Billing one range of customers in one transaction; a killed chunk leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from functools import partial

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import QuerySet

from kundenkontor.billing.drafting.drafting import CustomerPlan, Drafter, PlannedInvoice, ProductFacts
from kundenkontor.billing.drafting.due import Due, read_active, read_due
from kundenkontor.billing.models import BillingChunk, BillingRun, ParkedCustomer
from kundenkontor.billing.reasons import Unexpected
from kundenkontor.catalog.models import Product
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.drafting.commands import Rebilling, write_rebillings
from kundenkontor.invoicing.drafting.taxing import tax_for
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.values import IssuedInvoice
from kundenkontor.kernel.bulk import ISO_DATES, NULL, FreshIds, collector_paused, copy_lines, take_ids
from kundenkontor.kernel.money import MAX_AMOUNT, ZERO
from kundenkontor.parties.facts import BuyerFacts, freeze_buyer_facts, freeze_seller_facts

NOBODY_WAITS = nullcontext()
REFUSED_BY_DATABASE = (IntegrityError, DataError)
CHARGE_COLUMNS = (
    "id, customer_id, contract_id, one_off_item_id, kind, period_start, period_end, previous_end, invoice_id, position"
)


def drafter_for(run: BillingRun) -> Drafter:
    """The facts of a run: seller, products and tax rates as they are now. One per run and process."""
    seller = freeze_seller_facts(run.seller_id)
    rows = Product.objects.filter(seller_id=run.seller_id).values_list("id", "code", "name", "unit", "is_divisible")
    released = ParkedCustomer.objects.filter(run=run, is_released=True)
    return Drafter(
        seller=seller,
        products={row[0]: ProductFacts(*row[1:]) for row in rows},
        billed_until=run.billed_until,
        tax=tax_for(seller),
        active=partial(read_active, seller.id, run.billed_until),
        charge_ids=FreshIds("billing_charge"),
        batch_id=run.pk,
        released={(row.customer_id, row.code): row.measure for row in released},
    )


@collector_paused()
def plan_range(drafter: Drafter, first_id: int, last_id: int) -> list[CustomerPlan]:
    """Plan every customer in the range that has something due."""
    return _plan_all(drafter, *_read_range(drafter, first_id, last_id))


def _read_range(
    drafter: Drafter, first_id: int, last_id: int, *, lock: bool = False
) -> tuple[Due, dict[int, BuyerFacts]]:
    due = read_due(drafter.seller.id, first_id, last_id, drafter.billed_until, lock=lock)
    return due, freeze_buyer_facts(drafter.seller.id, first_id, last_id)


def _plan_all(drafter: Drafter, due: Due, buyers: dict[int, BuyerFacts]) -> list[CustomerPlan]:
    """An unexpected error parks its customer only."""
    plans = []
    for customer_id in due.customer_ids:
        try:
            plan = drafter.plan(buyers[customer_id], due)
        except Exception as error:  # whatever is wrong with one customer stops nobody else
            plan = CustomerPlan(buyers[customer_id], refusals=[Unexpected(error=repr(error)[:200])])
        if plan.invoices or plan.refusals:
            plans.append(plan)
    return plans


def bill_chunk(
    chunk_id: int,
    drafter: Drafter,
    *,
    issue_date: date,
    actor: Actor,
    turn: AbstractContextManager[object] = NOBODY_WAITS,
    is_careful: bool = False,
) -> bool:
    """Bill the customers of a chunk unless that was done. Returns whether this call did it.

    Everything is computed, checked and written before the number series is locked; the chunk is marked done in the
    same transaction, and the chain of charges refuses a period twice whatever happens (I-B2). ``turn`` is held while
    we plan, which waits for no lock of the database: whoever holds the series needs no turn. ``is_careful``: each
    customer is tried alone first; whom the database refuses is parked and stops nobody.
    """
    with transaction.atomic():
        chunk = BillingChunk.objects.select_for_update(skip_locked=True).filter(pk=chunk_id, is_done=False).first()
        if chunk is None:
            return False
        found = _read_range(drafter, chunk.first_customer_id, chunk.last_customer_id, lock=True)
        with turn:
            plans = _plan_all(drafter, *found)
        if is_careful:
            _try_each(plans, issue_date=issue_date, actor=actor)
        _write_chunk(chunk, plans, issue_date=issue_date, actor=actor)
        return True


def _try_each(plans: Sequence[CustomerPlan], *, issue_date: date, actor: Actor) -> None:
    """Write every customer alone and take it back at once; a refusal of the database becomes the customer's."""
    for plan in plans:
        if plan.refusals:
            continue
        try:
            with transaction.atomic():
                issue_planned(plan.invoices, issue_date=issue_date, actor=actor)
                connection.check_constraints()
                transaction.set_rollback(True)
        except REFUSED_BY_DATABASE as error:
            plan.refusals.append(Unexpected(error=str(error).partition("\n")[0][:200]))


def _write_chunk(chunk: BillingChunk, plans: list[CustomerPlan], *, issue_date: date, actor: Actor) -> None:
    parked = [plan for plan in plans if plan.refusals]
    planned = [invoice for plan in plans if not plan.refusals for invoice in plan.invoices]
    park_customers(chunk.run_id, parked, chunk)
    _looked_at(chunk).exclude(customer_id__in=[plan.buyer.id for plan in parked]).delete()  # released, now billed
    issued = issue_planned(planned, issue_date=issue_date, actor=actor)
    chunk.is_done = True
    chunk.invoices = len(issued)
    chunk.charges = sum(len(invoice.charges) for invoice in planned)
    chunk.total_with_vat = sum((invoice.amount_due for invoice in issued), ZERO)
    chunk.save()


def issue_planned(planned: Sequence[PlannedInvoice], *, issue_date: date, actor: Actor) -> list[IssuedInvoice]:
    """Write the charges, then issue their documents, in the caller's transaction."""
    for invoice, invoice_id in zip(planned, take_ids("invoicing_invoice", len(planned)), strict=True):
        invoice.draft.invoice_id = invoice_id
    _write_charges(planned)
    return issue_invoices([invoice.draft for invoice in planned], issue_date=issue_date, actor=actor)


def _write_charges(planned: Sequence[PlannedInvoice]) -> None:
    rebillings: list[Rebilling] = []
    copy_lines("billing_charge", CHARGE_COLUMNS, _charge_lines(planned, rebillings))
    write_rebillings(rebillings)


def _charge_lines(planned: Sequence[PlannedInvoice], rebillings: list[Rebilling]) -> Iterator[str]:
    """Fresh charges as lines for COPY; rebilled ones go to ``rebillings``."""
    for invoice in planned:
        customer_id, invoice_id = invoice.draft.buyer.id, invoice.draft.invoice_id
        for position, (line, charge) in enumerate(zip(invoice.draft.lines, invoice.charges, strict=True), 1):
            kind, contract_id, item_id, start, end, previous, rebills = charge
            if rebills is not None:
                rebillings.append(Rebilling(customer_id, *rebills, invoice_id, position))
                continue
            yield (
                f"{line.source.charge_id}\t{customer_id}\t{contract_id or NULL}\t{item_id or NULL}\t{kind}"
                f"\t{ISO_DATES[start]}\t{ISO_DATES[end]}\t{ISO_DATES[previous] if previous else NULL}"
                f"\t{invoice_id}\t{position}\n"
            )


def _looked_at(chunk: BillingChunk) -> QuerySet[ParkedCustomer]:
    """What is said of the customers in the range of a chunk."""
    span = (chunk.first_customer_id, chunk.last_customer_id)
    return ParkedCustomer.objects.filter(run_id=chunk.run_id, customer__id__range=span)


def park_customers(run_id: int, plans: Sequence[CustomerPlan], chunk: BillingChunk | None = None) -> None:
    """Put customers aside with every reason, replacing what an earlier look at the same range said."""
    if chunk is not None:
        _looked_at(chunk).filter(is_released=False).delete()
    rows = {}
    for plan in plans:
        for refusal in plan.refusals:
            rows[plan.buyer.id, refusal.code] = ParkedCustomer(
                run_id=run_id,
                customer_id=plan.buyer.id,
                code=refusal.code,
                field=refusal.field[:40],
                params=refusal.stored_params(),
                amount=max(-MAX_AMOUNT, min(plan.total_with_vat, MAX_AMOUNT)),
                is_released=False,
            )
    ParkedCustomer.objects.bulk_create(  # who exceeds what was released is parked again
        rows.values(),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["run", "customer", "code"],
        update_fields=["field", "params", "amount", "is_released"],
    )
