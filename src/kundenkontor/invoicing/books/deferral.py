"""Deferred income at a year's end: what was invoiced until a day for service after it (§ 250 HGB, § 198 Abs. 6 UGB).

A line is shared by the days of its period; what is left of it at each year's end is rounded once, so that the years add
up to the line. Corrections count negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from kundenkontor.invoicing.books.queries import Params

PAGE = 1000
EVERYTHING = 100_000_000


class DeferredLine(NamedTuple):
    """A line whose period ends after the day; ``deferred`` is its net amount for the days after it."""

    invoice_id: int
    position: int
    number: str
    issue_date: date
    customer_number: str
    item_name: str
    period_start: date
    period_end: date
    net_amount: Decimal
    deferred: Decimal


class DeferredSum(NamedTuple):
    """What belongs to a later year, per VAT case, as revenue is booked."""

    year: int
    category: str
    rate: Decimal
    country: str
    deferred: Decimal


_LINES = """
line AS (
    SELECT i.id, l.position, i.number, i.issue_date, i.customer_id, l.item_name, l.period_start, l.period_end,
           l.vat_category, l.vat_rate, i.sign * l.net_amount AS net,
           l.period_end - l.period_start + 1 AS days
    FROM invoicing_invoice i JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    WHERE i.seller_id = %(seller)s AND i.issue_date <= %(day)s AND i.period_end > %(day)s AND l.period_end > %(day)s
      AND l.net_amount <> 0
)
"""

_LIST = f"""
WITH {_LINES}
SELECT line.id, position, line.number, issue_date, c.number, item_name, period_start, period_end, net,
       round(net * least(period_end - %(day)s::date, days) / days, 2)
FROM line JOIN parties_customer c ON c.id = line.customer_id
WHERE (line.id, position) > (%(after_id)s, %(after_position)s) ORDER BY line.id, position LIMIT %(size)s
"""  # nosec B608  # constants

_SUMS = f"""
WITH {_LINES}
SELECT y.year, v.category, v.rate, v.country,
       sum(round(net * least(period_end - greatest(%(day)s::date, make_date(y.year - 1, 12, 31)), days) / days, 2)
           - round(net * greatest(least(period_end - make_date(y.year, 12, 31), days), 0) / days, 2))
FROM line
JOIN invoicing_vatbreakdown v
    ON (v.invoice_id, v.category, v.rate) = (line.id, line.vat_category, line.vat_rate)
CROSS JOIN LATERAL generate_series(
    extract(year FROM %(day)s::date + 1)::int, extract(year FROM period_end)::int
) AS y(year)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4, 3
"""  # nosec B608  # constants


def deferred_lines(
    seller_id: int, day: date, *, after: tuple[int, int] = (0, 0), size: int = PAGE
) -> list[DeferredLine]:
    """Lines with something to defer at the end of a day, in order of the documents; the page after the line named."""
    params: Params = {"seller": seller_id, "day": day, "after_id": after[0], "after_position": after[1], "size": size}
    with connection.cursor() as cursor:
        cursor.execute(_LIST, params)
        return [DeferredLine(*row) for row in cursor.fetchall()]


def iterate_deferred_lines(seller_id: int, day: date) -> Iterator[DeferredLine]:
    """All of them, for a file."""
    yield from deferred_lines(seller_id, day, size=EVERYTHING)


def deferred_sums(seller_id: int, day: date) -> list[DeferredSum]:
    """What is to be deferred at the end of a day, by the year that it belongs to."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"seller": seller_id, "day": day})
        return [row for row in map(DeferredSum._make, cursor.fetchall()) if row.deferred]
