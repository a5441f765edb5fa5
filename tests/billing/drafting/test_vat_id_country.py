"""A customer that moves to another country, and VAT ids that give no reverse charge."""

from __future__ import annotations

from datetime import date

import pytest

from kundenkontor.billing.models import ParkedCustomer
from kundenkontor.invoicing.models import Invoice
from kundenkontor.parties.customer_commands import change_customer
from tests.billing.builders import bill, hosting
from tests.support.builders import CLARA, ada, alpenhost

pytestmark = pytest.mark.django_db
FIRST, DEC = date(2026, 12, 1), date(2026, 12, 31)


@pytest.mark.invariant("I-T4")
def test_a_checked_vat_id_is_unchecked_again_when_staff_move_its_customer_to_another_country() -> None:
    customer = ada(alpenhost())

    changed = change_customer(customer, {"country": "FR", "postal_code": "75001"}, on=FIRST, actor=CLARA)

    customer.refresh_from_db()
    assert changed == {"country", "postal_code", "vat_id_state"}
    assert (customer.vat_id, customer.vat_id_state) == ("ATU87654325", "unchecked")
    change_customer(customer, {"city": "Paris"}, on=FIRST, actor=CLARA)
    assert change_customer(customer, {"vat_id": "", "country": "DE"}, on=FIRST, actor=CLARA) >= {"vat_id_state"}
    customer.refresh_from_db()
    assert customer.vat_id_state == "none"


@pytest.mark.invariant("I-T4")
@pytest.mark.parametrize("vat_id", ["ATU87654325", "CHE109322551MWST"])
def test_a_vat_id_of_the_sellers_own_or_of_no_member_state_parks_its_customer_abroad(vat_id: str) -> None:
    seller = alpenhost()
    hosting(ada(seller, country="FR", postal_code="75001", vat_id=vat_id), "V1")

    bill(seller, DEC)

    parked = ParkedCustomer.objects.get()
    assert (parked.code, parked.field) == ("vat_id_elsewhere", "customer.vat_id")
    assert vat_id in str(parked.reason)
    assert not Invoice.objects.exists()


def test_a_consumer_in_livigno_is_billed_without_vat_though_neighbours_share_its_postal_code() -> None:
    seller = alpenhost()
    facts = {"country": "IT", "postal_code": "23030", "is_taxable_person": False, "vat_id": "", "vat_id_state": "none"}
    hosting(ada(seller, number="1", city="Livigno", **facts), "V1")
    hosting(ada(seller, number="2", city="Valdidentro", **facts), "V2")

    bill(seller, DEC)

    found = Invoice.objects.order_by("customer__number").values_list("vat_breakdown__category", flat=True)
    assert list(found) == ["O", "S"]
