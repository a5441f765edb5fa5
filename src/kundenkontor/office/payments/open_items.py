"""What is open now, and balances: offsetting and returning them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.invoicing.queries import with_document
from kundenkontor.kernel.formats import format_money
from kundenkontor.kernel.money import CENT
from kundenkontor.office.desk.choices import customer_search, seller_filters
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.statuses import open_item_badge
from kundenkontor.office.payments.payments import tabs
from kundenkontor.payments.commands import offset_balance, refund_balance
from kundenkontor.receivables.claims import CLAIMS, IS_OWED, IS_OWED_BACK
from kundenkontor.receivables.models import OpenItem
from kundenkontor.receivables.queries import list_offsettable, list_open_receivables
from kundenkontor.receivables.words import OPEN_ITEMS
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import DayField, MoneyField, TextField, reader_language, whole_number
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

SORTS = {
    "due": Sort(gettext_lazy("Due"), ("due_date", "id")),
    "open": Sort(gettext_lazy("Open"), ("open_amount", "id")),
}


@require_safe
@staff_permission("payments.read")
def open_items(request: StaffRequest) -> HttpResponseBase:
    """What customers owe now and what we owe them, the oldest first."""
    today = request.today

    def of_kind(rows: Any, kind: str) -> Any:
        if kind == "overdue":
            return rows.filter(IS_OWED, due_date__lt=today)
        return rows.filter(pk__in=list_offsettable()) if kind == "offset" else rows.filter(kind=kind)

    filters = [
        Filter("q", gettext_lazy("Customer"), customer_search(), "search"),
        Filter("kind", gettext_lazy("Kind"), of_kind, "choice", OPEN_ITEMS),
        *seller_filters(),
    ]
    columns = [
        Column(gettext_lazy("Number"), lambda row: row.number, url=_item_url),
        Column(
            gettext_lazy("Customer"),
            lambda row: row.customer.name,
            url=lambda row: reverse("office:customer", args=[row.customer_id]),
            sub=lambda row: row.customer.number,
        ),
        Column(gettext_lazy("Due"), lambda row: row.due_on, "day", sort="due"),
        Column(gettext_lazy("State"), lambda row: [open_item_badge(row, today)], "badges"),
        Column(gettext_lazy("Amount"), lambda row: row.original_amount, "money"),
        Column(gettext_lazy("Open"), lambda row: row.open_amount, "money", sort="open"),
    ]
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="due")
    about = ListPage(
        _("Open items"),
        _("What customers owe now, and what is owed to them. For any other day see the books."),
        _("Nothing is open."),
        "offene-posten.csv",
        tabs=tabs("open-items"),
    )
    rows = with_document(OpenItem.objects.filter(open_amount__gt=0)).select_related("customer")
    return render_list(request, about, listing, rows, columns)


def _item_url(row: Any) -> str:
    """A receivable leads to its document, or its customer where it has none; a balance to what can be done with it."""
    if CLAIMS[row.kind].sign < 0:
        return reverse("office:balance-offset", args=[row.pk])
    if row.document_id is None:
        return reverse("office:customer", args=[row.customer_id])
    return reverse("office:invoice", args=[row.document_id])


def _balance(item_id: int) -> OpenItem:
    return get_object_or_404(OpenItem.objects.select_related("customer"), IS_OWED_BACK, pk=item_id)


def _page(item: OpenItem, title: str, button: str, done: str) -> FormPage:
    customer_url = reverse("office:customer", args=[item.customer_id])
    left = format_money(item.open_amount, item.currency, reader_language())
    tabs_of = {
        "tabs": [
            Link(_("Offset"), reverse("office:balance-offset", args=[item.pk])),
            Link(_("Refund"), reverse("office:balance-refund", args=[item.pk])),
        ]
    }
    return FormPage(
        title,
        button,
        reverse("office:open-items"),
        lead=_("A balance is what a customer paid too much or got back by a correction."),
        crumbs=[Link(_("Open items"), reverse("office:open-items")), Link(item.number)],
        facts=[Fact(_("Customer"), str(item.customer), customer_url), Fact(_("Left of the balance"), left)],
        done=done,
        extra=tabs_of,
    )


class OffsetForm(forms.Form):
    open_item = forms.ModelChoiceField(OpenItem.objects.none(), label=gettext_lazy("Open item"))
    amount = MoneyField(label=gettext_lazy("Amount"), minimum=CENT)

    def __init__(self, *args: Any, item: OpenItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["open_item"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = with_document(list_open_receivables(item.customer_id))
        field.label_from_instance = lambda owed: (  # type: ignore[method-assign,assignment]
            f"{owed.number} · {format_money(owed.open_amount, owed.currency, reader_language())}"
        )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write")
def offset(request: StaffRequest, item_id: int) -> HttpResponseBase:
    """Settle an open item of the same customer with a balance."""
    item = _balance(item_id)
    owed = list_open_receivables(item.customer_id)
    first = owed.filter(pk=whole_number(request.GET.get("item", ""))).first() or owed.first()
    initial = {"open_item": first, "amount": min(item.open_amount, first.open_amount)} if first else {}
    about = _page(item, _("Offset a balance"), _("Offset"), _("The balance was offset."))
    if first is None:
        about.warning = _("This customer owes nothing that could be offset.")

    def act(values: dict[str, Any]) -> str:
        offset_balance(item, values["open_item"], values["amount"], on=request.today, actor=request.actor)
        return _item_url(values["open_item"])

    form = OffsetForm(request.POST or None, item=item, initial=initial)
    return serve_form(request, form, about, act, template="office/payments/balance.html")


class RefundForm(forms.Form):
    amount = MoneyField(label=gettext_lazy("Amount"), minimum=CENT)
    refunded_on = DayField(
        label=gettext_lazy("Paid back on"),
        required=False,
        help_text=gettext_lazy("The day on which the bank booked it. Empty: today."),
    )
    reference = TextField(label=gettext_lazy("Reference of the transfer"), max_length=140, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write")
def refund(request: StaffRequest, item_id: int) -> HttpResponseBase:
    """Note that money was returned out of a balance."""
    item = _balance(item_id)
    about = _page(item, _("Refund a balance"), _("Note the refund"), _("The refund is booked."))
    about.warning = _("This only notes the refund; please transfer the money at your bank.")

    def act(values: dict[str, Any]) -> str:
        refund_balance(item, **values, on=request.today, actor=request.actor)
        return reverse("office:open-items") + "?kind=balance"

    form = RefundForm(request.POST or None, initial={"amount": item.open_amount, "refunded_on": request.today})
    return serve_form(request, form, about, act, template="office/payments/balance.html")
