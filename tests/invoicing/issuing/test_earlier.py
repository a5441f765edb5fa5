"""What is open of earlier documents stands on the next one and in its mail: only what is due and owed on balance."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.invoicing.papers.letters import delivering_letter
from kundenkontor.invoicing.writing_off.commands import write_off_invoice
from kundenkontor.parties.facts import freeze_buyer_facts, freeze_seller_facts
from kundenkontor.parties.models import Customer, Seller
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, line
from tests.support.money import pay

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=30)  # the terms are seven days


def booking(**changes: Any) -> Seller:
    """A seller who says that payments are booked."""
    return alpenhost(**{"payments_booked_until": LATER} | changes)


def said(customer: Customer, on: date = LATER) -> str:
    """What the next invoice says of earlier ones."""
    return issue(customer, on=on).note.replace("\u00a0", " ")


def test_the_next_invoice_names_what_is_due_and_asks_for_no_cent_more() -> None:
    customer = ada(booking())
    first, second = issue(customer), issue(customer, line("20.00"))

    later = issue(customer, on=LATER)

    note = later.note.replace("\u00a0", " ")
    assert note.startswith("Offen aus früheren Rechnungen (Zahlungen bis 22.12.2026 berücksichtigt): 36,00 EUR")
    assert first.number in note and second.number in note and "nicht enthalten" in note
    assert later.amount_due == Decimal("12.00")
    document = freeze_invoices([later.pk])[later.pk].invoice
    assert (document.notes, document.amount_due, document.paid_amount) == ((later.note,), Decimal("12.00"), Decimal(0))
    assert not check_books()


def test_its_mail_says_the_same() -> None:
    customer = ada(booking(), language="en")
    issue(customer)
    later = Invoice.objects.select_related("seller_snapshot", "customer_snapshot").get(pk=issue(customer, on=LATER).pk)

    paragraphs = delivering_letter(later, None).write("en").paragraphs

    assert later.note.startswith("Open from earlier invoices") and later.note in paragraphs


def test_of_many_documents_the_count_is_named() -> None:
    customer = ada(booking())
    for _ in range(4):
        issue(customer)

    assert "48,00 EUR (4 Belege)" in said(customer)


@pytest.mark.parametrize(
    "changes",
    [
        {"payments_booked_until": None},  # nobody knows what was paid
        {"payments_booked_until": TODAY + timedelta(days=6)},  # not due by then
        {"reminds_from_amount": Decimal("12.01")},
    ],
)
def test_nothing_is_said_where_nobody_would_be_reminded(changes: dict[str, Any]) -> None:
    customer = ada(booking(**changes))
    issue(customer)

    assert said(customer) == ""


def test_what_is_paid_cancelled_written_off_or_another_customers_is_not_open() -> None:
    seller = booking()
    customer = ada(seller)
    paid, cancelled, lost = (issue(customer) for _ in range(3))
    pay(customer, "12.00", allocations=[(paid.open_item_id, Decimal("12.00"))])
    cancel_invoice(cancelled, bill_again=False, reason="wrong", on=TODAY, actor=CLARA)
    write_off_invoice(lost, reason="insolvent", on=TODAY, actor=CLARA)
    issue(bob(seller))

    assert said(customer) == ""


def test_a_balance_is_deducted_and_what_it_covers_is_not_mentioned() -> None:
    customer = ada(booking())
    issue(customer, line("20.00"))
    pay(customer, "10.00", allocations=[])

    assert "14,00 EUR (RE2026000001, abzüglich Ihres Guthabens von 10,00 EUR)" in said(customer)
    pay(customer, "26.00", LATER, on=LATER, allocations=[])
    assert said(customer) == ""


def test_corrections_say_nothing_and_a_draft_that_bills_again_keeps_only_the_note_by_hand() -> None:
    customer = ada(booking())
    issue(customer)
    later = issue(customer, on=LATER, note="Danke.")
    assert later.note.startswith("Danke.\nOffen aus früheren")

    cancelled = cancel_invoice(later, bill_again=True, reason="wrong", on=LATER, actor=CLARA)

    assert Invoice.objects.get(pk=cancelled.correction.id).note == ""
    assert cancelled.draft is not None and cancelled.draft.note == "Danke."


def test_of_several_documents_issued_together_one_says_it() -> None:
    seller = booking()
    customer = ada(seller)
    issue(customer)
    facts, buyers = freeze_seller_facts(seller.pk), freeze_buyer_facts(seller.pk, customer.pk, customer.pk)
    drafts = [InvoiceDraft(facts, buyers[customer.pk], [line()]) for _ in range(2)]

    issue_invoices(drafts, issue_date=LATER, actor=CLARA)

    assert [bool(one.note) for one in Invoice.objects.filter(issue_date=LATER).order_by("pk")] == [True, False]
