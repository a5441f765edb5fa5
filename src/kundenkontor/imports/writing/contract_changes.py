"""Writing changed contracts: what may change, and the price from the next unbilled period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from kundenkontor.contracts.models import ContractPrice
from kundenkontor.imports.planning.known import DAY, KnownContract, KnownPrice
from kundenkontor.imports.reading.rows import ContractRow
from kundenkontor.imports.writing.writing import PlannedContract, copy_objects, effective_cut_over, update_rows
from kundenkontor.kernel.money import ZERO

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
    superseded: list[int] = []
    for planned in changed:
        known, row, after = _known(planned), planned.row, _fields(planned)
        if not after.keys() & {"net_price", "start_date", "customer_number"}:
            continue
        is_moved = "customer_number" in after
        price = None if is_moved else _open_price(known, row)
        if price is None:
            customer_id = customer_ids[row.customer_number]
            added += [
                ContractPrice(
                    contract_id=known.id, customer_id=customer_id, valid_from=day, amount=amount, is_gross=is_gross
                )
                for day, amount, is_gross in _new_prices(known, row, is_moved=is_moved)
            ]
            continue
        begins = _first_day_of(price, known, row)
        amount, is_gross = _price_after(known, row)
        in_place.append((price.id, amount, begins, is_gross))
        superseded += [
            each.id for each in known.prices if each != price and each.valid_from <= begins == row.start_date
        ]
    ContractPrice.objects.filter(pk__in=superseded).delete()
    types = {"amount": "numeric", "valid_from": "date", "is_gross": "boolean"}
    update_rows("contracts_contractprice", types, in_place)
    copy_objects(added)


def _open_price(known: KnownContract, row: ContractRow) -> KnownPrice | None:
    """The price of the next unbilled period, unless a period that is done with had it too."""
    price, settled = known.price, _settled_until(known, row)
    return None if price is None or (settled is not None and price.valid_from <= settled) else price


def _price_after(known: KnownContract, row: ContractRow) -> tuple[Decimal, bool]:
    """The row's net price, or the gross one that was agreed, and whether it is gross."""
    return (row.net_price, False) if known.gross_price is None else (known.gross_price.amount, True)


def _new_prices(known: KnownContract, row: ContractRow, *, is_moved: bool) -> Iterator[tuple[date, Decimal, bool]]:
    """From which day the row's price holds. A contract that lost its prices to a move stays free for its free past."""
    settled = _settled_until(known, row)
    if settled is not None and is_moved:
        yield row.start_date, ZERO, False
    yield (row.start_date if settled is None else settled + DAY), *_price_after(known, row)


def _settled_until(known: KnownContract, row: ContractRow) -> date | None:
    """The last day the row's price does not reach. A service that stays free, or begins later, has no such day."""
    settled = known.settled_until
    stays_free = known.billed_until is None and not row.net_price
    return None if settled is None or stays_free or settled < row.start_date else settled


def _first_day_of(price: KnownPrice, known: KnownContract, row: ContractRow) -> date:
    """The first price begins with the contract, and none that holds begins before it."""
    is_first = price.valid_from == known.start_date
    return row.start_date if is_first else max(price.valid_from, row.start_date)
