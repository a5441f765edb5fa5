"""Named people and their documents: Ada the customer, Bob another one; what is issued was issued by the command."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft, Reference
from kundenkontor.invoicing.issuing.lines import DraftLine, Item, Measure, ServicePeriod, Source, Tax
from kundenkontor.invoicing.issuing.totals import line_allowance, line_net_amount
from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.kernel.kinds import CREDIT_NOTE
from kundenkontor.parties.facts import freeze_buyer_facts, freeze_seller_facts
from kundenkontor.parties.models import BankAccount, Contact, Customer, Seller
from kundenkontor.parties.seller_commands import save_bank_account
from kundenkontor.taxes.commands import record_vat_id_check

TODAY = date(2026, 11, 23)
CLARA = Actor("staff", "clara")
IBAN = "AT483200000012345864"


def alpenhost(**changes: Any) -> Seller:
    """An Austrian seller with everything a document needs."""
    values: dict[str, Any] = {
        "name": "Alpenhost GmbH",
        "short_name": "alpenhost",
        "legal_form": "GmbH",
        "street": "Mariahilfer Straße 88a/12",
        "postal_code": "1070",
        "city": "Wien",
        "country": "AT",
        "seat": "Wien",
        "register_number": "FN 123456a",
        "register_court": "Handelsgericht Wien",
        "managing_directors": "Dr. Käthe Österreicher, Jörg Müller",
        "vat_id": "ATU12345675",
        "email": "service@alpenhost.example",
        "phone": "+43 1 234 56 78",
        "bookkeeping_email": "buchhaltung@alpenhost.example",
    }
    seller = Seller.objects.create(**{**values, **changes})
    BankAccount.objects.create(seller=seller, account_name=seller.name, iban=IBAN, bic="RLNWATWWXXX")
    seller.refresh_from_db()
    return seller


def ada(seller: Seller, **changes: Any) -> Customer:
    """An agency in Vienna with a checked VAT id."""
    values: dict[str, Any] = {
        "number": "11001",
        "company": "Agentur Huber & Söhne GmbH",
        "first_name": "Ada",
        "last_name": "Huber",
        "street": "Landstraßer Hauptstraße 1",
        "postal_code": "1030",
        "city": "Wien",
        "country": "AT",
        "email": "ada@huber.example",
        "is_taxable_person": True,
        "is_consumer": False,
        "vat_id": "ATU87654325",
        "vat_id_state": "checked",
        "created_on": TODAY,
    }
    return Customer.objects.create(seller=seller, **{**values, **changes})


def bob(seller: Seller, **changes: Any) -> Customer:
    """A consumer, another customer who must see nothing of Ada's."""
    values: dict[str, Any] = {
        "number": "11002",
        "first_name": "Bob",
        "last_name": "Müller",
        "street": "Hauptplatz 2",
        "postal_code": "8010",
        "city": "Graz",
        "country": "AT",
        "email": "bob@mueller.example",
        "is_taxable_person": False,
        "is_consumer": True,
        "created_on": TODAY,
    }
    return Customer.objects.create(seller=seller, **{**values, **changes})


def record_what_was_built() -> None:
    """What these builders put down past the commands gets its events, as ``verify`` wants them."""
    for account in BankAccount.objects.select_related("seller"):
        columns = ("account_name", "iban", "bic", "bank_name", "position", "is_active")
        values: dict[str, Any] = {name: getattr(account, name) for name in columns}
        save_bank_account(account.seller, account, **values, on=TODAY, actor=CLARA)
    checked = list(Customer.objects.filter(vat_id_state="checked").order_by("pk"))
    record_vat_id_check(checked, outcome="valid", way="staff", evidence="letter", on=TODAY, actor=CLARA)


def invoice_contact(customer: Customer, email: str = "rechnung@huber.example") -> Contact:
    """The one contact that receives the invoices."""
    return Contact.objects.create(customer=customer, group="invoices", email=email, receives_invoices=True)


def contract(customer: Customer, number: str = "V150001", identifier: str = "grüne-wiese.at") -> Contract:
    product, _ = Product.objects.get_or_create(
        seller=customer.seller, code="webhosting-m", defaults={"name": "Webhosting M", "group": "webhosting"}
    )
    return Contract.objects.create(
        seller=customer.seller,
        customer=customer,
        number=number,
        product=product,
        identifier=identifier,
        period_months=1,
        start_date=date(2026, 1, 1),
    )


def line(
    price: str = "10.00",
    *,
    quantity: str = "1",
    base: str = "1",
    discount: str = "0",
    contract: Contract | None = None,
    **changes: Any,
) -> DraftLine:
    """A line at 20 % Austrian VAT for the whole of November 2026, priced as billing prices it. ``changes``: any field
    of any of its values."""
    amounts = Decimal(quantity), Decimal(price), Decimal(discount), Decimal(base)
    allowance = line_allowance(*amounts) if amounts[2] else Decimal("0.00")
    source = Source()
    if contract is not None:
        source = Source("recurring", contract.pk, contract.number)
        changes = {"identifier": contract.identifier} | changes
    measure = Measure(amounts[0], amounts[3], amounts[1], line_net_amount(*amounts), amounts[2], allowance)
    period = ServicePeriod(date(2026, 11, 1), date(2026, 11, 30))
    found = DraftLine(Item("Webhosting M"), measure, Tax("S", Decimal(20), "AT"), period, source)
    for place in found._fields:
        value: Any = getattr(found, place)
        of_value = {name: changes.pop(name) for name in value._fields if name in changes}
        found = found._replace(**{place: value._replace(**of_value)})
    assert not changes, changes
    return found


def issue(customer: Customer, *lines: DraftLine, on: date = TODAY, **changes: Any) -> Invoice:
    """Issue one document with these lines (default: one of 10,00)."""
    return issue_several(customer, list(lines) or [line()], on=on, **changes)[0]


def issue_several(customer: Customer, *documents: list[DraftLine], on: date = TODAY, **changes: Any) -> list[Invoice]:
    """Issue a document for each list of lines, all with one command."""
    seller = freeze_seller_facts(customer.seller_id)
    buyer = freeze_buyer_facts(customer.seller_id, customer.pk, customer.pk)[customer.pk]
    drafts = [InvoiceDraft(seller, buyer, lines, **changes) for lines in documents]
    for draft in drafts:
        draft.settle_gross_prices()
    ids = [one.id for one in issue_invoices(drafts, issue_date=on, actor=CLARA)]
    return list(Invoice.objects.filter(pk__in=ids).order_by("pk"))


def cancel(invoice: Invoice, *lines: DraftLine, is_full: bool = True, on: date = TODAY) -> Invoice:
    """A 381 with the given lines; its Correction row says whether it takes back all."""
    correction = issue(
        invoice.customer, *lines, on=on, kind=CREDIT_NOTE, references=[Reference("corrects", invoice.pk)]
    )
    Correction.objects.create(invoice=correction, customer_id=invoice.customer_id, original=invoice, is_full=is_full)
    return correction
