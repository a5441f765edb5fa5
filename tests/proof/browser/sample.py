"""What the crawled pages show: the demo provider, with a little of everything that its customers could have.

``object_for`` fills the parameters of a route: the newest object of that kind that the login of the page may see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from kundenkontor import demo
from kundenkontor.access.links import make_link
from kundenkontor.access.models import User
from kundenkontor.billing.one_offs.commands import add_one_off
from kundenkontor.billing.runs.commands import preview_run, start_run
from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.events.seals import seal_events
from kundenkontor.imports.uploads.commands import store_upload
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.invoicing.drafting.commands import ManualLine, create_draft
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.invoicing.selecting.choice import Wish
from kundenkontor.invoicing.selecting.commands import select_documents
from kundenkontor.invoicing.writing_off.commands import write_off_invoice
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending.commands import send_due_mails
from kundenkontor.papers.models import RenderFailure
from kundenkontor.parties.commands import request_data_change, set_invoice_contact
from kundenkontor.parties.models import Contact, Customer, Seller
from kundenkontor.payments.commands import IncomingPayment, receive_payments
from kundenkontor.portal.invoices.overview import write_overview
from tests.support.papers import deliver_invoices, of_paper, render_invoices

CLARA = Actor("staff", "clara")
EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "import"
NAMES = ("customers.csv", "contracts.csv")
# parameters whose name is not that of a model, and words that name no object
MODELS = {
    "draft": "ManualDraft",
    "one_off": "OneOffItem",
    "account": "BankAccount",
    "mail": "OutgoingMail",
    "demo_mail": "DemoMail",
    "item": "OpenItem",
    "price": "ContractPrice",
    "run": "BillingRun",
    "request": "CustomerDataRequest",
    "wish": "CustomerDataRequest",
    "selection": "DownloadSelection",
    "upload": "ImportUpload",
    "import": "ImportRun",
    "rate": "TaxRate",
    "loss": "WriteOff",
}
# routes that take a certain kind of object only
SPECIAL = {
    "office:balance-offset": {"item_id": {"kind": "balance"}},
    "office:balance-refund": {"item_id": {"kind": "balance"}},
    "office:user-role": {"user_id": {"staff_role": "clerk"}},
}
FINISHED = {"run": {"state": "finished"}, "item": {"kind": "receivable"}}


@dataclass
class Sample:
    """The logins by role, and the customer that portal pages are about."""

    users: dict[str, User] = field(default_factory=dict)
    customer_id: int = 0
    words: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def object_for(self, parameter: str, route: str, choice: int = 0) -> Any:
        """The value of a route parameter. Raises LookupError where nobody taught this module to fill it."""
        if parameter in self.words:
            words = self.words[parameter]
            return words[min(choice, len(words) - 1)]
        if parameter == "customer_id":
            return self.customer_id
        name = "demo_mail" if route.startswith("office:mailbox") and parameter == "mail_id" else parameter
        found = find_model(name)
        special = SPECIAL.get(route, {}).get(parameter)
        rows = found._default_manager.order_by("-pk").filter(**special or FINISHED.get(name.removesuffix("_id"), {}))
        if "customer" in {one.name for one in found._meta.get_fields()}:
            own = rows.filter(customer_id=self.customer_id)
            rows = own if route.startswith("portal:") or own.exists() else rows
        newest = rows.first()
        if newest is None:
            raise LookupError(f"the sample has no {found.__name__} for {parameter} of {route}")
        return newest.pk


def find_model(parameter: str) -> type[Model]:
    """By the parameter's name: ``invoice_id`` is an Invoice."""
    name = parameter.removesuffix("_id")
    wanted = MODELS.get(name) or "".join(part.capitalize() for part in name.split("_"))
    for model in apps.get_models():
        if model.__name__ == wanted and model.__module__.startswith("kundenkontor."):
            return model
    raise LookupError(f"tests/proof/browser/sample.py knows no {parameter}")


def fill() -> Sample:
    """Fill the connected database. Commits."""
    demo.fill(lambda step: None)
    users = {user.username: user for user in User.objects.all()}
    customer = users["kunde"].memberships.get().customer
    sample = Sample(users, customer.pk)
    index_invoices(list(Invoice.objects.values_list("pk", flat=True)))
    add_paperwork(customer, users["kunde"])
    add_imports(customer.seller)
    token = make_link(User.objects.create(username="nina", email="neu@demo.example", created_at=utc_now()))
    sample.words = {
        "token": (token,),
        "uidb36": ("1",),
        "key": ("set-password",),
        "kind": ("pdf", "imprint", "invoice"),
        "rows": ("customers",),
        "index": (0,),
        "seller": (Seller.objects.latest("pk").short_name,),
        "country": ("AT",),
        "tab": ("documents",),
    }
    return sample


def add_paperwork(customer: Customer, user: User) -> None:
    """What a demo of three billed months does not have: a draft, one-off work, requests, mails, a failure, a loss."""
    today = business_date()
    period = today, today + timedelta(days=1)
    line = ManualLine("Umzug einer Website", Decimal("190.00"), *period)
    create_draft(customer, [line], note="Wie besprochen.", on=today, actor=CLARA)
    add_one_off(customer, "Einrichtung SSL-Zertifikat", Decimal("49.00"), *period, on=today, actor=CLARA)
    request_data_change(customer, country="DE", vat_id="", on=today, actor=CLARA)
    contact = Contact.objects.create(
        customer=customer, group="invoices", name="Buchhaltung", email="buchhaltung@kunde.example"
    )
    set_invoice_contact(customer, contact, on=today, actor=CLARA)
    own = list(Invoice.objects.filter(customer=customer).order_by("-pk").values_list("pk", flat=True)[:5])
    render_invoices(own, on=today, actor=CLARA)
    deliver_invoices(own, on=today, actor=CLARA)
    select_documents(customer, user, Wish("pdf", invoice_ids=own), write_overview, on=today, actor=CLARA)
    paid = IncomingPayment(customer, Decimal("2500.00"), today, reference="Vorauszahlung")
    receive_payments([paid], on=today, actor=CLARA)
    preview_run(start_run(customer.seller, today + timedelta(days=31), on=today, actor=CLARA))
    failed = Invoice.objects.exclude(customer=customer).latest("pk")
    RenderFailure.objects.create(**of_paper(failed), last_error="BR-CO-10")
    lost = Invoice.objects.exclude(customer=customer).filter(sign=1, open_item__open_amount__gt=0).earliest("pk")
    write_off_invoice(lost, reason="Insolvenz ohne Quote", on=today, actor=CLARA)
    OutgoingMail.objects.filter(state="queued").update(next_attempt_at=utc_now())
    send_due_mails()
    seal_events(everything=True)


def add_imports(seller: Seller) -> None:
    """A past import and one that waits for its confirmation; both with rows that do not fit."""
    today = business_date()
    files = [(EXAMPLES / "bad" / name).read_bytes() for name in ("customers.csv", "contracts.csv")]
    import_files(seller, *files, cut_over_date=today, next_numbers={}, names=NAMES, on=today, actor=CLARA)
    uploads = list(zip(NAMES, files, strict=True))
    store_upload(seller, *uploads, cut_over_date=today, next_numbers={}, on=today, actor=CLARA)


def session_of(user: User) -> str:
    """The key of a session of this login, without the form."""
    from importlib import import_module

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def file_name(route: str, role: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{role} {route}".lower()).strip("-")
