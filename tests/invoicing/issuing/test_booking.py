"""What documents move in the books: by the roles of their lines and the VAT case."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kundenkontor.invoicing.models import Invoice
from kundenkontor.ledger.models import JournalEntry
from tests.support.books import check_books
from tests.support.builders import ada, alpenhost, issue, line

pytestmark = pytest.mark.django_db


def moved_by(invoice: Invoice) -> list[tuple[str, str, Decimal]]:
    """Debited and credited role and amount of each posting."""
    entry = JournalEntry.objects.get(kind="invoice", reference=invoice.number)
    rows = entry.postings.order_by("position")
    return [(row.debit_account.role, row.credit_account.role, row.amount) for row in rows]


def test_an_invoice_moves_revenue_and_vat_case_by_case() -> None:
    invoice = issue(
        ada(alpenhost()),
        line("5.00", rate=Decimal("10.00")),
        line("10.00"),
        line("1.00"),
        line("2.00", quantity="-1"),
    )

    assert moved_by(invoice) == [
        ("receivable", "revenue", Decimal("5.00")),
        ("receivable", "vat_payable", Decimal("0.50")),
        ("receivable", "revenue", Decimal("9.00")),
        ("receivable", "vat_payable", Decimal("1.80")),
    ]


@pytest.mark.invariant("I-T1")
def test_lines_of_an_advance_are_booked_to_the_advance_even_where_the_breakdown_comes_to_nothing() -> None:
    """What an advance invoice taxed is taken off by a line; both lines stand in one VAT group."""
    customer = ada(alpenhost())
    settled_in_part = issue(customer, line("100.00"), line("60.00", quantity="-1", account_role="advance"))
    settled_in_whole = issue(customer, line("100.00"), line("100.00", quantity="-1", account_role="advance"))

    assert moved_by(settled_in_part) == [
        ("receivable", "revenue", Decimal("100.00")),
        ("advance", "receivable", Decimal("60.00")),
        ("receivable", "vat_payable", Decimal("8.00")),
    ]
    assert moved_by(settled_in_whole) == [
        ("receivable", "revenue", Decimal("100.00")),
        ("advance", "receivable", Decimal("100.00")),
    ]
    assert check_books() == []
