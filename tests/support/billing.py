"""Contracts with a price, and runs from preview to the last chunk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.models import Customer, Seller
from tests.support.builders import CLARA, TODAY, contract


def hosting(customer: Customer, price: str = "10.00", *, number: str = "V150001", is_gross: bool = False) -> Contract:
    """A monthly contract from the first of this month."""
    made = contract(customer, number=number)
    made.start_date = TODAY.replace(day=1)
    made.save()
    ContractPrice.objects.create(
        contract=made, customer=customer, valid_from=made.start_date, amount=Decimal(price), is_gross=is_gross
    )
    return made


def bill(seller: Seller, until: date = TODAY) -> list[Invoice]:
    """Preview, confirm and issue everything due; returns what this run issued."""
    run = start_run(seller, until, on=TODAY, actor=CLARA)
    preview_run(run)
    confirm_run(run, issue_date=TODAY, actor=CLARA)
    run_chunks(run, actor=CLARA)
    assert finish_run(run, on=TODAY, actor=CLARA)
    return list(Invoice.objects.filter(batch_id=run.pk).order_by("pk"))
