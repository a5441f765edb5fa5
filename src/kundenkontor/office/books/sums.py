"""The sums of the Rechnungsausgangsbuch as a file: for UVA, ZM, OSS, by money received, and of all documents."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenkontor.invoicing.books.queries import BookSum, BookSums
from kundenkontor.taxes.words import VAT_CASES
from kundenkontor.web.lists.tables import Column


class SumRow(NamedTuple):
    """A sum and what it is for; rounding and payable amount only of all documents together."""

    what_for: str
    sum: BookSum
    rounding_amount: Decimal | None = None
    amount_due: Decimal | None = None


SUM_COLUMNS = [
    Column(gettext_lazy("Sum for"), lambda row: row.what_for),
    Column(gettext_lazy("VAT id"), lambda row: row.sum.key),
    Column(gettext_lazy("Case"), lambda row: str(VAT_CASES.get(row.sum.category, row.sum.category))),
    Column(gettext_lazy("Country"), lambda row: row.sum.country),
    Column(gettext_lazy("Rate %"), lambda row: row.sum.rate if row.sum.category else None, "number"),
    Column(gettext_lazy("Net"), lambda row: row.sum.taxable_amount, "money"),
    Column(gettext_lazy("VAT"), lambda row: row.sum.tax_amount, "money"),
    Column(gettext_lazy("Gross"), lambda row: row.sum.taxable_amount + row.sum.tax_amount, "money"),
    Column(gettext_lazy("Rounding"), lambda row: row.rounding_amount, "money"),
    Column(gettext_lazy("Payable"), lambda row: row.amount_due, "money"),
]


def sum_rows(sums: BookSums, received: list[BookSum] | None) -> Iterator[SumRow]:
    """Block after block; all documents last."""
    blocks = [
        (_("VAT return (UVA)"), sums.vat_return),
        (_("VAT return (UVA) by money received"), received or []),
        (_("Recapitulative statement (ZM)"), sums.recapitulative),
        (_("One-Stop-Shop (OSS)"), sums.one_stop_shop),
    ]
    for what_for, rows in blocks:
        for row in rows:
            yield SumRow(what_for, row)
    total = BookSum("", Decimal(0), "", "", sums.taxable_amount, sums.tax_amount)
    yield SumRow(_("All documents"), total, sums.rounding_amount, sums.amount_due)
