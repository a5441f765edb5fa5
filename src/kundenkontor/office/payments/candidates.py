"""Whom and what a few letters or digits on a bank statement may mean."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.search import numbers_meant
from kundenkontor.kernel.formats import format_money
from kundenkontor.office.desk.choices import customers_matching
from kundenkontor.parties.models import Customer
from kundenkontor.web.forms import reader_language

SHOWN = 5  # of each kind


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document or a customer. ``value`` is what its choice sends; ``document`` is "" for a customer."""

    value: str
    label: str
    customer: Customer
    document: str = ""


def find_candidates(text: str, seller_id: int | None) -> list[Candidate]:
    """Documents by their number in any of its ways, and customers by number, name, town or address; of one seller or of
    all."""
    of_seller = Q(seller_id=seller_id) if seller_id else Q()
    numbered = Invoice.objects.filter(of_seller, Q(number__in=numbers_meant(text)) | Q(number__istartswith=text))
    documents = numbered.select_related("customer__seller", "open_item").order_by("-pk")[:SHOWN]
    customers = customers_matching(text).filter(of_seller).select_related("seller").order_by("sort_key", "pk")[:SHOWN]
    return [*map(_of_document, documents), *map(_of_customer, customers)]


def _of_document(document: Invoice) -> Candidate:
    left = format_money(document.open_item.open_amount, "EUR", reader_language())
    customer = document.customer
    label = f"{document.number}, {customer}, {customer.seller.name}: {left}"
    return Candidate(f"document{document.pk}", label, customer, document.number)


def _of_customer(customer: Customer) -> Candidate:
    return Candidate(f"customer{customer.pk}", f"{customer}, {customer.city}, {customer.seller.name}", customer)
