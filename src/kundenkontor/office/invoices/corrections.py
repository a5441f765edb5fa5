"""Cancelling an invoice and correcting parts of it; both show in numbers what will happen before it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kundenkontor.delivery.commands import undo_unsent
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import Correctable, LineCorrection, left_of
from kundenkontor.invoicing.correcting.queries import read_correctable
from kundenkontor.invoicing.issuing.lines import DraftLine
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine
from kundenkontor.invoicing.words import CORRECTION_WAYS
from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.formats import format_money
from kundenkontor.kernel.money import AmountError, parse_amount
from kundenkontor.office.desk.errors import OtherSum
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.invoices.invoices import crumbs_of, invoice_url, lines_page
from kundenkontor.web.components import Fact
from kundenkontor.web.forms import DayField, TextField, add_refusal, reader_language, reader_style
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.counted import CountedPage

PLACES = {"quantity": 4, "days": 0}
_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Sums:
    """What a correction would come to."""

    net: Decimal
    vat: Decimal
    payable: Decimal


def read_document(invoice_id: int) -> Correctable:
    related = Invoice.objects.select_related("customer", "seller", "open_item")
    return read_correctable(get_object_or_404(related, pk=invoice_id))


def sums_of(document: Correctable, drafted: list[DraftLine]) -> Sums:
    """The totals of a correction as issuing will compute them; raises what issuing would raise."""
    totals, payable = document.sums_of(drafted)
    return Sums(totals.total_without_vat, totals.total_vat, payable)


def _money(amount: Decimal) -> str:
    return format_money(amount, "EUR", reader_language())


class CancelForm(forms.Form):
    bill_again = forms.ChoiceField(
        label=gettext_lazy("What becomes of the services on it?"),
        widget=forms.RadioSelect,
        choices=[
            ("yes", gettext_lazy("Issue anew: a draft with the same lines opens for you to mend and issue")),
            ("no", gettext_lazy("Not billed any more: these periods count as settled for ever")),
        ],
    )
    reason = TextField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("For your records and the events; it is not printed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.correct")
def cancel(request: StaffRequest, invoice_id: int) -> HttpResponseBase:
    """Stornieren: asks whether the services are billed anew."""
    document = read_document(invoice_id)
    found = document.invoice
    form = CancelForm(request.POST or None)
    about = FormPage(
        _("Cancel {number}").format(number=found.number),
        _("Cancel the invoice"),
        invoice_url(found),
        lead=_("A cancellation document is issued with a number of its own; the invoice itself stays as it is."),
        crumbs=crumbs_of(found, _("Cancel the invoice")),
        facts=_cancel_facts(document),
        warning=_("This cannot be taken back."),
        done=_("The invoice is cancelled."),
    )

    def act(values: dict[str, Any]) -> str:
        again = values["bill_again"] == "yes"
        cancelled = cancel_invoice(
            found, bill_again=again, reason=values["reason"], on=request.today, actor=request.actor
        )
        if cancelled.draft is not None:
            return reverse("office:draft", args=[cancelled.draft.pk])
        return reverse("office:invoice", args=[cancelled.correction.id])

    return serve_form(request, form, about, act)


def _cancel_facts(document: Correctable) -> list[Fact]:
    """The numbers before the button."""
    found, item = document.invoice, document.invoice.open_item
    if not found.kind.is_correctable or Correction.objects.filter(original=found, is_full=True).exists():
        return [Fact(_("Customer"), str(found.customer))]
    sums = sums_of(document, document.rest_lines())
    cleared = min(item.open_amount, sums.payable)
    facts = [
        Fact(_("Customer"), str(found.customer)),
        Fact(_("Cancellation document over"), _money(sums.payable)),
        Fact(_("Clears of the open amount"), _money(cleared)),
        Fact(_("Becomes a balance of the customer"), _money(sums.payable - cleared),
             note=_("Already paid: it can be offset or refunded.") if sums.payable > cleared else ""),
    ]  # fmt: skip
    if document.taken.net:
        facts.append(Fact(_("Earlier corrections"), _("Only what they left is cancelled.")))
    return facts


@require_POST
@staff_permission("invoices.correct")
def undo(request: StaffRequest, invoice_id: int) -> HttpResponseBase:
    """Take back what was issued, while nobody was sent it: cancelled, and its lines are a draft again."""
    found = get_object_or_404(Invoice.objects.select_related("customer", "seller", "open_item"), pk=invoice_id)
    try:
        with once(request) as answer:
            cancelled = undo_unsent(
                found, reason=_("Taken back before it was sent."), on=request.today, actor=request.actor
            )
            assert cancelled.draft is not None
            answer.location = reverse("office:draft", args=[cancelled.draft.pk])
            sentence = _("{number} is cancelled by {by}; neither is sent. Its lines are a draft again.")
            messages.success(request, sentence.format(number=found.number, by=cancelled.correction.number))
        return redirect(answer.location)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(invoice_url(found))


class PartsForm(forms.Form):
    """One choice per line: nothing, an amount, days, a quantity, or the whole line."""

    reason = TextField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: Any, document: Correctable, lines: Sequence[InvoiceLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document, self.lines = document, lines
        for line in lines:
            label = _("Line {position}: {name}").format(position=line.position, name=line.item_name)
            way = forms.ChoiceField(label=label, choices={"": "–", **CORRECTION_WAYS}, required=False)
            value = TextField(label=_("{line}, how much").format(line=label), required=False, max_length=30)
            way.widget.attrs["class"] = "form-select"
            value.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "form-control kk-amount"}
            self.fields[f"way_{line.position}"], self.fields[f"value_{line.position}"] = way, value

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        parts = []
        for line in self.lines:
            way, text = values.get(f"way_{line.position}", ""), values.get(f"value_{line.position}", "")
            if not way and text:
                self.add_error(f"way_{line.position}", _("Please say what this number means."))
            elif way:
                part = self._part(line, way, text)
                parts += [part] if part else []
        if not parts and not self.errors:
            raise ValidationError(_("Please choose at least one line."))
        values["parts"] = parts
        return values

    def _part(self, line: InvoiceLine, way: str, text: str) -> LineCorrection | None:
        if way == "all":
            return LineCorrection(line.position, net_amount=left_of(line, self.document.taken).net)
        if way == "dates":
            return self._dates(line, text)
        try:
            number = parse_amount(text, places=PLACES.get(way, 2), style=reader_style())
        except AmountError as error:
            self.add_error(f"value_{line.position}", str(error) if text else _("Please say how much."))
            return None
        if way == "days":
            return LineCorrection(line.position, days=int(number))
        if way == "quantity":
            return LineCorrection(line.position, quantity=number)
        return LineCorrection(line.position, net_amount=number)

    def _dates(self, line: InvoiceLine, text: str) -> LineCorrection | None:
        """05.11.2026 – 07.11.2026, or a single day."""
        days = _DAY.findall(text)
        try:
            first, *_more, last = [DayField().clean(day) for day in days * (2 if len(days) == 1 else 1)]
            if _more or first > last:
                raise ValueError
        except (ValidationError, ValueError):
            self.add_error(f"value_{line.position}", _("Please write the days like 05.11.2026 – 07.11.2026."))
            return None
        return LineCorrection(line.position, days=(last - first).days + 1, first_day=first)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("invoices.correct")
def correct(request: StaffRequest, invoice_id: int) -> HttpResponseBase:
    """Teilkorrektur: first "calculate", then "issue"; what was calculated is shown before it is issued."""
    document = read_document(invoice_id)
    page = lines_page(request, document.lines)
    form = PartsForm(request.POST or None, document=document, lines=page.rows)
    sums = None
    if request.method == "POST" and form.is_valid():
        parts = form.cleaned_data["parts"]
        try:
            if request.POST.get("step") == "issue":
                with once(request) as answer:
                    sums = sums_of(document, document.part_lines(parts))
                    _refuse_other_sum(request, sums)
                    issued = correct_invoice(
                        document.invoice,
                        parts,
                        reason=form.cleaned_data["reason"],
                        on=request.today,
                        actor=request.actor,
                    )
                    answer.location = reverse("office:invoice", args=[issued.id])
                return redirect(answer.location)
            sums = sums_of(document, document.part_lines(parts))
        except DomainError as refusal:
            add_refusal(form, refusal)
    return _show_parts(request, document, form, sums, page)


def _refuse_other_sum(request: StaffRequest, sums: Sums) -> None:
    """Lines that were changed after "calculate" are calculated, not issued. Raises OtherSum."""
    if request.POST.get("shown_sum") != str(sums.payable):
        raise OtherSum(sum=sums.payable)


def _show_parts(
    request: StaffRequest, document: Correctable, form: PartsForm, sums: Sums | None, page: CountedPage[InvoiceLine]
) -> HttpResponseBase:
    found = document.invoice
    context = {
        "invoice": found,
        "form": form,
        "rows": [
            (line, left_of(line, document.taken).net, form[f"way_{line.position}"], form[f"value_{line.position}"])
            for line in page.rows
        ],
        "page": page,
        "confirm_facts": _part_facts(document, sums) if sums else [],
        "sums": sums,
        "crumbs": crumbs_of(found, _("Correct in part")),
    }  # fmt: skip
    return render(request, "office/invoices/correction_parts.html", context, status=422 if form.errors else 200)


def _part_facts(document: Correctable, sums: Sums) -> list[Fact]:
    cleared = min(document.invoice.open_item.open_amount, sums.payable)
    return [
        Fact(_("Net"), _money(sums.net)),
        Fact(_("VAT"), _money(sums.vat)),
        Fact(_("Correction document over"), _money(sums.payable)),
        Fact(_("Clears of the open amount"), _money(cleared)),
        Fact(_("Becomes a balance of the customer"), _money(sums.payable - cleared)),
    ]
