"""The form of an invoice written by hand: its head and its lines."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenkontor.contracts.models import Contract
from kundenkontor.invoicing.drafting.commands import ManualLine
from kundenkontor.invoicing.models import ManualDraft, ManualDraftLine
from kundenkontor.kernel.money import ZERO
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import DayField, LongTextField, MoneyField, TextField
from kundenkontor.web.lists.counted import CountedPage

LINES_ON_PAGE = 50
TYPED = ("item_name", "net_price", "description", "contract", "quantity", "period_start", "period_end")


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
        """Whether nothing was typed: a line of a description alone is a mistake, not nothing."""
        values = self.cleaned_data
        return bool(values.get("is_removed")) or not (self.errors or any(map(values.get, TYPED)))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.is_empty:
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


def head_of(found: ManualDraft) -> dict[str, str]:
    return {name: getattr(found, name) for name in HeadForm.base_fields}


class DraftLines:
    """The lines of a draft, which may be thousands: forms of those on the page that ``asked`` names, with an empty one
    to add on the last page. The lines of other pages stay as they are."""

    def __init__(self, found: ManualDraft, asked: QueryDict, posted: QueryDict | None = None) -> None:
        self._all = found.lines.select_related("contract").order_by("position", "id")
        only_page = QueryDict(mutable=True)
        only_page["page"] = asked.get("page", "")
        self.page: CountedPage[ManualDraftLine] = CountedPage(only_page, self._all, size=LINES_ON_PAGE)
        self.before = (self.page.page - 1) * LINES_ON_PAGE
        rows: list[ManualDraftLine | None] = [*self.page.rows]
        if self.page.page == self.page.pages:
            rows.append(None)
        self.forms = [
            LineForm(posted, prefix=f"line{n}", customer_id=found.customer_id, line=row, initial=_initial(row))
            for n, row in enumerate(rows)
        ]

    @property
    def shown(self) -> str:
        """Which lines the page shows; every saving makes all of them anew."""
        return ",".join(str(row.pk) for row in self.page.rows)

    def is_valid(self) -> bool:
        return not [form for form in self.forms if not form.is_valid()]  # every one is asked

    def as_lines(self) -> list[ManualLine]:
        """All lines, those of the page as they were typed."""
        rows = list(self._all)
        after = rows[self.before + len(self.page.rows) :]
        typed = [form.as_line() for form in self.forms if not form.is_empty]
        return [*map(_as_it_is, rows[: self.before]), *typed, *map(_as_it_is, after)]


def _as_it_is(row: ManualDraftLine) -> ManualLine:
    return ManualLine(**{field.name: getattr(row, field.name) for field in fields(ManualLine)})


def _initial(row: ManualDraftLine | None) -> dict[str, Any]:
    if row is None:
        return {}
    names = ("item_name", "description", "quantity", "net_price", "discount_percent", "period_start", "period_end")
    values = {name: getattr(row, name) for name in names}
    return values | {"contract": row.contract_id, "quantity": row.quantity.normalize() + ZERO}
