"""Invoices written by hand: a draft with lines, its sums and what speaks against it, and issuing it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.drafting.commands import (
    ManualLine,
    create_draft,
    discard_draft,
    edit_draft,
    issue_draft,
    lock_draft,
    look_at_draft,
)
from kundenkontor.invoicing.errors import DraftChanged, DraftGone
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.models import ManualDraft, ManualDraftLine
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.formats import format_money, format_rate
from kundenkontor.kernel.money import ZERO
from kundenkontor.office.desk.choices import customer_search, pick_customer
from kundenkontor.office.desk.mending import mend_link
from kundenkontor.office.desk.submits import nothing_written, submit_once
from kundenkontor.office.invoices.invoices import tabs
from kundenkontor.parties.models import Customer
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import (
    DayField,
    LongTextField,
    MoneyField,
    TextField,
    add_refusal,
    reader_language,
    whole_number,
)
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list

COLUMNS = [
    Column(
        gettext_lazy("Customer"),
        lambda row: row.customer.name,
        url=lambda row: reverse("office:draft", args=[row.pk]),
        sub=lambda row: row.customer.number,
    ),
    Column(gettext_lazy("Replaces"), lambda row: row.replaces.number if row.replaces else ""),
    Column(gettext_lazy("Begun"), lambda row: row.created_at, "day", sort="new"),
    Column(gettext_lazy("By"), lambda row: row.created_by),
]


@require_safe
@staff_permission("invoices.read")
def drafts(request: StaffRequest) -> HttpResponseBase:
    """What is being written and has no number yet."""
    filters = (Filter("q", gettext_lazy("Customer"), customer_search(), "search"),)
    listing = Listing(
        request.GET, filters=filters, sorts={"new": Sort(gettext_lazy("Begun"), ("id",))}, default_sort="-new"
    )
    about = ListPage(
        _("Drafts"),
        _("Invoices that are being written. They have no number and count nowhere."),
        _("No draft."),
        "entwuerfe.csv",
        action=Action(_("Write an invoice"), reverse("office:draft-new"), "invoices.issue"),
        tabs=tabs(request, "drafts"),
    )
    return render_list(request, about, listing, ManualDraft.objects.select_related("customer", "replaces"), COLUMNS)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.issue")
def new(request: StaffRequest) -> HttpResponseBase:
    """Choose the customer; the draft begins empty."""
    if request.method == "POST":
        chosen = request.POST.get("customer", "")
        customer = get_object_or_404(Customer, pk=whole_number(chosen))
        with once(request) as answer:
            draft = create_draft(customer, on=request.today, actor=request.actor)
            answer.location = reverse("office:draft", args=[draft.pk])
        return redirect(answer.location)
    text = request.GET.get("q", "")
    context = {
        "text": text,
        "customers": pick_customer(text),
        "title": _("Write an invoice"),
        "lead": _("For which customer?"),
        "button": _("Begin"),
        "action": reverse("office:draft-new"),
        "crumbs": [Link(_("Drafts"), reverse("office:drafts")), Link(_("Write an invoice"))],
    }
    return render(request, "office/desk/pick_customer.html", context)


def refuse_negative_price(form: forms.Form) -> None:
    """BR-27: prices are never negative; what is taken off is a negative quantity."""
    if (form.cleaned_data.get("net_price") or 0) < 0:
        form.add_error("net_price", _("A price is never negative; write a discount as a negative quantity."))


class HeadForm(EditForm):
    order_number = TextField(label=gettext_lazy("Order number"), required=False, max_length=100)
    buyer_reference = TextField(label=gettext_lazy("Buyer reference"), required=False, max_length=100)
    note = LongTextField(
        label=gettext_lazy("Text on the invoice"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class ContractField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A contract by its number and what it is about."""

    def label_from_instance(self, obj: Contract) -> str:
        return f"{obj.number} · {obj.identifier}" if obj.identifier else obj.number


class LineForm(forms.Form):
    """One line; an empty one is left out, one ticked for removal is dropped."""

    item_name = TextField(label=gettext_lazy("Service"), max_length=200, required=False)
    description = TextField(label=gettext_lazy("Description"), max_length=500, required=False)
    contract = ContractField(Contract.objects.none(), label=gettext_lazy("Contract"), required=False, empty_label="–")
    quantity = MoneyField(label=gettext_lazy("Quantity"), places=4, currency="", required=False)
    net_price = MoneyField(label=gettext_lazy("Net price"), places=6, required=False)
    discount_percent = MoneyField(
        label=gettext_lazy("Discount"), currency="%", required=False, minimum=ZERO, initial=ZERO
    )
    period_start = DayField(label=gettext_lazy("Service from"), required=False)
    period_end = DayField(label=gettext_lazy("Service to"), required=False)
    is_removed = forms.BooleanField(label=gettext_lazy("Remove this line"), required=False)

    def __init__(self, *args: Any, customer_id: int, line: ManualDraftLine | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line = line
        if self.is_fixed:  # a select of all contracts on each of some hundred lines takes half a minute
            del self.fields["contract"]
        else:
            contracts = Contract.objects.filter(customer_id=customer_id)
            self.fields["contract"].queryset = contracts  # type: ignore[attr-defined]

    @property
    def is_fixed(self) -> bool:
        """Whether the line bills a charge again: it stays on its contract."""
        return self.line is not None and self.line.charge_id is not None

    @property
    def is_empty(self) -> bool:
        values = self.cleaned_data
        return bool(values.get("is_removed")) or not (values.get("item_name") or values.get("net_price"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("is_removed") or not (values.get("item_name") or values.get("net_price")):
            return values
        for name in ("item_name", "net_price", "period_start", "period_end"):
            if values.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("Please fill in this field."))
        refuse_negative_price(self)
        start, end = values.get("period_start"), values.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", _("The period ends before it begins."))
        if (values.get("discount_percent") or 0) > 100:
            raise ValidationError(_("A discount is at most 100 %."))
        return values

    def as_line(self) -> ManualLine:
        values = self.cleaned_data
        contract = self.line.contract if self.line and self.is_fixed else values["contract"]
        is_kept = self.line is not None and self.line.contract == contract
        return ManualLine(
            item_name=values["item_name"],
            net_price=values["net_price"],
            period_start=values["period_start"],
            period_end=values["period_end"],
            quantity=Decimal(1) if values["quantity"] is None else values["quantity"],
            base_quantity=self.line.base_quantity if self.line else Decimal(1),
            discount_percent=values["discount_percent"] or ZERO,
            description=values["description"],
            identifier=self.line.identifier if self.line and is_kept else (contract.identifier if contract else ""),
            contract_id=contract.pk if contract else None,
            charge_id=self.line.charge_id if self.line else None,
        )


def _find(draft_id: int) -> ManualDraft:
    return get_object_or_404(ManualDraft.objects.select_related("customer__seller", "replaces"), pk=draft_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.issue")
def draft(request: StaffRequest, draft_id: int) -> HttpResponseBase:
    """Edit a draft; saving shows its sums and whatever stops it."""
    found = _find(draft_id)
    if request.method == "POST":
        return _submit(request, found, _saved)
    return _show(request, found, HeadForm(initial=_head_of(found)), line_forms(found, None))


def _saved(request: StaffRequest, found: ManualDraft) -> str:
    return reverse("office:draft", args=[found.pk])


def _submit(
    request: StaffRequest, found: ManualDraft, then: Callable[[StaffRequest, ManualDraft], str]
) -> HttpResponseBase:
    """Save what was typed, and do with it what the button says; ``then`` returns where the reader goes."""
    head, lines = HeadForm(request.POST, initial=_head_of(found)), line_forms(found, request.POST)
    is_valid = all([head.is_valid(), *[form.is_valid() for form in lines]])
    if is_valid or _is_outdated(request, lines):
        try:
            with once(request) as answer:
                _refuse_outdated(request, found)
                kept = [form.as_line() for form in lines if not form.is_empty]
                edit_draft(found, kept, **head.cleaned_data, on=request.today, actor=request.actor)
                answer.location = then(request, found)
            return redirect(answer.location)
        except (DraftChanged, DraftGone) as refusal:
            messages.error(request, str(refusal))
            return redirect("office:drafts") if isinstance(refusal, DraftGone) else redirect("office:draft", found.pk)
        except DomainError as refusal:
            add_refusal(head, refusal)
    return _show(request, found, head, lines)


def lines_of(forms: list[LineForm]) -> str:
    """Which lines a page shows; every saving makes them anew."""
    return ",".join(str(form.line.pk) for form in forms if form.line)


def _is_outdated(request: StaffRequest, lines: list[LineForm]) -> bool:
    """Whether a form was opened when the draft had other lines; its fields would be taken for those of others."""
    shown = lines_of(lines)
    return request.POST.get("lines", shown) != shown


def _refuse_outdated(request: StaffRequest, found: ManualDraft) -> None:
    """Lock the draft and raise DraftChanged. Inside ``once``: a repeated submit has changed the lines itself."""
    if _is_outdated(request, line_forms(lock_draft(found), None)):
        raise DraftChanged()


def _head_of(found: ManualDraft) -> dict[str, str]:
    return {name: getattr(found, name) for name in HeadForm.base_fields}


def line_forms(found: ManualDraft, posted: Any) -> list[LineForm]:
    """A form per line and an empty one to add."""
    rows: list[ManualDraftLine | None] = [*found.lines.select_related("contract").order_by("position", "id"), None]
    return [
        LineForm(posted, prefix=f"line{n}", customer_id=found.customer_id, line=row, initial=_initial(row))
        for n, row in enumerate(rows)
    ]


def _initial(row: ManualDraftLine | None) -> dict[str, Any]:
    if row is None:
        return {}
    names = ("item_name", "description", "quantity", "net_price", "discount_percent", "period_start", "period_end")
    values = {name: getattr(row, name) for name in names}
    return values | {"contract": row.contract_id, "quantity": row.quantity.normalize() + ZERO}


def _show(request: StaffRequest, found: ManualDraft, head: HeadForm, lines: list[LineForm]) -> HttpResponse:
    is_wrong = bool(head.errors) or any(form.errors for form in lines)
    with nothing_written():
        shown = look_at_draft(found)
    customer_url = reverse("office:customer", args=[found.customer_id])
    context = {
        "draft": found,
        "head": head,
        "lines": lines,
        "shown_lines": lines_of(lines),
        "shown": shown,
        "shown_sum": _sum_of(shown.invoice) if shown.invoice else "",
        "refusals": [(refusal, _mend_url(refusal, found.customer)) for refusal in shown.refusals],
        "facts": _facts(shown.invoice) if shown.invoice and shown.invoice.lines else [],
        "customer_facts": [Fact(_("Customer"), str(found.customer), customer_url)],
        "is_wrong": is_wrong,
        "crumbs": [Link(_("Drafts"), reverse("office:drafts")), Link(found.customer.name)],
    }
    return render(request, "office/invoices/draft.html", context, status=422 if is_wrong else 200)


def _mend_url(refusal: DomainError, customer: Customer) -> str:
    """Where it is mended; empty for this page itself."""
    link = mend_link(refusal, customer)
    return link.url if link else ""


def _facts(invoice: InvoiceDraft) -> list[Fact]:
    language, totals = reader_language(), invoice.totals
    groups = [
        Fact(
            _("VAT {category} {rate}").format(category=group.category, rate=format_rate(group.rate, language)),
            format_money(group.tax_amount, "EUR", language),
        )
        for group in totals.vat_breakdown
    ]
    return [
        Fact(_("Net"), format_money(totals.total_without_vat, "EUR", language)),
        *groups,
        Fact(_("Payable"), format_money(invoice.payable, "EUR", language)),
    ]


@require_POST
@staff_permission("invoices.issue")
def issue(request: StaffRequest, draft_id: int) -> HttpResponseBase:
    """Save what is typed and issue it, if its sum is the one that was shown: it gets its number, for good."""
    found = ManualDraft.objects.select_related("customer__seller", "replaces").filter(pk=draft_id).first()
    if found is not None:
        return _submit(request, found, _issued)
    try:
        with once(request):  # a repeated submit has issued it itself
            raise DraftGone()
    except DraftGone as refusal:
        messages.error(request, str(refusal))
        return redirect("office:drafts")


def _issued(request: StaffRequest, found: ManualDraft) -> str:
    """Another sum than the page showed is shown first, and asked about."""
    seen = look_at_draft(ManualDraft.objects.get(pk=found.pk))
    if seen.may_issue and seen.invoice and _sum_of(seen.invoice) != request.POST.get("sum", ""):
        payable = format_money(seen.invoice.payable, "EUR", reader_language())
        sentence = _("Saved, not issued yet: the sum is now {sum}. Please look at it and issue the invoice again.")
        messages.warning(request, sentence.format(sum=payable))
        return _saved(request, found)
    issued = issue_draft(found, on=request.today, actor=request.actor)
    messages.success(request, _("The invoice is issued."))
    return reverse("office:invoice", args=[issued.id])


def _sum_of(invoice: InvoiceDraft) -> str:
    """What whoever issues it has seen: net and payable."""
    return f"{invoice.totals.total_without_vat} {invoice.payable}"


@require_POST
@staff_permission("invoices.issue")
def discard(request: StaffRequest, draft_id: int) -> HttpResponseBase:
    """Throw a draft away."""

    def act() -> str:
        discard_draft(ManualDraft(pk=draft_id), on=request.today, actor=request.actor)
        return _("The draft was discarded.")

    return submit_once(request, reverse("office:drafts"), act)
