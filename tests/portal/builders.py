"""Logins of the portal, and a customer with a little of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.test import Client

from kundenkontor.access.models import Membership, User
from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Contact, Customer, Seller
from tests.support.billing import bill
from tests.support.builders import TODAY, ada, alpenhost, bob


def login(name: str, *customers: Customer, role: str = "owner", language: str = "de", password: str = "") -> User:
    """A login of the customers, signed in by ``client_of``."""
    user = User(username=name, email=f"{name}@example.at", language=language, created_at=utc_now())
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    for customer in customers:
        Membership.objects.create(user=user, customer=customer, role=role)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def domain(customer: Customer, number: str, name: str, *, price: str = "15.00", start: date | None = None) -> Contract:
    """A yearly domain with a price from its first day."""
    product, _ = Product.objects.get_or_create(
        seller=customer.seller,
        code="domain-at",
        defaults={"name": "Domain .at", "group": "domains", "is_divisible": False},
    )
    first = start or TODAY.replace(day=1)
    made = Contract.objects.create(
        seller=customer.seller, customer=customer, number=number, product=product, identifier=name,
        period_months=12, start_date=first,
    )  # fmt: skip
    ContractPrice.objects.create(contract=made, customer=customer, valid_from=first, amount=Decimal(price))
    return made


def package(customer: Customer, number: str, name: str, *, price: str = "9.90", **changes: object) -> Contract:
    """A monthly hosting package with a price from its first day."""
    product, _ = Product.objects.get_or_create(
        seller=customer.seller, code="webhosting-m", defaults={"name": "Webhosting M", "group": "webhosting"}
    )
    first = TODAY.replace(day=1)
    values = {"period_months": 1, "start_date": first, "identifier": name, **changes}
    made = Contract.objects.create(seller=customer.seller, customer=customer, number=number, product=product, **values)
    ContractPrice.objects.create(contract=made, customer=customer, valid_from=first, amount=Decimal(price))
    return made


@dataclass
class House:
    """A seller with Ada (domain, package, invoices, contact) and Bob, who must see nothing of hers."""

    seller: Seller
    ada: Customer
    bob: Customer
    contracts: list[Contract]
    invoices: list[Invoice]
    contact: Contact
    bobs_invoice: Invoice
    bobs_contract: Contract
    bobs_contact: Contact


def house() -> House:
    """Billed by a real run; searchable."""
    seller = alpenhost(support_contact="+43 1 234 56 78", imprint_text="Impressum der Alpenhost GmbH")
    first, other = ada(seller), bob(seller)
    contracts = [domain(first, "D1", "grüne-wiese.at"), package(first, "P1", "shop.huber.at")]
    bobs = package(other, "P2", "bobs-geheim.at")
    issued = bill(seller)
    index_invoices([invoice.pk for invoice in issued])
    return House(
        seller,
        first,
        other,
        contracts,
        [invoice for invoice in issued if invoice.customer_id == first.pk],
        Contact.objects.create(customer=first, group="invoices", name="Buchhaltung", email="rechnung@huber.example"),
        next(invoice for invoice in issued if invoice.customer_id == other.pk),
        bobs,
        Contact.objects.create(customer=other, group="main", name="Bob", email="bob@privat.example"),
    )
