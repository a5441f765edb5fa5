"""Zahlungen: received, booked or reversed, and what they settled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kundenkontor.payments.commands import reverse_payment
from tests.portal.builders import client_of, house, login
from tests.support.builders import CLARA, TODAY
from tests.support.money import pay

pytestmark = pytest.mark.django_db


@pytest.mark.feature("M1", "M25")
def test_payments_are_received_booked_or_reversed_and_name_what_they_settled() -> None:
    home = house()
    first = home.invoices[0]
    booked = pay(home.ada, first.amount_due, TODAY, reference=first.number, on=TODAY, actor=CLARA)
    waiting = pay(home.ada, Decimal("5"), TODAY, is_waiting=True, on=TODAY, actor=CLARA)
    client = client_of(login("ada", home.ada))
    rows = {row.payment.pk: row for row in client.get("/zahlungen/").context["rows"]}
    assert [one.number for one in rows[booked.pk].settled] == [first.number]
    assert (rows[booked.pk].badge.label, rows[waiting.pk].badge.label) == ("verbucht", "eingegangen")
    reverse_payment(booked, reason="Rücklastschrift", on=TODAY, actor=CLARA)
    rows = {row.payment.pk: row for row in client.get("/zahlungen/").context["rows"]}
    assert rows[booked.pk].badge.label == "storniert" and rows[booked.pk].settled == []
    assert "Rücklastschrift" in client.get("/zahlungen/").content.decode()


def test_an_overpayment_is_shown_as_the_customers_balance() -> None:
    home = house()
    pay(home.ada, Decimal("100"), TODAY, on=TODAY, actor=CLARA)
    text = client_of(login("ada", home.ada)).get("/zahlungen/").content.decode()
    assert "Ihr Guthaben" in text and "70,12" in text
