"""Many payments in one table: checked first, then booked together, all or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from kundenkontor.kernel.errors import DomainError
from kundenkontor.kernel.formats import format_money
from kundenkontor.kernel.money import CENT, ZERO
from kundenkontor.office.desk.choices import seller_choices
from kundenkontor.office.payments.candidates import Candidate, find_candidates
from kundenkontor.office.payments.payments import ask_about_day, tabs
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.payments.commands import IncomingPayment, receive_payments
from kundenkontor.payments.errors import NotReceivedYet, PaymentOdd
from kundenkontor.payments.oddities import find_oddities
from kundenkontor.payments.proposals import Proposal, find_payers, propose
from kundenkontor.web.forms import DayField, MoneyField, TextField, reader_language
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest

ROWS = 12


class RowForm(forms.Form):
    """One payment; a row without who and amount is left out."""

    who = TextField(label=gettext_lazy("Invoice or customer number"), max_length=40, required=False)
    amount = MoneyField(label=gettext_lazy("Amount"), minimum=CENT, required=False)
    received_on = DayField(label=gettext_lazy("Booked by the bank on"), required=False)
    reference = TextField(label=gettext_lazy("Reference"), max_length=140, required=False)
    is_confirmed = forms.BooleanField(label=gettext_lazy("The day is right"), required=False)
    is_meant = forms.BooleanField(label=gettext_lazy("It is right; book it all the same"), required=False)
    pick = TextField(label=gettext_lazy("Which one is meant?"), max_length=30, required=False)

    def __init__(self, *args: Any, today: date, seller_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["received_on"] = today
        self.today, self.seller_id = today, seller_id
        self.customer: Customer | None = None
        self.candidates: list[Candidate] = []
        self.asks = False
        for field in (field for name, field in self.fields.items() if not name.startswith("is_")):
            field.widget.attrs["class"] = f"form-control {field.widget.attrs.get('class', '')}".strip()

    @property
    def is_used(self) -> bool:
        return bool(self.cleaned_data.get("who") or self.cleaned_data.get("amount"))

    @property
    def incoming(self) -> IncomingPayment:
        assert self.customer is not None
        values = self.cleaned_data
        return IncomingPayment(
            self.customer,
            values["amount"],
            values["received_on"],
            reference=values["reference"],
            is_confirmed=values["is_confirmed"],
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        who = (values.get("who") or "").strip()
        if not who and not values.get("amount"):
            return values
        for name in ("who", "amount", "received_on"):
            if not values.get(name) and name not in self.errors:
                self.add_error(name, _("Please fill in this field."))
        if who:
            self._find(who, values)
        if (received_on := values.get("received_on")) and received_on > self.today:
            self.add_error("received_on", str(NotReceivedYet()))
        self.asks = ask_about_day(self, self.customer, received_on, self.today)
        return values

    def _find(self, who: str, values: dict[str, Any]) -> None:
        """A document names its customer and goes into the reference; else it is a customer's number. What names nobody,
        or several, shows whom it may mean."""
        customers, document = find_payers(who, self.seller_id)
        if len(customers) != 1:
            self.candidates = find_candidates(who, self.seller_id)
            picked = next((one for one in self.candidates if one.value == values.get("pick")), None)
            if picked is None:
                self._ask_who(several=bool(customers))
                return
            customers, document = [picked.customer], picked.document
        self.customer = customers[0]
        if document not in values.get("reference", ""):
            values["reference"] = f"{document} {values.get('reference', '')}".strip()[:140]

    def _ask_who(self, *, several: bool) -> None:
        question = _("Several have this number. Which one is meant?") if several else _("Is it one of these?")
        self.add_error("who", question if self.candidates else _("No invoice and no customer has this number."))


class StatementForm(forms.Form):
    """Whose bank statement it is: numbers are looked for there alone."""

    seller = forms.ModelChoiceField(
        Seller.objects.order_by("name"), label=gettext_lazy("Seller"), required=False, empty_label=gettext_lazy("All")
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a row would settle, in words, and what is odd about it."""

    customer: str
    settles: str
    rest: str
    odd: list[DomainError]


def previews_of(rows: Sequence[RowForm]) -> dict[RowForm, Preview]:
    """By row, as booking them would go: one after the other. Rows that say nothing, or something wrong, have none."""
    good = [(row, row.incoming) for row in rows if row.customer is not None and not row.errors]
    proposals = propose((one.customer, one.amount, one.reference) for _, one in good)
    settled: dict[int, dict[str, Decimal]] = defaultdict(dict)
    previews = {}
    for (row, one), proposal in zip(good, proposals, strict=True):
        before = settled[one.customer.pk]
        previews[row] = _in_words(one, proposal, before)
        for number, part in proposal.settles:
            before[number] = before.get(number, ZERO) + part
    return previews


def _in_words(incoming: IncomingPayment, proposal: Proposal, settled: Mapping[str, Decimal]) -> Preview:
    odd = find_oddities(incoming.customer, incoming.amount, incoming.reference, proposal, settled)
    language = reader_language()
    settles = ", ".join(f"{number} {format_money(part, 'EUR', language)}" for number, part in proposal.settles)
    rest = format_money(proposal.rest, "EUR", language) if proposal.rest else ""
    return Preview(str(incoming.customer), settles, rest, odd)


def _refuse_odd(rows: Sequence[RowForm]) -> None:
    """Raises PaymentOdd for rows about which nobody has said that they are right."""
    previews = previews_of(rows)
    odd = [one for row in rows if not row.cleaned_data["is_meant"] for one in previews[row].odd]
    if odd:
        raise PaymentOdd(odd)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("payments.write")
def many(request: StaffRequest) -> HttpResponseBase:
    """Twelve rows; "check" says what each settles, "book" books them all."""
    posted = request.POST if request.method == "POST" else None
    top = StatementForm(request.POST if posted is not None else request.GET)
    chosen = top.cleaned_data["seller"] if top.is_valid() else None
    about: dict[str, Any] = {"today": request.today, "seller_id": chosen.pk if chosen else None}
    rows = [RowForm(posted, prefix=f"row{n}", **about) for n in range(ROWS)]
    checked = [row.is_valid() for row in rows]  # every row shows its own mistakes
    is_valid = posted is not None and all(checked)
    used = [row for row in rows if is_valid and row.is_used]
    error = _("Please fill in at least one row.") if is_valid and not used else ""
    if used and request.POST.get("step") == "book":
        try:
            with once(request) as answer:
                answer.location = reverse("office:payments")
                _refuse_odd(used)
                receive_payments([row.incoming for row in used], on=request.today, actor=request.actor)
            said = ngettext("{n} payment is booked.", "{n} payments are booked.", len(used)).format(n=len(used))
            messages.success(request, said)
            return redirect(answer.location)
        except DomainError as refusal:
            error = str(refusal)
    total = sum((row.cleaned_data["amount"] for row in used), ZERO)
    previews = previews_of(rows) if posted is not None else {}
    context = {
        "top": top if len(seller_choices()) > 1 else None,
        "rows": [(row, previews.get(row)) for row in rows],
        "is_checked": bool(used) and not error,
        "count": len(used),
        "total": total,
        "error": error,
        "tabs": tabs("many"),
    }
    is_wrong = posted is not None and (not is_valid or bool(error))
    return render(request, "office/payments/many.html", context, status=422 if is_wrong else 200)
