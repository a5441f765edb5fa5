"""What an import creates is in the events, as what is made by hand."""

from __future__ import annotations

from kundenkontor.contracts.models import Contract
from kundenkontor.events.models import Event
from kundenkontor.parties.models import Customer, Seller
from tests.imports.test_changes import ADA, BOB, CONTRACT, take_in


def test_new_rows_are_recorded_as_created_once_like_those_made_by_hand(seller: Seller) -> None:
    take_in(seller, [ADA, BOB], [CONTRACT])
    take_in(seller, [ADA.replace("Ring 1", "Ring 2"), BOB], [CONTRACT])

    created = Event.objects.filter(name__in=["customer.created", "contract.created"]).order_by("pk")
    ada, bob = Customer.objects.order_by("number")
    contract = Contract.objects.get()
    assert [(one.name, one.subject_id, one.reference, one.customer_id, one.seller_id) for one in created] == [
        ("customer.created", ada.pk, "K1", ada.pk, seller.pk),
        ("customer.created", bob.pk, "K2", bob.pk, seller.pk),
        ("contract.created", contract.pk, "V1", ada.pk, seller.pk),
    ]
    assert created[2].payload == {"price": "4.90", "by": "import"}
    assert Event.objects.filter(name="customer.updated").count() == 1
