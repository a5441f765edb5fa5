"""The journal, the sums of all accounts and the sheet of one: by the day of posting, down to the document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.formats import format_money, format_rate
from kundenkontor.kernel.money import ZERO
from kundenkontor.ledger.models import Account, Posting
from kundenkontor.ledger.queries import AccountSums, account_sums, list_account_postings, list_postings
from kundenkontor.ledger.words import ENTRIES, ROLES
from kundenkontor.office.books.frame import PeriodForm, asked, page_urls, tabs, url_of
from kundenkontor.parties.models import Customer
from kundenkontor.web.components import Link, Tile
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.paging import KeysetPage
from kundenkontor.web.lists.tables import Column, csv_of, rows_of

PAGE_SIZE = 100
CHUNK = 1000
ACCOUNT_ORDER = ("role", "vat_category", "country", "vat_rate", "place")


def account_name(account: Account) -> str:
    """As bookkeepers read it: the role with its VAT case, or with its place."""
    parts = [str(ROLES[account.role])]
    if account.vat_category:
        parts += [account.vat_category, format_rate(account.vat_rate, reader_language()), account.country]
    return " ".join(part for part in (*parts, account.place) if part)


class JournalRow(NamedTuple):
    """A posting with the document and the customer that it is about."""

    posting: Posting
    document: tuple[int, str] | None
    customer: str

    @property
    def url(self) -> str:
        kind, reference = self.posting.entry.kind, self.posting.entry.reference
        if self.document:
            return reverse("office:invoice", args=[self.document[0]])
        return reverse("office:payment", args=[reference]) if kind in ("payment", "payment_reversal") else ""


def journal_rows(postings: Iterable[Posting]) -> list[JournalRow]:
    """With documents and customers, looked up for all rows together."""
    found = list(postings)
    items = {item for row in found for item in (row.debit_item_id, row.credit_item_id) if item}
    documents = {
        item: (pk, number)
        for item, pk, number in Invoice.objects.filter(open_item__in=items).values_list("open_item_id", "pk", "number")
    }
    ids = {row.customer_id for row in found if row.customer_id}
    customers = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "number"))
    return [
        JournalRow(
            row,
            documents.get(row.debit_item_id or 0) or documents.get(row.credit_item_id or 0),
            customers.get(row.customer_id or 0, ""),
        )
        for row in found
    ]


def in_chunks(postings: QuerySet[Posting]) -> Iterable[JournalRow]:
    """All rows for a file, looked up a thousand at a time."""
    chunk: list[Posting] = []
    for row in postings.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from journal_rows(chunk)
            chunk = []
    yield from journal_rows(chunk)


HEAD = [
    Column(
        gettext_lazy("Booked"),
        lambda row: f"{ENTRIES.get(row.posting.entry.kind, row.posting.entry.kind)} {row.posting.entry.reference}",
        url=lambda row: row.url,
        sub=lambda row: row.document[1] if row.document else "",
    ),
    Column(gettext_lazy("Posted on"), lambda row: row.posting.entry.entry_date, "day"),
    Column(gettext_lazy("Counts for VAT on"), lambda row: row.posting.entry.tax_day, "day"),
    Column(gettext_lazy("Customer"), lambda row: row.customer),
]
JOURNAL_COLUMNS = [
    *HEAD,
    Column(gettext_lazy("Debit"), lambda row: account_name(row.posting.debit_account)),
    Column(gettext_lazy("Credit"), lambda row: account_name(row.posting.credit_account)),
    Column(gettext_lazy("Amount"), lambda row: row.posting.amount, "money"),
]


@require_safe
@staff_permission("books.read")
def journal(request: StaffRequest) -> HttpResponseBase:
    """Every posting of a period, in the order in which it was booked."""
    form = PeriodForm(asked(request, {"since": request.today.replace(day=1), "until": request.today}))
    context: dict[str, Any] = {"form": form, "tabs": tabs("journal"), "title": _("Journal")}
    if not form.is_valid():
        return render(request, "office/books/journal.html", context, status=422)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    postings = list_postings(int(form.cleaned_data["seller"]), since, until)
    if request.GET.get("format") == "csv":
        return csv_of(f"journal-{since:%Y%m%d}-{until:%Y%m%d}.csv", JOURNAL_COLUMNS, in_chunks(postings))
    return render(request, "office/books/journal.html", context | _page(request, form, postings, JOURNAL_COLUMNS))


def _page(
    request: StaffRequest, form: PeriodForm, postings: QuerySet[Posting], columns: list[Column]
) -> dict[str, Any]:
    page = KeysetPage(
        postings,
        order=("entry_id", "position"),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    return {"columns": columns, "rows": rows_of(columns, journal_rows(page.rows)), **page_urls(form, page)}


class AccountRow(NamedTuple):
    account: Account
    sums: AccountSums
    url: str


ACCOUNT_COLUMNS = [
    Column(gettext_lazy("Account"), lambda row: account_name(row.account), url=lambda row: row.url),
    Column(gettext_lazy("Before"), lambda row: row.sums.opening, "money"),
    Column(gettext_lazy("Debit"), lambda row: row.sums.debited, "money"),
    Column(gettext_lazy("Credit"), lambda row: row.sums.credited, "money"),
    Column(gettext_lazy("After"), lambda row: row.sums.closing, "money"),
]


@require_safe
@staff_permission("books.read")
def accounts(request: StaffRequest) -> HttpResponseBase:
    """What every account of a seller stood at before and after a period, and what moved it. Debit is positive."""
    form = PeriodForm(asked(request, {"since": request.today.replace(day=1), "until": request.today}))
    context: dict[str, Any] = {"form": form, "tabs": tabs("accounts"), "title": _("Accounts")}
    if not form.is_valid():
        return render(request, "office/books/journal.html", context, status=422)
    seller_id, since, until = int(form.cleaned_data["seller"]), form.cleaned_data["since"], form.cleaned_data["until"]
    sums = account_sums(seller_id, since, until)
    rows = [
        AccountRow(account, sums[account.pk], reverse("office:account-sheet", args=[account.pk]) + url_of(form))
        for account in Account.objects.filter(seller_id=seller_id).order_by(*ACCOUNT_ORDER)
        if account.pk in sums
    ]
    if request.GET.get("format") == "csv":
        return csv_of(f"konten-{since:%Y%m%d}-{until:%Y%m%d}.csv", ACCOUNT_COLUMNS, rows)
    shown = {"columns": ACCOUNT_COLUMNS, "rows": rows_of(ACCOUNT_COLUMNS, rows), "csv_url": url_of(form, format="csv")}
    return render(request, "office/books/journal.html", context | shown)


@require_safe
@staff_permission("books.read")
def account_sheet(request: StaffRequest, account_id: int) -> HttpResponseBase:
    """What moved one account in a period, with the other side of each posting."""
    account = get_object_or_404(Account, pk=account_id)
    defaults = {"since": request.today.replace(day=1), "until": request.today}
    form = PeriodForm(asked(request, defaults) | {"seller": str(account.seller_id)})
    name = account_name(account)
    crumbs = [Link(_("Accounts"), reverse("office:accounts")), Link(name)]
    context: dict[str, Any] = {"form": form, "tabs": tabs("accounts"), "title": name, "crumbs": crumbs}
    if not form.is_valid():
        return render(request, "office/books/journal.html", context, status=422)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    postings, columns = list_account_postings(account, since, until), _sheet_columns(account)
    if request.GET.get("format") == "csv":
        return csv_of(f"konto-{since:%Y%m%d}-{until:%Y%m%d}.csv", columns, in_chunks(postings))
    nothing = AccountSums(account.pk, ZERO, ZERO, ZERO)
    sums = account_sums(account.seller_id, since, until).get(account.pk, nothing)
    tiles = {"tiles": _tiles(sums)}
    return render(request, "office/books/journal.html", context | tiles | _page(request, form, postings, columns))


def _sheet_columns(account: Account) -> list[Column]:
    def other(row: JournalRow) -> Account:
        posting = row.posting
        return posting.credit_account if posting.debit_account_id == account.pk else posting.debit_account

    def on(side: str) -> Any:
        return lambda row: row.posting.amount if getattr(row.posting, f"{side}_account_id") == account.pk else None

    return [
        *HEAD,
        Column(gettext_lazy("Against"), lambda row: account_name(other(row))),
        Column(gettext_lazy("Debit"), on("debit"), "money"),
        Column(gettext_lazy("Credit"), on("credit"), "money"),
    ]


def _tiles(sums: AccountSums) -> list[Tile]:
    language = reader_language()
    return [
        Tile(_("After"), format_money(sums.closing, "EUR", language), lead=True),
        Tile(_("Before"), format_money(sums.opening, "EUR", language)),
        Tile(_("Debit"), format_money(sums.debited, "EUR", language)),
        Tile(_("Credit"), format_money(sums.credited, "EUR", language)),
    ]
