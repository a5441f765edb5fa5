"""Contracts to bill, and a month billed from preview to completeness report."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from kundenkontor.billing.models import BillingRun, Charge
from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.parties.models import Customer, Seller
from tests.support.builders import CLARA


def product(seller: Seller, code: str = "webhosting-s", **changes: Any) -> Product:
    """A product of a seller, made once."""
    values = {"name": code.title(), "group": "webhosting", **changes}
    return Product.objects.get_or_create(seller=seller, code=code, defaults=values)[0]


def hosting(customer: Customer, number: str, price: str = "10.00", **changes: Any) -> Contract:
    """A monthly contract since 1 December 2026; ``price`` is net per period."""
    values: dict[str, Any] = {"period_months": 1, "start_date": date(2026, 12, 1)}
    values["product"] = changes.pop("product", None) or product(customer.seller)
    is_gross = changes.pop("is_gross", False)
    contract = Contract.objects.create(seller=customer.seller, customer=customer, number=number, **values | changes)
    ContractPrice.objects.create(
        contract=contract,
        customer=customer,
        valid_from=contract.start_date,
        amount=Decimal(price),
        is_gross=is_gross,
    )
    return contract


def bill(seller: Seller, until: date, *, on: date | None = None, per_chunk: int = 5000) -> BillingRun:
    """A whole run: preview, confirm, chunks, report."""
    issue_date = on or until.replace(day=1)
    run = start_run(seller, until, on=issue_date, actor=CLARA, per_chunk=per_chunk)
    preview_run(run)
    confirm_run(run, issue_date=issue_date, actor=CLARA)
    run_chunks(run, actor=CLARA)
    assert finish_run(run, on=issue_date, actor=CLARA)
    run.refresh_from_db()
    return run


def periods_of(contract: Contract) -> list[tuple[date, date]]:
    """What a contract was billed on, in order."""
    charges = Charge.objects.filter(contract=contract, kind="recurring").order_by("period_start")
    return [(charge.period_start, charge.period_end) for charge in charges]
