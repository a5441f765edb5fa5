"""One rule set for a customer's data, whoever changes them."""

from __future__ import annotations

import pytest

from kundenkontor.events.actor import Actor
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.parties.commands import change_customer_data
from kundenkontor.parties.customer_commands import change_customer
from kundenkontor.parties.models import Customer
from kundenkontor.parties.rules import vat_id_state_after
from tests.support.builders import CLARA, TODAY, alpenhost, bob

FILE = "Kundennummer;Firma;Vorname;Nachname;Land\n{number};;Åsa;Öberg;AT\n"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["staff", "customer", "import"])
def test_a_person_stands_by_the_last_name_whoever_changed_it(who: str) -> None:
    customer = bob(alpenhost())
    names = {"first_name": "Åsa", "last_name": "Öberg"}
    if who == "staff":
        change_customer(customer, names, on=TODAY, actor=CLARA)
    elif who == "customer":
        change_customer_data(customer, names, on=TODAY, actor=Actor("customer", "bob"))
    else:
        content = FILE.format(number=customer.number).encode()
        import_files(customer.seller, content, None, cut_over_date=TODAY, on=TODAY, actor=CLARA)

    assert Customer.objects.get(pk=customer.pk).sort_key == "oeberg asa"


@pytest.mark.parametrize(
    ("vat_id", "state", "is_new", "has_moved", "after"),
    [
        ("ATU1", "checked", True, False, "unchecked"),
        ("", "checked", True, False, "none"),
        ("ATU1", "checked", False, True, "unchecked"),
        ("ATU1", "invalid", False, False, "invalid"),
        ("", "none", False, True, "none"),
    ],
)
def test_a_new_vat_id_and_one_that_moved_are_unchecked(
    vat_id: str, state: str, is_new: bool, has_moved: bool, after: str
) -> None:
    assert vat_id_state_after(vat_id, state, is_new=is_new, has_moved=has_moved) == after
