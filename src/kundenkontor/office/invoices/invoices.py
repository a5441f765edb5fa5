"""All issued documents, and one of them with everything about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.billing.models import Charge
from kundenkontor.delivery.models import Delivery, Reminder
from kundenkontor.delivery.queries import is_sent
from kundenkontor.delivery.unfinished import list_late_files
from kundenkontor.events.models import Event
from kundenkontor.events.names import event_words, names_about
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine
from kundenkontor.invoicing.papers.explaining import name_on_paper
from kundenkontor.invoicing.papers.kind import INVOICE, paper_of
from kundenkontor.invoicing.queries import CANCELLED, filter_status, status_of
from kundenkontor.invoicing.search import about_amount_or_day, names_domain, numbers_meant
from kundenkontor.invoicing.words import KINDS, STATUSES
from kundenkontor.invoicing.writing_off.queries import list_losses
from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.office.desk.choices import MAX_CUSTOMERS, customers_matching, seller_filters
from kundenkontor.office.desk.statuses import delivery_badge, with_states
from kundenkontor.papers.models import RenderFailure
from kundenkontor.papers.queries import files_of
from kundenkontor.payments.models import Allocation
from kundenkontor.payments.queries import use_of
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import list_balances
from kundenkontor.web.addresses import address_of
from kundenkontor.web.components import Badge, Fact, Link
from kundenkontor.web.forms import reader_language, reader_style, whole_number
from kundenkontor.web.gate.files import serve_file
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.counted import CountedPage
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, csv_of, render_list
from kundenkontor.web.statuses import document_badges, due_of

LINES_ON_PAGE = 200
SORTS = {
    "new": Sort(gettext_lazy("Issued"), ("id",)),
    "due": Sort(gettext_lazy("Due"), ("due_date", "id")),
    "amount": Sort(gettext_lazy("Amount"), ("amount_due", "id")),
}


def signed_amount(invoice: Invoice) -> Any:
    """A credit note is a row with a negative amount (M16)."""
    return invoice.signed(invoice.amount_due)


def search(rows: QuerySet[Invoice], text: str) -> QuerySet[Invoice]:
    """By number in any of its ways, customer, domain, contract number, amount or day."""
    customer_ids = list(customers_matching(text).values_list("pk", flat=True)[:MAX_CUSTOMERS])
    known = Q(contract__number=text) | names_domain(text, "contract__identifier")
    billed = Charge.objects.filter(known).order_by("-pk").values_list("invoice_id", flat=True)
    found = Q(number__istartswith=text) | Q(number__in=numbers_meant(text)) | Q(customer_id__in=customer_ids)
    return rows.filter(found | about_amount_or_day(text) | Q(pk__in=list(billed[: 2 * MAX_CUSTOMERS])))


def listing_of(request: StaffRequest) -> Listing:
    def of_state(rows: QuerySet[Invoice], state: str) -> QuerySet[Invoice]:
        return filter_status(rows, state, on=request.today)

    filters = [
        Filter("q", gettext_lazy("Search"), search, "search"),
        Filter("state", gettext_lazy("Status"), of_state, "choice", STATUSES),
        Filter("type", gettext_lazy("Kind"), lambda rows, v: rows.filter(type_code=v), "choice", KINDS),
        *seller_filters(),
        Filter("since", gettext_lazy("Issued from"), lambda rows, v: rows.filter(issue_date__gte=v), "day"),
        Filter("until", gettext_lazy("Issued to"), lambda rows, v: rows.filter(issue_date__lte=v), "day"),
        Filter("run", gettext_lazy("Billing run"), _of_run),
        Filter("files", gettext_lazy("Files"), _without_files, "choice", {"none": gettext_lazy("not made")}),
    ]
    return Listing(request.GET, filters=filters, sorts=SORTS, default_sort="-new")


def _of_run(rows: QuerySet[Invoice], text: str) -> QuerySet[Invoice]:
    return rows.filter(batch_id=whole_number(text))


def _without_files(rows: QuerySet[Invoice], _value: str) -> QuerySet[Invoice]:
    """As the start page counts them."""
    return rows.filter(pk__in=list_late_files().values("pk"))


def _open_amount(row: Any) -> Any:
    return None if row.sign < 0 else row.open_amount


def columns_of(today: date) -> list[Column]:
    return [
        Column(gettext_lazy("Number"), lambda row: row.number, url=invoice_url),
        Column(
            gettext_lazy("Customer"),
            lambda row: row.customer.name,
            url=lambda row: address_of("office:customer", row.customer_id),
            sub=lambda row: row.customer.number,
        ),
        Column(gettext_lazy("Issued"), lambda row: row.issue_date, "day", sort="new"),
        Column(gettext_lazy("Due"), due_of, "day", sort="due"),
        Column(gettext_lazy("Status"), document_badges, "badges"),
        Column(gettext_lazy("Open"), _open_amount, "money"),
        Column(gettext_lazy("Amount"), signed_amount, "money", sort="amount"),
    ]


def invoice_url(row: Any) -> str:
    return address_of("office:invoice", row.pk)


def crumbs_of(found: Invoice, last: str) -> list[Link]:
    """Where a page below a document stands."""
    return [Link(_("Invoices"), reverse("office:invoices")), Link(found.number, invoice_url(found)), Link(last)]


@require_safe
@staff_permission("invoices.read")
def invoices(request: StaffRequest) -> HttpResponseBase:
    """Every document of every customer."""
    about = ListPage(
        _("Invoices"),
        _("All issued documents of all customers; credit notes stand among them with a negative amount."),
        _("No document has been issued yet."),
        "rechnungen.csv",
        empty_hint=_("Documents come from a billing run or from an invoice written by hand."),
        action=Action(_("Write an invoice"), reverse("office:draft-new"), "invoices.issue"),
        tabs=tabs(request, "invoices"),
    )
    queryset = with_states(Invoice.objects.all(), request.today)
    return render_list(request, about, listing_of(request), queryset, columns_of(request.today))


def tabs(request: StaffRequest, current: str) -> list[Link]:
    """Documents, drafts and what could not be rendered."""
    failures = RenderFailure.objects.count()
    return [
        Link(_("Issued"), reverse("office:invoices"), current == "invoices"),
        Link(_("Drafts"), reverse("office:drafts"), current == "drafts"),
        Link(_("One-off items"), reverse("office:one-offs"), current == "one-offs"),
        Link(_("Not rendered"), reverse("office:render-failures"), current == "failures", failures or None),
    ]


@require_safe
@staff_permission("invoices.read")
def invoice(request: StaffRequest, invoice_id: int) -> HttpResponseBase:
    """One document: lines, VAT, sums, files, delivery, corrections, payments, events."""
    found = find_invoice(invoice_id, request.today)
    corrections = list(Correction.objects.filter(original=found).select_related("invoice").order_by("pk"))
    context = {
        "invoice": found,
        "status": status_of(found),
        "badges": document_badges(found),
        "facts": _facts(found),
        "lines": lines_page(request, InvoiceLine.objects.filter(invoice_id=found.pk).order_by("position")),
        "name_of": lambda line: name_on_paper(line, reader_style()),
        "breakdown": found.vat_breakdown.order_by("position"),
        "files": files_of(paper_of(found)).select_related("file").order_by("kind"),
        "balance": _balance_for(found),
        "failure": RenderFailure.objects.filter(paper_kind=INVOICE.code, paper_id=found.pk).first(),
        "deliveries": _deliveries(found),
        "reminders": Reminder.objects.filter(invoice=found).order_by("pk"),
        "corrections": corrections,
        "is_cancelled": any(one.is_full for one in corrections),
        "may_undo": _may_undo(request, found, corrections),
        "allocations": _allocations(found),
        "losses": list_losses(found),
        "events": _events_of(found),
        "event_words": event_words,
        "crumbs": [Link(_("Invoices"), reverse("office:invoices")), Link(found.number)],
    }
    return render(request, "office/invoices/detail.html", context)


def _may_undo(request: StaffRequest, found: Invoice, corrections: Sequence[Correction]) -> bool:
    """Nobody was sent it, and nothing was paid or taken back of it yet."""
    if corrections or not found.kind.is_correctable or "invoices.correct" not in request.permissions:
        return False
    return found.open_item.open_amount == found.amount_due and not is_sent(paper_of(found))


def lines_page(request: HttpRequest, lines: Sequence[InvoiceLine] | QuerySet[InvoiceLine]) -> CountedPage[InvoiceLine]:
    """The lines of a document, which may be thousands, a page at a time."""
    return CountedPage(request.GET, lines, size=LINES_ON_PAGE)


def find_invoice(invoice_id: int, today: date) -> Invoice:
    """The document with what its state is derived from, or 404."""
    queryset = with_states(Invoice.objects.all(), today).select_related(
        "seller", "open_item", "correction__original", "customer_snapshot"
    )
    return get_object_or_404(queryset, pk=invoice_id)


def _facts(found: Invoice) -> list[Fact]:
    language = reader_language()
    then = found.customer_snapshot.content
    name = then.get("company") or f"{then.get('first_name', '')} {then.get('last_name', '')}".strip()
    facts = [
        Fact(_("Customer"), f"{found.customer.number} {name}", reverse("office:customer", args=[found.customer_id])),
        Fact(_("Seller"), found.seller.name),
        Fact(_("Issued on"), format_date(found.issue_date, language)),
        Fact(
            _("Service period"),
            f"{format_date(found.period_start, language)} – {format_date(found.period_end, language)}",
        ),
    ]
    if correction := getattr(found, "correction", None):
        facts.append(Fact(_("Corrects"), correction.original.number, invoice_url(correction.original)))
        facts += _use_of(correction, language)
    elif status_of(found) != CANCELLED:
        facts.append(Fact(_("Due on"), format_date(found.due_date, language)))
        facts.append(Fact(_("Payment reference"), found.payment_reference))
    if found.batch_id:
        run_url = reverse("office:billing-run", args=[found.batch_id])
        facts.append(Fact(_("Issued by"), _("Billing run {number}").format(number=found.batch_id), run_url))
    optional = ((_("Order number"), found.order_number), (_("Buyer reference"), found.buyer_reference))
    return facts + [Fact(label, value) for label, value in optional if value]


def _balance_for(found: Invoice) -> OpenItem | None:
    """A balance of the customer with which the open document can be offset."""
    if found.kind.corrects or not found.open_item.open_amount:
        return None
    return list_balances(found.customer_id).first()


def _use_of(correction: Correction, language: str) -> list[Fact]:
    """What became of what a correction takes back."""
    use, currency = use_of(correction), correction.invoice.currency
    facts = [
        Fact(
            _("Set off against {number}").format(number=one.number),
            format_money(one.amount, currency, language),
            reverse("office:invoice", args=[one.invoice_id]) if one.invoice_id else "",
        )
        for one in use.settled
    ]
    if use.left:
        balance = reverse("office:balance-offset", args=[correction.invoice.open_item_id])
        facts.append(Fact(_("In the customer’s favour"), format_money(use.left, currency, language), balance))
    if use.refunded:
        facts.append(Fact(_("Refunded"), format_money(use.refunded, currency, language)))
    return facts


def _deliveries(found: Invoice) -> list[tuple[Delivery, Badge]]:
    rows = Delivery.objects.filter(paper_kind=INVOICE.code, paper_id=found.pk).select_related("mail").order_by("pk")
    return [(row, delivery_badge(row.state, row.mail.state if row.mail else "")) for row in rows]


def _allocations(found: Invoice) -> list[Allocation]:
    rows = Allocation.objects.filter(Q(open_item=found.open_item) | Q(balance_item=found.open_item))
    return list(rows.select_related("payment", "balance_item", "open_item", "reversed_by").order_by("pk"))


def _events_of(found: Invoice) -> list[Event]:
    rows = Event.objects.filter(customer_id=found.customer_id)
    of_paper = Q(name__in=names_about("paper"), payload__kind=INVOICE.code)
    own = Q(subject_id=found.pk) & (Q(name__in=names_about("invoice")) | of_paper)
    of_losses = Q(name__in=names_about("write_off"), subject_id__in=[row.pk for row in list_losses(found)])
    return list(rows.filter(own | of_losses).order_by("-id")[:50])


@require_safe
@staff_permission("documents.read")
def invoice_file(request: StaffRequest, invoice_id: int, kind: str) -> HttpResponseBase:
    """The stored bytes, shown in the browser; the worker makes them now if it has not done it yet."""
    return serve_file(request, paper_of(get_object_or_404(Invoice, pk=invoice_id)), kind, is_inline=True)


LINE_COLUMNS = [
    Column(gettext_lazy("Position"), lambda row: row.position, "number"),
    Column(gettext_lazy("Contract"), lambda row: row.contract_number),
    Column(gettext_lazy("Article"), lambda row: row.article_number),
    Column(gettext_lazy("Name"), lambda row: row.item_name),
    Column(gettext_lazy("Identifier"), lambda row: row.identifier),
    Column(gettext_lazy("From"), lambda row: row.period_start, "day"),
    Column(gettext_lazy("To"), lambda row: row.period_end, "day"),
    Column(gettext_lazy("Quantity"), lambda row: row.quantity),
    Column(gettext_lazy("Of"), lambda row: row.base_quantity),
    Column(gettext_lazy("Price"), lambda row: row.net_price, "money"),
    Column(gettext_lazy("Discount %"), lambda row: row.discount_percent),
    Column(gettext_lazy("Net"), lambda row: row.net_amount, "money"),
    Column(gettext_lazy("VAT category"), lambda row: row.vat_category),
    Column(gettext_lazy("VAT %"), lambda row: row.vat_rate),
]


@require_safe
@staff_permission("invoices.read")
def invoice_lines(request: HttpRequest, invoice_id: int) -> HttpResponseBase:
    """The lines of a document as CSV."""
    found = get_object_or_404(Invoice, pk=invoice_id)
    lines = InvoiceLine.objects.filter(invoice_id=found.pk).order_by("position")
    return csv_of(f"{found.number}.csv", LINE_COLUMNS, lines.iterator(chunk_size=1000))
