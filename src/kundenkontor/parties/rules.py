"""What holds of a customer's data, and what a change entails, whoever changes it: staff, the customer, an import.

The set-based import asks the functions of values; whoever changes one customer asks those of a customer.
"""

from __future__ import annotations

import re

from stdnum.eu import vat as eu_vat

from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.parties import errors
from kundenkontor.parties.models import Customer
from kundenkontor.parties.sorting import sort_key

EU_PREFIXES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
     "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)  # fmt: skip
INVOICE_ADDRESS = ("invoice_street", "invoice_postal_code", "invoice_city", "invoice_country")


def is_plausible_vat_id(vat_id: str) -> bool:
    """Check digits for member states (EL is Greece), only the shape for other countries."""
    if vat_id[:2] in EU_PREFIXES:
        return bool(eu_vat.is_valid(vat_id))
    return bool(re.fullmatch("[A-Z]{2}[A-Z0-9]{2,14}|CHE[0-9]{9}(MWST|TVA|IVA)?", vat_id))


def vat_id_state_after(vat_id: str, state: str, *, is_new: bool, has_moved: bool) -> str:
    """A new VAT id is unchecked, and so is the id of a customer that moves to another country; none has no state."""
    if is_new:
        return "unchecked" if vat_id else "none"
    return "unchecked" if vat_id and has_moved else state


def sort_key_of(company: str, first_name: str, last_name: str) -> str:
    """People stand by their last name, as in a directory."""
    return sort_key(company or f"{last_name} {first_name}")


def entail(customer: Customer, *, vat_id_before: str, country_before: str) -> None:
    """Set what follows from the columns that were changed: normal form and state of the VAT id, order of names."""
    customer.vat_id = normal_vat_id(customer.vat_id)
    customer.vat_id_state = vat_id_state_after(
        customer.vat_id,
        customer.vat_id_state,
        is_new=customer.vat_id != normal_vat_id(vat_id_before),
        has_moved=customer.country != country_before,
    )
    customer.sort_key = sort_key_of(customer.company, customer.first_name, customer.last_name)


def refuse_incomplete_invoice_address(customer: Customer) -> None:
    """Raises InvoiceAddressIncomplete."""
    for name in INVOICE_ADDRESS if customer.has_invoice_address else ():
        if not getattr(customer, name):
            raise errors.InvoiceAddressIncomplete(field=name)


def refuse_nameless(customer: Customer, field: str = "") -> None:
    """Raises CustomerNeedsName."""
    if not customer.company and not customer.last_name:
        raise errors.CustomerNeedsName(field=field)
