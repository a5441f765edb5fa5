"""Imports in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kundenkontor.imports.planning.plan import Outcome
from kundenkontor.imports.reading.encodings import Encoding

OUTCOMES: dict[Outcome, Any] = {
    "refused": _("refused"),
    "new": _("new"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
}
FILES = {
    "customers": _("Customers"),
    "contracts": _("Contracts"),
}
# what may stand in a column, by its English name
COLUMNS: dict[str, Any] = {
    "customer_number": _("Known once per seller; it says which customer a row is about."),
    "company": _("Company, or a last name: one of the two. Without company and VAT id a customer is a consumer."),
    "first_name": _("Of a person, or of the contact at a company."),
    "last_name": _("Of a person, or of the contact at a company."),
    "email": _("Invoices and access go there."),
    "street": _("With the number of the house."),
    "postal_code": _("Without the country's letter."),
    "city": _("Town or village."),
    "country": _(
        "The two or three letters of ISO 3166 (AT, AUT), the German or English name, or a usual short form"
        " (D, A, UK, USA)."
    ),
    "vat_id": _("With or without its country; its check digits must be right. A new one is unchecked."),
    "language": _("de or en, of invoices and mails; empty: German."),
    "collective_invoice": _("yes or no: one invoice per month over all contracts; empty: no."),
    "payment_terms_days": _("Days until an invoice is due; empty: as the seller has it."),
    "contract_number": _("Known once per seller; it says which contract a row is about."),
    "product_code": _("The product; one that is not known yet is made."),
    "product_name": _("The name of a product that is made."),
    "description": _("Printed below the name of the product."),
    "identifier": _("What the contract is about: a domain name or the like."),
    "net_price": _("Of one whole billing period, in EUR, up to six decimal places; 0 is free."),
    "currency": _("EUR, or empty."),
    "period": _("monthly, quarterly, half-yearly, yearly, 2-yearly to 10-yearly."),
    "start_date": _("The first day of service; periods are counted from it."),
    "end_date": _("The last day of service; empty: it runs on."),
    "discount_percent": _("From 0 to 100; empty: none."),
    "discount_until": _("Counts for periods that begin until then; empty: without end."),
}
ENCODINGS: dict[Encoding, Any] = {
    "utf-8": _("UTF-8"),
    "utf-8-twice": _("UTF-8, encoded twice; it was read as it was meant"),
    "utf-16": _("UTF-16"),
    "cp1252": _("Windows-1252"),
    "cp850": _("code page 850 (DOS)"),
    "mac_roman": _("Mac OS Roman"),
}
STEPS = {
    "reading": _("Reading the files"),
    "comparing": _("Comparing with what is known"),
    "customers": _("Writing customers"),
    "contracts": _("Writing contracts"),
}
