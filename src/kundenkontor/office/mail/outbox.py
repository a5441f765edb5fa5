"""The outbox, the send ledger, and in demo and test mode the built-in mailbox."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from kundenkontor.delivery import words as delivery_words
from kundenkontor.delivery.commands import retry_delivery
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.unfinished import list_late_mails
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.kernel.formats import format_instant
from kundenkontor.messaging import words as mail_words
from kundenkontor.messaging.commands import retry_failed_mails, retry_mail
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from kundenkontor.messaging.queries import count_failed, visible_body
from kundenkontor.office.desk.choices import customer_search
from kundenkontor.office.desk.papers import paper_url
from kundenkontor.office.desk.statuses import delivery_badge, mail_badge
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.web.components import Badge, Fact, Link
from kundenkontor.web.forms import reader_language, whole_number
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

NEWEST = {"new": Sort(gettext_lazy("Newest"), ("id",))}


def mail_url(mail: OutgoingMail) -> str:
    return reverse("office:mail", args=[mail.pk])


def tabs(current: str) -> list[Link]:
    """Mails, sent documents, and the demo's mailbox."""
    found = [
        Link(_("Mails"), reverse("office:outbox"), current == "outbox"),
        Link(_("Sent documents"), reverse("office:deliveries"), current == "deliveries"),
    ]
    if settings.MODE != "production":
        found.append(Link(_("Demo mailbox"), reverse("office:mailbox"), current == "mailbox"))
    return found


MAIL_COLUMNS = [
    Column(gettext_lazy("Subject"), lambda row: row.subject, url=mail_url, sub=lambda row: row.recipient),
    Column(gettext_lazy("Kind"), lambda row: row.kind),
    Column(gettext_lazy("State"), lambda row: [mail_badge(row.state)], "badges", sub=lambda row: row.last_error[:120]),
    Column(gettext_lazy("Attempts"), lambda row: row.attempts, "number"),
    Column(gettext_lazy("Queued"), lambda row: row.queued_at, "day", sort="new"),
    Column(gettext_lazy("Sent"), lambda row: row.sent_at, "day"),
]


def outbox_listing(request: StaffRequest) -> Listing:
    filters = (
        Filter("q", gettext_lazy("Recipient"), lambda rows, v: rows.filter(recipient__icontains=v), "search"),
        Filter("state", gettext_lazy("State"), lambda rows, v: rows.filter(state=v), "choice", mail_words.STATES),
        Filter("since", gettext_lazy("Queued from"), lambda rows, v: rows.filter(queued_at__date__gte=v), "day"),
    )
    return Listing(request.GET, filters=filters, sorts=NEWEST, default_sort="-new")


@require_safe
@staff_permission("outbox.read")
def outbox(request: StaffRequest) -> HttpResponseBase:
    """Every mail that is to be sent, or was."""
    about = ListPage(
        _("Outbox"),
        _("Mails are repeated for two days when the other server does not take them; then they have failed."),
        _("No mail yet."),
        "postausgang.csv",
        tabs=tabs("outbox"),
    )
    listing, rows = outbox_listing(request), OutgoingMail.objects.defer("body")
    if "invoices.deliver" in request.permissions:
        about.extra["failed"] = count_failed(listing.apply(OutgoingMail.objects.all()))
        about.extra["retry_url"] = reverse("office:mails-retry") + listing.url()
    return render_list(request, about, listing, rows, MAIL_COLUMNS, template="office/mail/mails.html")


@require_safe
@staff_permission("outbox.read")
def mail(request: StaffRequest, mail_id: int) -> HttpResponseBase:
    """One mail; the text of one that carries a key to a login is never shown."""
    found = get_object_or_404(OutgoingMail, pk=mail_id)
    language = reader_language()
    facts = [
        Fact(_("To"), found.recipient),
        Fact(_("From"), found.sender),
        Fact(_("Kind"), found.kind),
        Fact(_("Message-ID"), found.message_id),
        Fact(_("Queued"), format_instant(localtime(found.queued_at), language)),
        Fact(_("Attempts"), found.attempts),
    ]
    if found.last_error:
        facts.append(Fact(_("Last answer"), found.last_error))
    context = {
        "mail": found,
        "badge": mail_badge(found.state),
        "facts": facts,
        "text": visible_body(found),
        "attachments": [name for _file, name in found.attachments],
        "may_retry": "invoices.deliver" in request.permissions and found.is_restartable,
        "crumbs": [Link(_("Outbox"), reverse("office:outbox")), Link(found.subject)],
    }
    return render(request, "office/mail/mail.html", context)


@require_POST
@staff_permission("invoices.deliver")
def mail_retry(request: StaffRequest, mail_id: int) -> HttpResponseBase:
    """Send a failed or waiting mail now, as the same message."""
    found = get_object_or_404(OutgoingMail, pk=mail_id)

    def act() -> str:
        retry_mail(found, on=request.today, actor=request.actor)
        return _("The mail is being sent again.")

    return submit_once(request, mail_url(found), act)


@require_POST
@staff_permission("invoices.deliver")
def mails_retry(request: StaffRequest) -> HttpResponseBase:
    """Send the failed mails that the list shows again, for example after a wrong password of the mail server was put
    right."""
    listing = outbox_listing(request)

    def act() -> str:
        shown = listing.apply(OutgoingMail.objects.all())
        count = retry_failed_mails(shown, on=request.today, actor=request.actor)
        return _("{count} mails are being sent again.").format(count=count)

    return submit_once(request, reverse("office:outbox") + listing.url(), act)


@require_safe
@staff_permission("outbox.read")
def deliveries(request: StaffRequest) -> HttpResponseBase:
    """The send ledger: a row per document and channel, sent or why not."""

    def of_run(rows: Any, text: str) -> Any:
        issued = Invoice.objects.filter(batch_id=whole_number(text)).values("pk")
        return rows.filter(paper_kind=INVOICE.code, paper_id__in=issued)

    def late(rows: Any, _value: str) -> Any:
        return rows.filter(pk__in=list_late_mails().values("pk"))

    filters = (
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("state", gettext_lazy("State"), lambda rows, v: rows.filter(state=v), "choice", delivery_words.STATES),
        Filter("run", gettext_lazy("Billing run"), of_run),
        Filter("late", gettext_lazy("Mail"), late, "choice", {"yes": gettext_lazy("late: not in the outbox")}),
    )
    listing = Listing(request.GET, filters=filters, sorts=NEWEST, default_sort="-new")
    rows = Delivery.objects.select_related("customer", "mail").defer("mail__body")
    about = ListPage(
        _("Sent documents"),
        _("Every document is sent once per channel; whatever was not sent says why."),
        _("No document was sent yet."),
        "versandbuch.csv",
        tabs=tabs("deliveries"),
        extra={"may_retry": "invoices.deliver" in request.permissions},
    )
    return render_list(request, about, listing, rows, DELIVERY_COLUMNS, template="office/mail/deliveries.html")


def badge_of(row: Delivery) -> Badge:
    return delivery_badge(row.state, row.mail.state if row.mail else "")


DELIVERY_COLUMNS = [
    Column(gettext_lazy("Document"), lambda row: row.number, url=paper_url),
    Column(gettext_lazy("Customer"), lambda row: row.customer.name, sub=lambda row: row.customer.number),
    Column(gettext_lazy("To"), lambda row: row.recipient),
    Column(
        gettext_lazy("State"),
        lambda row: [badge_of(row)],
        "badges",
        sub=lambda row: row.reason,
        sub_label=gettext_lazy("Reason"),
    ),
    Column(gettext_lazy("Planned"), lambda row: row.created_at, "day"),
]


@require_POST
@staff_permission("invoices.deliver")
def delivery_retry(request: StaffRequest, delivery_id: int) -> HttpResponseBase:
    """Send a document that was put aside, after an address was added or its letter mended."""
    found = get_object_or_404(Delivery, pk=delivery_id)

    def act() -> str:
        delivery = retry_delivery(found, on=request.today, actor=request.actor)
        if not delivery.reason:
            return _("The document is on its way.")
        messages.warning(request, delivery.reason)
        return ""

    return submit_once(request, reverse("office:deliveries"), act)


def _refuse_in_production() -> None:
    if settings.MODE == "production":
        raise Http404


MAILBOX_COLUMNS = [
    Column(
        gettext_lazy("Subject"),
        lambda row: str(parsed(row)["subject"] or "–"),
        url=lambda row: reverse("office:mailbox-mail", args=[row.pk]),
        sub=lambda row: row.recipient,
    ),
    Column(gettext_lazy("Received"), lambda row: row.received_at, "day", sort="new"),
]


@require_safe
@staff_permission("mailbox.read")
def mailbox(request: StaffRequest) -> HttpResponseBase:
    """What an SMTP server would have received; demo and test only."""
    _refuse_in_production()
    filters = (Filter("q", gettext_lazy("Recipient"), lambda rows, v: rows.filter(recipient__icontains=v), "search"),)
    about = ListPage(
        _("Demo mailbox"),
        _("Without a mail server, mails end here instead of leaving the house."),
        _("No mail has arrived yet."),
        "mailbox.csv",
        tabs=tabs("mailbox"),
    )
    listing = Listing(request.GET, filters=filters, sorts=NEWEST, default_sort="-new")
    return render_list(request, about, listing, DemoMail.objects.all(), MAILBOX_COLUMNS)


def parsed(found: DemoMail) -> EmailMessage:
    return message_from_bytes(bytes(found.raw), policy=policy.default)


@require_safe
@staff_permission("mailbox.read")
def mailbox_mail(request: StaffRequest, mail_id: int) -> HttpResponseBase:
    """One mail as its reader sees it."""
    _refuse_in_production()
    found = get_object_or_404(DemoMail, pk=mail_id)
    message = parsed(found)
    body = message.get_body(preferencelist=("plain",))
    attachments = [part.get_filename() or "–" for part in message.iter_attachments()]
    context = {
        "mail": found,
        "subject": str(message["subject"] or "–"),
        "facts": [
            Fact(_("To"), found.recipient),
            Fact(_("From"), str(message["from"])),
            Fact(_("Date"), str(message["date"])),
            Fact(_("Message-ID"), str(message["message-id"])),
        ],
        "text": body.get_content() if body else "",
        "attachments": list(enumerate(attachments)),
        "crumbs": [Link(_("Demo mailbox"), reverse("office:mailbox")), Link(str(message["subject"] or "–"))],
    }
    return render(request, "office/mail/mailbox_mail.html", context)


@require_safe
@staff_permission("mailbox.read")
def mailbox_raw(request: StaffRequest, mail_id: int) -> HttpResponseBase:
    """The bytes of a mail."""
    _refuse_in_production()
    found = get_object_or_404(DemoMail, pk=mail_id)
    return _download(bytes(found.raw), "message/rfc822", f"mail-{found.pk}.eml")


@require_safe
@staff_permission("mailbox.read")
def mailbox_attachment(request: StaffRequest, mail_id: int, index: int) -> HttpResponseBase:
    """One attachment of a mail."""
    _refuse_in_production()
    found = get_object_or_404(DemoMail, pk=mail_id)
    parts = list(parsed(found).iter_attachments())
    if index >= len(parts):
        raise Http404
    content = parts[index].get_payload(decode=True)
    assert isinstance(content, bytes)
    return _download(content, "application/octet-stream", f"mail-{found.pk}-{index}.pdf")


def _download(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
