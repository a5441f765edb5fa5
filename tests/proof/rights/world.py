"""A populated database: Ada and Bob at one seller, Cyd at another, every text field marked with its customer's canary.

What can be made by a command was made by it. ``World.ids`` names the objects of a customer by the names that routes
give their parameters, so that every route can be called for one's own, a foreign and a missing object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.access.commands import add_membership, create_user, deactivate_user, send_access
from kundenkontor.access.models import User
from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.one_offs.commands import add_one_off
from kundenkontor.billing.runs.commands import confirm_run, finish_run, preview_run, run_chunks, start_run
from kundenkontor.catalog.models import Product
from kundenkontor.contracts.models import Contract, ContractPrice
from kundenkontor.delivery.models import Delivery
from kundenkontor.events.actor import Actor
from kundenkontor.events.seals import seal_events
from kundenkontor.imports.models import ImportRun
from kundenkontor.imports.uploads.commands import store_upload
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.invoicing.correcting.commands import LineCorrection, cancel_invoice, correct_invoice
from kundenkontor.invoicing.drafting.commands import ManualLine, create_draft
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.invoicing.selecting.choice import Wish
from kundenkontor.invoicing.selecting.commands import select_documents
from kundenkontor.invoicing.writing_off.commands import write_off_invoice
from kundenkontor.messaging.models import DemoMail
from kundenkontor.messaging.sending.commands import send_due_mails
from kundenkontor.papers.models import RenderFailure
from kundenkontor.parties.commands import request_data_change, set_invoice_contact
from kundenkontor.parties.models import BankAccount, Contact, Customer, CustomerDataRequest, Seller
from kundenkontor.payments.commands.reversing import reverse_payment
from kundenkontor.portal.invoices.overview import write_overview
from kundenkontor.receivables.models import OpenItem
from kundenkontor.taxes.commands import record_vat_id_check
from kundenkontor.taxes.models import TaxRate
from tests.proof.rights.people import PASSWORD, ROLES
from tests.support import builders
from tests.support.builders import TODAY
from tests.support.money import pay
from tests.support.papers import deliver_invoices, find_file, forward_invoice, of_paper, render_invoices

CLARA = Actor("staff", "clara")
CANARIES = {"ada": "zqadakanari", "bob": "zqbobkanari", "cyd": "zqcydkanari"}
MONTH = date(2026, 11, 1)
MISSING = 2_000_000_000


@dataclass
class World:
    """``ids[customer][parameter]``: what a route parameter may be. ``users[role]``: primary keys of the logins."""

    ids: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    strings: dict[str, set[str]] = field(default_factory=dict)

    def user(self, role: str) -> User:
        return User.objects.get(pk=self.users[role])

    def customer(self, name: str) -> Customer:
        return Customer.objects.select_related("seller").get(pk=self.customers[name])


def build_world() -> World:
    """Fill the connected database. Commits."""
    world = World()
    first = builders.alpenhost()
    second = builders.alpenhost(short_name="talnetz", name="Talnetz GmbH", email="service@talnetz.example")
    people = {"ada": make_ada(first), "bob": make_bob(first), "cyd": make_cyd(second)}
    make_dora(first)
    for name, customer in people.items():
        world.customers[name] = customer.pk
        world.ids[name] = {"customer_id": customer.pk, "seller_id": customer.seller_id}
        world.ids[name]["contract_id"] = make_contract(customer, CANARIES[name]).pk
    builders.record_what_was_built()
    make_users(world)
    for seller in (first, second):
        bill(seller)
    for name, customer in people.items():
        fill(world, name, customer)
    finish(world, first)
    return world


def marked(name: str) -> dict[str, str]:
    """The canary of a customer in every text field of its row."""
    word = CANARIES[name]
    return {
        "street": f"{word} Straße 1",
        "city": f"{word}stadt",
        "email": f"{word}@example.at",
        "phone": f"+43 1 {word}",
        "invoice_name": f"{word} Rechnungsempfang",
        "invoice_care_of": f"c/o {word}",
        "invoice_department": f"Abteilung {word}",
        "invoice_street": f"{word} Postfach",
        "invoice_city": f"{word}ort",
        "order_number": f"PO-{word}",
        "buyer_reference": f"BR-{word}",
        "cost_centre": f"KST-{word}",
        "sort_key": word,
    }


def make_ada(seller: Seller) -> Customer:
    more = {"number": "7310001", "company": "Zqadakanari Söhne GmbH", "first_name": "Zqadakanari", "last_name": "Huber"}
    address = {"has_invoice_address": True, "invoice_postal_code": "1031", "invoice_country": "AT"}
    return builders.ada(seller, **{**marked("ada"), **more, **address})


def make_bob(seller: Seller) -> Customer:
    more = {"number": "7320002", "first_name": "Bob", "last_name": "Zqbobkanari"}
    return builders.bob(seller, **{**marked("bob"), **more})


def make_cyd(seller: Seller) -> Customer:
    more = {"number": "7330003", "company": "Zqcydkanari KG", "vat_id": "ATU67890128"}
    return builders.ada(seller, **{**marked("cyd"), **more})


def make_dora(seller: Seller) -> None:
    """Her VAT id is unchecked, so the run parks her."""
    values = {"number": "7340004", "company": "Dora OG", "email": "dora@example.at", "vat_id_state": "unchecked"}
    customer = builders.ada(seller, **values, vat_id="ATU12345675", country="DE")
    make_contract(customer, "dora")


def make_contract(customer: Customer, word: str) -> Contract:
    product, _ = Product.objects.get_or_create(
        seller=customer.seller, code="webhosting-m", defaults={"name": "Webhosting M", "group": "webhosting"}
    )
    made = Contract.objects.create(
        seller=customer.seller,
        customer=customer,
        number=f"V-{word}",
        product=product,
        identifier=f"{word}.at",
        description=f"Vertrag {word}",
        order_number=f"VO-{word}",
        cost_centre=f"VK-{word}",
        period_months=1,
        start_date=date(2026, 1, 1),
        cut_over_date=MONTH,
    )
    ContractPrice.objects.create(contract=made, customer=customer, valid_from=date(2026, 1, 1), amount=Decimal("12.50"))
    return made


def make_users(world: World) -> None:
    """A customer's first login by mail, as in the office; then one login per role."""
    for name in CANARIES:
        send_access([world.customer(name)], on=TODAY, actor=CLARA)
    for role in ROLES:
        if role.name == "signed_out":
            continue
        word = CANARIES.get(role.customer, "")
        who = {"email": f"{role.name}{word}@login.example", "name": f"{role.name} {word}".strip()}
        user = create_user(f"{role.name}{word}", **who, staff_role=role.staff, on=TODAY, actor=CLARA)
        user.set_password(PASSWORD)
        user.save()
        world.users[role.name] = user.pk
        for name, membership in ((role.customer, role.membership), *role.others):
            if name:
                add_membership(user, world.customer(name), role=membership, on=TODAY, actor=CLARA)
        if not role.is_active:
            deactivate_user(user, on=TODAY, actor=CLARA)


def bill(seller: Seller) -> BillingRun:
    """A finished run for November, and a preview for December."""
    run = start_run(seller, date(2026, 11, 30), on=MONTH, actor=CLARA)
    preview_run(run)
    confirm_run(run, issue_date=MONTH, actor=CLARA)
    run_chunks(run, actor=CLARA)
    finish_run(run, on=MONTH, actor=CLARA)
    preview_run(start_run(seller, date(2026, 12, 31), on=MONTH, actor=CLARA))
    return run


def fill(world: World, name: str, customer: Customer) -> None:
    """Documents, payments, contacts, mails, a draft, one-off work and a selection of this customer."""
    word, ids = CANARIES[name], world.ids[name]
    ids["contact_id"] = make_contacts(customer, word)
    ids["invoice_id"] = Invoice.objects.get(customer=customer).pk
    ids["loss_id"] = documents(customer, word)
    own = list(Invoice.objects.filter(customer=customer).order_by("pk"))
    render_invoices([one.pk for one in own], on=TODAY, actor=CLARA)
    world.strings[name] = {word, customer.number}
    ids |= money(customer, word, ids["invoice_id"])
    ids |= paperwork(customer, word)
    deliver_invoices([one.pk for one in own], on=TODAY, actor=CLARA)
    pdf = find_file(own[0], "pdf")
    assert pdf is not None, RenderFailure.objects.filter(paper_id=own[0].pk).values_list("last_error", flat=True)
    ids["mail_id"] = forward_invoice(own[0], pdf, f"buch-{word}@example.at", on=TODAY, actor=CLARA).pk
    ids["delivery_id"] = Delivery.objects.filter(customer_id=customer.pk).latest("pk").pk
    user = world.user({"ada": "owner"}.get(name, name))
    ids["user_id"] = user.pk
    ids["selection_id"] = select_documents(
        customer, user, Wish("pdf+xml", invoice_ids=[one.pk for one in own]), write_overview, on=TODAY, actor=CLARA
    ).pk


def make_contacts(customer: Customer, word: str) -> int:
    """A contact for invoices and a technical one."""
    first = Contact.objects.create(
        customer=customer, group="invoices", name=f"Buch {word}", email=f"buch-{word}@example.at", phone=f"1 {word}"
    )
    Contact.objects.create(customer=customer, group="technical", name=f"T {word}", email=f"t-{word}@example.at")
    set_invoice_contact(customer, first, on=TODAY, actor=CLARA)
    return first.pk


def documents(customer: Customer, word: str) -> int:
    """A long invoice that is corrected in part, one that is cancelled to be billed anew, and one that is lost.

    Returns the id of the loss.
    """
    line = builders.line("100.00", name=f"Ware {word}", description=f"Text {word}", identifier=f"{word}.example")
    corrected = builders.issue(customer, line, note=f"Notiz {word}", order_number=f"PO2-{word}")
    builders.issue(customer, builders.line("55.00", name=f"Offen {word}"))
    correct_invoice(
        corrected,
        [LineCorrection(position=1, net_amount=Decimal("10.00"))],
        reason=f"Grund {word}",
        on=TODAY,
        actor=CLARA,
    )
    whole = builders.issue(customer, builders.line("30.00", name=f"Storno {word}"))
    cancel_invoice(whole, bill_again=True, reason=f"Storno {word}", on=TODAY, actor=CLARA)
    lost = builders.issue(customer, builders.line("4.00", name=f"Verlust {word}"))
    return write_off_invoice(lost, reason=f"Insolvenz {word}", on=TODAY, actor=CLARA).pk


def money(customer: Customer, word: str, invoice_id: int) -> dict[str, int]:
    """A payment that settles, one too much, one that is reversed."""
    item = OpenItem.objects.get(invoice=invoice_id)
    paid = pay(
        customer,
        item.open_amount + 500,
        TODAY,
        reference=f"Zahlung {word}",
        payer=f"Zahler {word}",
        on=TODAY,
        actor=CLARA,
    )
    wrong = pay(customer, Decimal("7.77"), TODAY, reference=f"Irrtum {word}", on=TODAY, actor=CLARA)
    reverse_payment(wrong, reason=f"Rück {word}", on=TODAY, actor=CLARA)
    balance = OpenItem.objects.filter(customer=customer, kind="balance", open_amount__gt=0).latest("pk")
    settles = paid.allocations.latest("pk")
    return {"payment_id": paid.pk, "allocation_id": settles.pk, "balance_item_id": balance.pk}


def paperwork(customer: Customer, word: str) -> dict[str, int]:
    """A draft, one-off work, and a request to change the VAT id or country."""
    period = TODAY, TODAY + timedelta(days=1)
    manual = ManualLine(f"Entwurf {word}", Decimal(5), *period)
    draft = create_draft(customer, [manual], note=f"Entwurf {word}", on=TODAY, actor=CLARA)
    one_off = add_one_off(customer, f"Einmalig {word}", Decimal(80), *period, on=TODAY, actor=CLARA)
    wish = request_data_change(customer, country="DE", vat_id="", on=TODAY, actor=CLARA)
    assert isinstance(wish, CustomerDataRequest)
    price = ContractPrice.objects.filter(customer=customer).latest("pk")
    return {
        "draft_id": draft.pk,
        "one_off_id": one_off.pk,
        "request_id": wish.pk,
        "price_id": price.pk,
    }


def finish(world: World, seller: Seller) -> None:
    """What belongs to no customer, a failure to render, sent mails and a sealed trail."""
    ada = world.customer("ada")
    record_vat_id_check([ada], outcome="valid", way="staff", evidence="zqadakanari Beleg", on=TODAY, actor=CLARA)
    for name, ids in world.ids.items():
        own = world.customer(name).seller_id
        ids["run_id"] = BillingRun.objects.filter(seller_id=own, state="finished").latest("pk").pk
        ids["product_id"] = Product.objects.filter(seller_id=own).latest("pk").pk
        ids["account_id"] = BankAccount.objects.filter(seller_id=own).latest("pk").pk
        ids["preview_id"] = BillingRun.objects.filter(seller_id=own, state="previewed").latest("pk").pk
        numbers = Invoice.objects.filter(customer_id=world.customers[name]).values_list("payment_reference", flat=True)
        world.strings[name] |= set(numbers)
    index_invoices(list(Invoice.objects.values_list("pk", flat=True)))
    send_due_mails()
    park(world)
    office(world)
    deferred = ProcrastinateJob.objects.latest("pk")
    for name, ids in world.ids.items():
        ids["job_id"] = deferred.pk
        ids["demo_mail_id"] = DemoMail.objects.filter(recipient=f"buch-{CANARIES[name]}@example.at").latest("pk").pk
    unrendered = builders.issue(ada, builders.line("3.00", name="Ware zqadakanari"))
    RenderFailure.objects.create(**of_paper(unrendered), last_error="zqadakanari")
    seal_events(everything=True)


def park(world: World) -> None:
    """Each customer stands in its run as parked by the safety bound, so that the repair screen has something."""
    for name, ids in world.ids.items():
        ParkedCustomer.objects.create(
            run_id=ids["run_id"],
            customer_id=ids["customer_id"],
            code="safety_bound_periods",
            params={"contract": CANARIES[name], "periods": 4, "bound": 3},
        )


def office(world: World) -> None:
    """What staff work with: an import, uploaded files, a VAT rate, a colleague."""
    ada = world.customer("ada")
    content = "Kundennummer;Firma;Land;Straße\nK1;Zqadakanari neu;AT;Gasse 1\n".encode()
    import_files(ada.seller, content, None, cut_over_date=MONTH, on=MONTH, actor=CLARA)
    upload = store_upload(
        ada.seller, ("kunden.csv", content), None, cut_over_date=MONTH, next_numbers={}, on=MONTH, actor=CLARA
    )
    shared = {
        "import_id": ImportRun.objects.latest("pk").pk,
        "upload_id": upload.pk,
        "rate_id": TaxRate.objects.latest("pk").pk,
        "staff_user_id": world.users["support"],
    }
    for ids in world.ids.values():
        ids.update(shared)
