"""What is due in a range of customers: contracts with their billed state, prices, one-off items, cancelled charges."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from kundenkontor.contracts.periods import anniversary_on
from kundenkontor.invoicing.drafting.pricing import PriceRow
from kundenkontor.kernel.bulk import DECIMALS


class DueContract(NamedTuple):
    """A contract with a period or set-up fee that may be due. ``billed_to`` is the end of its last recurring charge."""

    id: int
    customer_id: int
    number: str
    product_id: int
    description: str
    identifier: str
    quantity: Decimal
    period_months: int
    start_date: date
    end_date: date | None
    cut_over_date: date | None
    discount_percent: Decimal
    discount_until: date | None
    set_up_fee: Decimal
    order_number: str
    buyer_reference: str
    cost_centre: str
    billed_to: date | None
    owes_set_up: bool


class ActiveContract(NamedTuple):
    """A contract that a customer has running, in the quantity it was last billed with."""

    id: int
    quantity: Decimal
    period_months: int
    start_date: date
    billed_to: date | None


class OneOff(NamedTuple):
    """A one-off item that is not billed yet."""

    id: int
    customer_id: int
    contract_id: int | None
    contract_number: str
    product_code: str
    unit: str
    name: str
    description: str
    quantity: Decimal
    net_price: Decimal
    discount_percent: Decimal
    service_start: date
    service_end: date
    order_number: str
    buyer_reference: str


class CancelledCharge(NamedTuple):
    """A charge whose document was cancelled to be billed again, with the line as it was."""

    charge_id: int
    correction_id: int
    customer_id: int
    contract_id: int | None
    contract_number: str
    kind: str
    article_number: str
    item_name: str
    description: str
    identifier: str
    cost_centre: str
    unit: str
    quantity: Decimal
    base_quantity: Decimal
    net_price: Decimal
    agreed_gross: Decimal | None
    discount_percent: Decimal
    period_start: date
    period_end: date
    vat_rate: Decimal
    order_number: str
    buyer_reference: str


_CONTRACTS = """
SELECT c.id, c.customer_id, c.number, c.product_id, c.description, c.identifier, c.quantity::text, c.period_months,
       c.start_date, c.end_date, c.cut_over_date, c.discount_percent::text, c.discount_until, c.set_up_fee::text,
       c.order_number, c.buyer_reference, c.cost_centre, billed.period_end,
       c.set_up_fee > 0 AND (c.cut_over_date IS NULL OR c.start_date >= c.cut_over_date) AND NOT EXISTS (
           SELECT 1 FROM billing_charge s WHERE s.contract_id = c.id AND s.kind = 'set_up')
FROM contracts_contract c
LEFT JOIN LATERAL (
    SELECT max(l.period_end) AS period_end FROM billing_charge l WHERE l.contract_id = c.id AND l.kind = 'recurring'
) billed ON true
WHERE c.seller_id = %s AND c.customer_id BETWEEN %s AND %s AND c.start_date <= %s
  AND (billed.period_end IS NULL OR billed.period_end < %s
       AND (c.end_date IS NULL OR billed.period_end < c.end_date))
ORDER BY c.customer_id, c.id
"""

# What a contract's periods rest on stays until the charges are committed; lines refer to it anyway (KEY SHARE).
_LOCK_CONTRACTS = "FOR KEY SHARE OF c"

# contract by contract along the index: a join of its own choice reads all prices for every chunk
_PRICES = """
SELECT p.contract_id, p.valid_from, p.amount::text, p.is_gross
FROM contracts_contract c
CROSS JOIN LATERAL (SELECT * FROM contracts_contractprice p WHERE p.contract_id = c.id OFFSET 0) p
WHERE c.seller_id = %s AND c.customer_id BETWEEN %s AND %s ORDER BY p.contract_id, p.valid_from
"""

_ONE_OFFS = """
SELECT o.id, o.customer_id, o.contract_id, coalesce(c.number, ''), coalesce(p.code, ''), coalesce(p.unit, 'C62'),
       o.name, o.description, o.quantity, o.net_price, o.discount_percent, o.service_start, o.service_end,
       coalesce(c.order_number, ''), coalesce(c.buyer_reference, '')
FROM billing_oneoffitem o
LEFT JOIN contracts_contract c ON c.id = o.contract_id
LEFT JOIN catalog_product p ON p.id = o.product_id
WHERE o.seller_id = %s AND o.customer_id BETWEEN %s AND %s AND o.service_start <= %s AND o.discarded_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM billing_charge b WHERE b.one_off_item_id = o.id)
ORDER BY o.customer_id, o.id
FOR SHARE OF o
"""

# what a cancellation took back: the whole line, or what partial corrections had left of it
_CANCELLED = """
SELECT l.charge_id, k.invoice_id, l.customer_id, l.contract_id, l.contract_number, l.kind, l.article_number,
       l.item_name, l.description, l.identifier, l.cost_centre, back.unit, back.quantity, back.base_quantity,
       back.net_price, back.agreed_gross, back.discount_percent, back.period_start, back.period_end, l.vat_rate,
       coalesce(c.order_number, ''), coalesce(c.buyer_reference, '')
FROM invoicing_correction k
JOIN invoicing_invoice o ON o.id = k.original_id
JOIN invoicing_invoiceline l ON l.invoice_id = k.original_id AND l.charge_id IS NOT NULL
JOIN invoicing_invoiceline back ON back.invoice_id = k.invoice_id AND back.corrected_position = l.position
LEFT JOIN contracts_contract c ON c.id = l.contract_id
WHERE k.is_billed_again AND o.seller_id = %s AND k.customer_id BETWEEN %s AND %s
  AND NOT EXISTS (
      SELECT 1 FROM invoicing_chargerebilling r WHERE r.charge_id = l.charge_id AND r.correction_id = k.invoice_id)
  AND NOT EXISTS (SELECT 1 FROM invoicing_manualdraftline d WHERE d.charge_id = l.charge_id)
ORDER BY l.customer_id, l.charge_id
"""

# a cut line has quantity = pieces x days
_ACTIVE = """
SELECT c.id,
       coalesce(CASE WHEN l.unit = 'DAY' AND l.base_quantity <> 1 THEN l.quantity / (l.period_end - l.period_start + 1)
                ELSE l.quantity END, c.quantity),
       c.period_months, c.start_date, billed.period_end, billed.period_start, c.quantity
FROM contracts_contract c
LEFT JOIN LATERAL (
    SELECT b.invoice_id, b.position, b.period_start, b.period_end FROM billing_charge b
    WHERE b.contract_id = c.id AND b.kind = 'recurring' ORDER BY b.period_end DESC LIMIT 1
) billed ON true
LEFT JOIN invoicing_invoiceline l ON l.invoice_id = billed.invoice_id AND l.position = billed.position
WHERE c.seller_id = %s AND c.customer_id = %s AND c.start_date <= %s
  AND (c.end_date IS NULL OR c.end_date >= %s OR c.id = ANY(%s))
"""


def _contract(row: tuple[Any, ...]) -> DueContract:
    """Amounts come as text: few different ones recur, and each is made a Decimal once."""
    id_, owner, number, product, text, name, quantity, months, start, end, cut_over, discount, until, fee, *more = row
    return DueContract(
        id_, owner, number, product, text, name, DECIMALS[quantity], months, start, end, cut_over,
        DECIMALS[discount], until, DECIMALS[fee], *more,
    )  # fmt: skip


def _by_first(rows: Iterable[Any], column: int) -> dict[int, list[Any]]:
    return {key: list(group) for key, group in groupby(rows, key=itemgetter(column))}


class Due(NamedTuple):
    """Everything due in a range of customers, by customer (prices by contract)."""

    contracts: dict[int, list[DueContract]]
    prices: dict[int, list[PriceRow]]
    one_offs: dict[int, list[OneOff]]
    cancelled: dict[int, list[CancelledCharge]]

    @property
    def customer_ids(self) -> list[int]:
        return sorted({*self.contracts, *self.one_offs, *self.cancelled})


def read_due(seller_id: int, first_id: int, last_id: int, billed_until: date, *, lock: bool = False) -> Due:
    """Read what may be due for customers ``first_id`` to ``last_id``, with a handful of statements.

    ``lock``: whoever changes one of the contracts waits until commit, and then finds it billed.
    """
    span = [seller_id, first_id, last_id]
    with connection.cursor() as cursor:
        cursor.execute(_CONTRACTS + _LOCK_CONTRACTS * lock, [*span, billed_until, billed_until])
        contracts = _by_first(map(_contract, cursor.fetchall()), 1)
        cursor.execute(_PRICES, span)
        prices: dict[int, list[PriceRow]] = {}
        for contract_id, valid_from, amount, is_gross in cursor.fetchall():
            prices.setdefault(contract_id, []).append(PriceRow(contract_id, valid_from, DECIMALS[amount], is_gross))
        cursor.execute(_ONE_OFFS, [*span, billed_until])
        one_offs = _by_first(map(OneOff._make, cursor.fetchall()), 1)
        cursor.execute(_CANCELLED, span)
        cancelled = _by_first(map(CancelledCharge._make, cursor.fetchall()), 2)
    return Due(contracts, prices, one_offs, cancelled)


def read_active(seller_id: int, billed_until: date, customer_id: int, charged: Collection[int]) -> list[ActiveContract]:
    """The contracts a customer has running in the month that is billed, and those that are ``charged`` in any case."""
    month = billed_until.replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE, [seller_id, customer_id, billed_until, month, list(charged)])
        return [_active(ActiveContract._make(row), start, quantity) for *row, start, quantity in cursor.fetchall()]


def _active(billed: ActiveContract, period_start: date | None, quantity: Decimal) -> ActiveContract:
    """The rest of a cut period may have been billed as a sum: not its line tells the quantity, its contract does."""
    if billed.billed_to is None:
        return billed
    whole_start = anniversary_on(billed.start_date, billed.period_months, billed.billed_to)
    return billed if whole_start == period_start else billed._replace(quantity=quantity)
