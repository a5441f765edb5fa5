"""Invoices written by hand, and cancelled ones issued anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.billing.drafting.due import read_due
from kundenkontor.billing.models import Charge
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.drafting.commands import (
    ManualLine,
    create_draft,
    discard_draft,
    draft_to_invoice,
    edit_draft,
    issue_draft,
    look_at_draft,
)
from kundenkontor.invoicing.errors import DraftGone, DraftsRefused, ForeignLine
from kundenkontor.invoicing.models import ChargeRebilling, Invoice, ManualDraft
from kundenkontor.parties.models import Customer, SellerTaxSetting
from tests.support.billing import bill, hosting
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return ada(alpenhost())


def hand_written(price: str = "10.00", **changes: object) -> ManualLine:
    return ManualLine("Arbeit vor Ort", Decimal(price), TODAY, TODAY, **changes)  # type: ignore[arg-type]


def issued(draft: ManualDraft) -> Invoice:
    return Invoice.objects.get(pk=issue_draft(draft, on=TODAY, actor=CLARA).id)


def cancelled(invoice: Invoice) -> ManualDraft:
    draft = cancel_invoice(invoice, bill_again=True, reason="Wrong name", on=TODAY, actor=CLARA).draft
    assert draft is not None
    return draft


def test_a_draft_has_no_number_until_it_is_issued_once(customer: Customer) -> None:
    draft = create_draft(customer, [hand_written()], on=TODAY, actor=CLARA)
    edit_draft(draft, [hand_written("20.00", quantity=Decimal(2)), hand_written()], note="Danke", on=TODAY, actor=CLARA)
    assert draft_to_invoice(draft).totals.total_with_vat == Decimal("60.00")
    assert not look_at_draft(draft).refusals
    assert not Invoice.objects.exists()

    invoice = issued(draft)

    assert (invoice.amount_due, invoice.note) == (Decimal("60.00"), "Danke")
    with pytest.raises(DraftGone):
        issue_draft(draft, on=TODAY, actor=CLARA)
    with pytest.raises(DraftGone):
        edit_draft(draft, [], on=TODAY, actor=CLARA)
    assert check_books() == []


def test_an_unissuable_draft_says_why(customer: Customer) -> None:
    draft = create_draft(customer, on=TODAY, actor=CLARA)

    assert [refusal.code for refusal in look_at_draft(draft).refusals] == ["no_lines"]
    with pytest.raises(DraftsRefused):
        issue_draft(draft, on=TODAY, actor=CLARA)


@pytest.mark.invariant("I-T2")
def test_the_vat_of_two_countries_does_not_stand_on_one_document() -> None:
    seller = alpenhost()
    SellerTaxSetting.objects.create(seller=seller, kind="oss", valid_from=date(2027, 1, 1), applies=True)
    consumer = bob(seller, country="FR", postal_code="75001")  # 20 % in Austria and in France
    lines = [
        ManualLine("Arbeit", Decimal(100), date(2026, 12, 1), date(2026, 12, 31)),
        ManualLine("Arbeit", Decimal(100), date(2027, 1, 1), date(2027, 1, 31)),
    ]
    draft = create_draft(consumer, lines, on=TODAY, actor=CLARA)

    assert [(found.code, found.params) for found in look_at_draft(draft).refusals] == [
        ("vat_of_two_countries", {"countries": "AT, FR"})
    ]
    with pytest.raises(DraftsRefused, match="AT, FR"):
        issue_draft(draft, on=TODAY, actor=CLARA)
    edit_draft(draft, lines[1:], on=TODAY, actor=CLARA)
    assert issued(draft).vat_breakdown.get().country == "FR"


def test_a_draft_names_no_contract_or_charge_of_others(customer: Customer) -> None:
    foreign = contract(bob(customer.seller), number="V2")

    with pytest.raises(ForeignLine):
        create_draft(customer, [hand_written(contract_id=foreign.pk)], on=TODAY, actor=CLARA)
    with pytest.raises(ForeignLine):
        create_draft(customer, [hand_written(charge_id=1)], on=TODAY, actor=CLARA)


@pytest.mark.invariant("I-B2")
def test_a_cancelled_contract_invoice_is_issued_anew_from_its_draft(customer: Customer) -> None:
    hosting(customer, price="9.99", is_gross=True)
    (invoice,) = bill(customer.seller)
    draft = cancelled(invoice)
    customer.company = "Huber Neu GmbH"
    customer.save()

    again = issued(draft)

    assert again.amount_due == invoice.amount_due == Decimal("9.99")
    assert again.customer_snapshot_id != invoice.customer_snapshot_id
    assert ChargeRebilling.objects.get().charge_id == Charge.objects.get().pk
    assert bill(customer.seller) == []
    assert check_books() == []


@pytest.mark.invariant("I-B2")
def test_a_charge_is_billed_again_on_its_own_contract_only(customer: Customer) -> None:
    other = contract(customer, number="V2")
    hosting(customer, price="9.99")
    (invoice,) = bill(customer.seller)
    draft = cancelled(invoice)
    charge = draft.lines.get().charge_id

    with pytest.raises(ForeignLine):
        edit_draft(draft, [hand_written(charge_id=charge, contract_id=other.pk)], on=TODAY, actor=CLARA)


@pytest.mark.invariant("I-B2")
def test_charges_of_a_discarded_draft_join_the_next_run_once(customer: Customer) -> None:
    hosting(customer, price="10.00")
    (invoice,) = bill(customer.seller)
    draft = cancelled(invoice)
    assert bill(customer.seller) == []  # the draft has them

    discard_draft(draft, on=TODAY, actor=CLARA)
    (again,) = bill(customer.seller)

    assert again.amount_due == invoice.amount_due
    assert bill(customer.seller) == []
    assert check_books() == []


def test_an_invoice_not_billed_any_more_leaves_nothing_due(customer: Customer) -> None:
    hosting(customer, price="10.00")
    (invoice,) = bill(customer.seller)

    done = cancel_invoice(invoice, bill_again=False, reason="", on=TODAY, actor=CLARA)

    assert done.draft is None
    assert bill(customer.seller) == []
    assert read_due(customer.seller_id, customer.pk, customer.pk, TODAY).cancelled == {}


def test_only_the_rest_of_a_corrected_invoice_is_issued_anew(customer: Customer) -> None:
    hosting(customer, price="30.00")
    (invoice,) = bill(customer.seller)
    correct_invoice(invoice, [LineCorrection(1, net_amount=Decimal(10))], reason="", on=TODAY, actor=CLARA)

    again = issued(cancelled(invoice))

    assert again.total_without_vat == Decimal("20.00")
    assert check_books() == []
