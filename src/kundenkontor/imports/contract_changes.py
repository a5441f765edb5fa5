"""Writing changed contracts: what may change, and the price from the next unbilled period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from kundenkontor.contracts.models import ContractPrice
from kundenkontor.imports.known import KnownContract
from kundenkontor.imports.writing import PlannedContract, copy_objects, effective_cut_over, update_rows

CONTRACT_TYPES = {
    "customer_id": "bigint",
    "product_id": "bigint",
    "description": "text",
    "identifier": "text",
    "period_months": "integer",
    "start_date": "date",
    "end_date": "date",
    "cut_over_date": "date",
    "discount_percent": "numeric",
    "discount_until": "date",
}


def update_contracts(
    changed: Sequence[PlannedContract],
    customer_ids: dict[str, int],
    product_ids: dict[str, int],
    cut_over_date: date | None,
) -> None:
    """Write changed contracts. A contract that moves to another customer gets its prices anew (its key changes)."""
    moved = [planned for planned in changed if "customer_number" in _fields(planned)]
    # pghistory's triggers keep what is deleted
    ContractPrice.objects.filter(contract_id__in=[_known(planned).id for planned in moved]).delete()
    rows = [_contract_values(planned, customer_ids, product_ids, cut_over_date) for planned in changed]
    update_rows("contracts_contract", CONTRACT_TYPES, rows)
    _write_prices(changed, customer_ids)


def _known(planned: PlannedContract) -> KnownContract:
    assert planned.known is not None
    return planned.known


def _fields(planned: PlannedContract) -> dict[str, object]:
    return {change.field: change.after for change in planned.changes}


def _contract_values(
    planned: PlannedContract, customer_ids: dict[str, int], product_ids: dict[str, int], cut_over_date: date | None
) -> tuple[object, ...]:
    known, after = _known(planned), _fields(planned)
    cut_over = known.cut_over_date
    if "start_date" in after:
        cut_over = effective_cut_over(planned.row.start_date, cut_over_date or known.cut_over_date)
    return (
        known.id,
        customer_ids[planned.row.customer_number],
        product_ids[planned.row.product_code],
        after.get("description", known.description),
        after.get("identifier", known.identifier),
        planned.row.period_months,
        planned.row.start_date,
        after.get("end_date", known.end_date),
        cut_over,
        after.get("discount_percent", known.discount_percent),
        after.get("discount_until", known.discount_until),
    )


def _write_prices(changed: Sequence[PlannedContract], customer_ids: dict[str, int]) -> None:
    """Overwrite the price that nothing was billed by yet, else add one that holds from the next unbilled period."""
    in_place: list[tuple[int, Decimal, date, bool]] = []
    added: list[ContractPrice] = []
    for planned in changed:
        known, after = _known(planned), _fields(planned)
        if not after.keys() & {"net_price", "start_date", "customer_number"}:
            continue
        row = planned.row
        price_id = None if "customer_number" in after else known.price_id
        if price_id is not None and known.price_from is not None and is_unbilled(known, known.price_from):
            is_first = known.price_from == known.start_date  # the first price begins with the contract
            in_place.append((price_id, row.net_price, row.start_date if is_first else known.price_from, False))
            continue
        added.append(
            ContractPrice(
                contract_id=known.id,
                customer_id=customer_ids[row.customer_number],
                valid_from=first_unbilled_day(known, row.start_date),
                amount=row.net_price,
            )
        )
    types = {"amount": "numeric", "valid_from": "date", "is_gross": "boolean"}
    update_rows("contracts_contractprice", types, in_place)
    copy_objects(added)


def is_unbilled(known: KnownContract, price_from: date) -> bool:
    """Whether no billed period can have used a price that holds from that day."""
    return known.billed_until is None or price_from > known.billed_until


def first_unbilled_day(known: KnownContract, start_date: date) -> date:
    """The day from which a new price holds."""
    return start_date if known.billed_until is None else known.billed_until + timedelta(days=1)
