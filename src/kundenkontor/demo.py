"""Demo data: a small provider with three months of history, made by the same commands that staff use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from kundenkontor.access.commands import add_membership, create_user
from kundenkontor.access.models import User
from kundenkontor.billing.models import OneOffItem
from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.contracts.periods import add_months
from kundenkontor.delivery.commands import start_delivery
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DEMO_CREATED
from kundenkontor.events.queries import business_date
from kundenkontor.imports.reading.rows import ContractRow
from kundenkontor.imports.samples.generator import Mix, as_readings, generate
from kundenkontor.imports.writing.commands import import_rows
from kundenkontor.invoicing.correcting.commands import LineCorrection, cancel_invoice, correct_invoice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import papers_of_run
from kundenkontor.kernel.clock import month_end, utc_now
from kundenkontor.kernel.references import payment_purpose
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.parties.seller_commands import save_bank_account, set_tax_setting
from kundenkontor.payments.commands import IncomingPayment, receive_payments
from kundenkontor.receivables.claims import IS_OWED
from kundenkontor.receivables.models import OpenItem
from kundenkontor.taxes.commands import record_vat_id_check

PASSWORD = "kundenkontor-demo"  # nosec B105  # public on purpose; production refuses such a database
CLERK = Actor("staff", "clara")
CUSTOMERS = 60
MIX = Mix(agency_every=30, agency_domains=400)
LOGINS = (
    ("kunde", "Kunde", "customer"),
    ("agentur", "Agentur mit mehreren Kundennummern", "agency with several customer numbers"),
    ("clara", "Sachbearbeitung", "clerk"),
    ("admin", "Administration", "administrator"),
    ("otto", "Prüfung (nur lesen)", "auditor, read only"),
)
NAMES = {
    "kunde": "Karin Moser",
    "agentur": "Alex Berger",
    "clara": "Clara Wolf",
    "admin": "Anton Lechner",
    "otto": "Otto Gruber",
}
Say = Callable[[str], object]


def logins() -> str:
    """The demo logins that work here, a line each, for the end of ``make run``; nothing where there are none."""
    users = {user.username: user for user in User.objects.filter(username__in=NAMES, is_active=True)}
    lines = [
        f"  {name:10} {PASSWORD:20} {german} / {english}"
        for name, german, english in LOGINS
        if name in users and users[name].check_password(PASSWORD)
    ]
    return "\n".join(["Demo logins (user name, password):", *lines]) if lines else ""


@transaction.atomic
def fill(say: Say) -> None:
    """Fill an empty database; does nothing where a seller exists. Refused in production.

    In one transaction: who stops it on the way has an empty database again, never a demo nobody can sign in to.
    """
    assert settings.MODE != "production"
    if Seller.objects.exists():
        return
    today = business_date()
    seller = make_seller()
    months = [add_months(today.replace(day=1), -back) for back in (2, 1, 0)]
    say("customers and contracts")
    customers, contracts = generate(CUSTOMERS, seed=20, on=months[0], mix=MIX)
    readings = as_readings(customers, renew_together(contracts, months[1]))
    import_rows(seller, *readings, cut_over_date=months[0], on=months[0], actor=CLERK)
    confirm_vat_ids(seller, on=months[0])
    make_extras(seller, months[2])
    for month in months:
        say(f"invoices of {month:%Y-%m}")
        bill_month(seller, month)
    make_corrections(seller, on=today)
    make_logins(seller)
    record_events(DEMO_CREATED, [Subject(seller.pk, seller_id=seller.pk)], actor=CLERK, on=today)


def renew_together(contracts: list[ContractRow], month: date) -> list[ContractRow]:
    """The first agency moved all its domains at once: its collective invoice of that month has 400 lines."""
    number = f"K{MIX.agency_every:06}"
    return [
        replace(row, start_date=add_months(month, -12 * (1 + index % 3)), end_date=None)
        if row.customer_number == number
        else row
        for index, row in enumerate(contracts)
    ]


def make_seller() -> Seller:
    """A small Austrian hosting provider with everything § 11 UStG and its letterhead need."""
    seller = Seller.objects.create(
        name="Alpenhost Demo GmbH",
        short_name="alpenhost",
        legal_form="Gesellschaft mit beschränkter Haftung",
        street="Mariahilfer Straße 120/4",
        postal_code="1070",
        city="Wien",
        country="AT",
        seat="Wien",
        register_number="FN 123456a",
        register_court="Handelsgericht Wien",
        managing_directors="Mag. Johanna Leitner",
        vat_id="ATU65033803",
        tax_number="12 345/6789",
        email="rechnung@alpenhost.example",
        bookkeeping_email="buchhaltung@alpenhost.example",
        phone="+43 1 234 56 78",
        website="https://alpenhost.example",
        support_contact="Support: support@alpenhost.example, +43 1 234 56 78 (Mo–Fr 9–17 Uhr)",
        imprint_text="Alpenhost Demo GmbH, Mariahilfer Straße 120/4, 1070 Wien\nFN 123456a, Handelsgericht Wien",
        privacy_text="Dies ist eine Demo. Es werden keine echten Daten verarbeitet.",
        terms_text="Dies ist eine Demo. Es kommen keine Verträge zustande.",
        closing_text_de="Vielen Dank für Ihren Auftrag.",
        closing_text_en="Thank you for your business.",
        payment_terms_days=14,
    )
    save_bank_account(
        seller, None, account_name=seller.name, iban="AT611904300234573201", bic="BKAUATWW", bank_name="Bank Austria",
        position=1, is_active=True, on=business_date(), actor=CLERK,
    )  # fmt: skip
    set_tax_setting(seller, "oss", valid_from=date(2021, 7, 1), applies=True, on=business_date(), actor=CLERK)
    return seller


def confirm_vat_ids(seller: Seller, *, on: date) -> None:
    """All but the last few imported VAT ids are confirmed; the rest waits on the VAT id desk."""
    unchecked = list(Customer.objects.filter(seller=seller, vat_id_state="unchecked").order_by("id"))
    evidence = "Prüfprotokoll des Altsystems"
    record_vat_id_check(unchecked[:-3], outcome="valid", way="import", evidence=evidence, on=on, actor=CLERK)


def make_extras(seller: Seller, month: date) -> None:
    """One-off work that joins the last invoice, a set-up fee, and an order number of a customer."""
    first = seller.customers.order_by("id").first()
    assert first is not None
    OneOffItem.objects.create(
        seller=seller, customer=first, name="Wiederherstellung aus der Datensicherung", quantity=Decimal("1.5"),
        net_price=Decimal("96"), service_start=month, service_end=month, created_at=utc_now(), created_by="clara",
    )  # fmt: skip
    Customer.objects.filter(pk=first.pk).update(order_number="PO-2026-0815")


def bill_month(seller: Seller, month: date) -> None:
    """Run the month's billing, mail the documents, and let most customers pay after ten days."""
    until = month_end(month)
    run = start_run(seller, until, on=month, actor=CLERK)
    preview_run(run)
    confirm_run(run, issue_date=month, actor=CLERK)
    run_chunks(run, actor=CLERK)
    finish_run(run, on=month, actor=CLERK)
    start_delivery(run.pk, papers_of_run(run.pk), on=month, actor=CLERK)  # the worker mails each once its PDF exists
    paid_on = month + timedelta(days=10)
    if paid_on > business_date():
        return
    issued = Invoice.objects.filter(batch_id=run.pk, amount_due__gt=0).select_related("customer").order_by("id")
    paid = []
    for index, invoice in enumerate(issued):
        if index % 7 == 3:  # some pay late, or never
            continue
        purpose = payment_purpose(invoice.customer.number, invoice.number)
        amount = invoice.amount_due if index % 11 else (invoice.amount_due / 2).quantize(Decimal("0.01"))
        if amount:
            paid.append(IncomingPayment(invoice.customer, amount, paid_on, reference=purpose))
    receive_payments(paid, on=paid_on, actor=CLERK)


def make_corrections(seller: Seller, *, on: date) -> None:
    """One cancellation and one partial correction, so that every status is to be seen."""
    unpaid = OpenItem.objects.filter(IS_OWED, seller_id=seller.pk, open_amount__gt=20).order_by("id")
    items = list(unpaid.select_related("invoice")[:2])
    if len(items) < 2:
        return
    whole, part = (item.invoice for item in items)
    assert whole is not None
    assert part is not None
    cancel_invoice(whole, bill_again=False, reason="Doppelt bestellt", on=on, actor=CLERK)
    line = part.lines.order_by("position").filter(net_amount__gt=1).first()
    if line is not None:
        half = (line.net_amount / 2).quantize(Decimal("0.01"))
        parts = [LineCorrection(position=line.position, net_amount=half)]
        correct_invoice(part, parts, reason="Störung am 3. des Monats", on=on, actor=CLERK)


def make_logins(seller: Seller) -> None:
    """The five demo logins; the agency sees three customer numbers."""
    customers = list(seller.customers.order_by("id"))
    agencies = [customer for customer in customers if customer.contracts.count() >= MIX.agency_domains]
    german = {customer for customer in customers if customer.language == "de"}  # as the login's own language
    busiest = max(german - set(agencies), key=_variety)
    shown_after = [customer for customer in customers if customer.sort_key > agencies[0].sort_key]
    third = next(customer for customer in reversed(shown_after) if customer not in (*agencies, busiest))
    owned: dict[str, Sequence[Customer]] = {"kunde": [busiest], "agentur": [*agencies, third]}
    roles = {"clara": "clerk", "admin": "administrator", "otto": "auditor"}
    for name, _, _ in LOGINS:
        user = create_user(
            name, email=f"{name}@demo.example", name=NAMES[name], staff_role=roles.get(name, ""),
            on=business_date(), actor=CLERK,
        )  # fmt: skip
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        for customer in owned.get(name, ()):
            add_membership(user, customer, on=business_date(), actor=CLERK)


def _variety(customer: Customer) -> tuple[int, int, int]:
    """How many different states a customer's documents show, then how many there are: what a newcomer should see."""
    documents = customer.open_items.filter(invoice__isnull=False)
    states = {
        (item.kind, item.open_amount > 0, item.open_amount < item.original_amount, item.invoice.type_code)
        for item in documents.select_related("invoice")
    }
    return len(states), len(documents), -customer.pk
