"""Undoing a payment, or only what it settles. Nothing is deleted: a reversing entry is booked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kundenkontor.kernel.formats import format_money
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.payments.payments import payment_url
from kundenkontor.payments.commands import reverse_payment, undo_allocation
from kundenkontor.payments.models import Allocation, Payment
from kundenkontor.payments.queries import list_allocations, rest_of
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import DayField, TextField, reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest


class ReasonForm(forms.Form):
    reason = TextField(label=gettext_lazy("Reason"), max_length=300)


class ReversalForm(ReasonForm):
    """What happened, because it decides in which month VAT changes."""

    what = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[
            ("returned", gettext_lazy("The money was returned, for example by the bank")),
            ("mistake", gettext_lazy("The payment never arrived: it was recorded by mistake")),
        ],
        required=False,
        widget=forms.RadioSelect,
        initial="returned",
    )
    returned_on = DayField(
        label=gettext_lazy("Returned on"),
        required=False,
        help_text=gettext_lazy("The day on which the bank booked it. Empty: today."),
    )
    field_order = ("what", "returned_on", "reason")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write")
def reverse_one(request: StaffRequest, payment_id: int) -> HttpResponseBase:
    """Undo a payment by a reversing entry; what it settled is open again."""
    found = get_object_or_404(Payment.objects.select_related("customer"), pk=payment_id)
    rest = rest_of(found)
    language = reader_language()
    about = FormPage(
        _("Undo a payment"),
        _("Undo the payment"),
        payment_url(found),
        lead=_("Nothing is deleted: a reversing entry is booked, and both stay visible."),
        crumbs=_crumbs(found),
        facts=[
            Fact(_("Payment"), format_money(found.amount, "EUR", language)),
            *(Fact(_("Open again: {number}").format(number=row.open_item.number),
                   format_money(row.amount, "EUR", language))
              for row in (*list_allocations(found), *rest.offsets)),
            *([Fact(_("Owed again: refunded of what was left over"), format_money(rest.refunded, "EUR", language))]
              if rest.refunded else []),
        ],
        done=_("The payment is undone."),
    )  # fmt: skip

    def act(values: dict[str, Any]) -> str:
        reverse_payment(
            found,
            reason=values["reason"],
            returned_on=values["returned_on"],
            is_mistake=values["what"] == "mistake",
            on=request.today,
            actor=request.actor,
        )
        return payment_url(found)

    return serve_form(request, ReversalForm(request.POST or None), about, act)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write")
def undo_one(request: StaffRequest, payment_id: int, allocation_id: int) -> HttpResponseBase:
    """Undo what a payment settles, not the payment: the money becomes the customer's balance."""
    queryset = Allocation.objects.filter(payment_id=payment_id, reverses__isnull=True)
    found = get_object_or_404(queryset.select_related("payment__customer", "open_item"), pk=allocation_id)
    assert found.payment is not None
    page = payment_url(found.payment)
    amount = format_money(found.amount, "EUR", reader_language())
    about = FormPage(
        _("Undo an allocation"),
        _("Undo the allocation"),
        page,
        lead=_("The payment stays: its money becomes a balance of the customer, to offset or to refund."),
        crumbs=_crumbs(found.payment),
        facts=[Fact(_("Open again: {number}").format(number=found.open_item.number), amount)],
        done=_("The allocation is undone."),
    )

    def act(values: dict[str, Any]) -> str:
        undo_allocation(found, reason=values["reason"], on=request.today, actor=request.actor)
        return page

    return serve_form(request, ReasonForm(request.POST or None), about, act)


def _crumbs(found: Payment) -> list[Link]:
    own = Link(found.customer.name, payment_url(found))
    return [Link(_("Payments"), reverse("office:payments")), own, Link(_("Undo"))]
