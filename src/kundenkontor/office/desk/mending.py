"""Where what a refusal names can be mended: one page for each place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Customer
from kundenkontor.web.components import Link

INPUTS = {"customer.address": "street", "customer.name": "company"}


def _input_of(customer: Customer, field: str) -> str:
    name = INPUTS.get(field, field.partition(".")[2])
    return reverse("office:customer-edit", args=[customer.pk]) + f"#id_{name}"


PLACES: dict[str, tuple[Any, Callable[[Customer, str], str]]] = {
    "seller": (_("Complete the seller"), lambda customer, field: reverse("office:seller", args=[customer.seller_id])),
    "customer": (_("Mend the data"), _input_of),
    "vat_id": (
        _("Check the VAT id"),
        lambda customer, field: reverse("office:vat-ids") + f"?q={customer.number}",
    ),
    "data_request": (_("Decide the request"), lambda customer, field: reverse("office:data-requests")),
    "rates": (_("Look at the VAT rates"), lambda customer, field: reverse("office:rates")),
}


def mend_link(refusal: DomainError, customer: Customer) -> Link | None:
    """The way to what has to change, or None where it stands on the page itself."""
    if not refusal.mend:
        return None
    label, url_for = PLACES[refusal.mend]
    return Link(str(label), url_for(customer, refusal.field))
