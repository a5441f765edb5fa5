"""Asking for the price of one period, net or gross."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kundenkontor.contracts.commands import AgreedPrice
from kundenkontor.kernel.money import ZERO
from kundenkontor.web.forms import MoneyField


class PriceFields(forms.Form):
    amount = MoneyField(
        label=gettext_lazy("Price of one period"), places=6, minimum=ZERO, help_text=gettext_lazy("For one piece.")
    )
    price_kind = forms.ChoiceField(
        label=gettext_lazy("The price is"),
        choices=[("net", gettext_lazy("net, VAT is added")), ("gross", gettext_lazy("gross, VAT is contained"))],
        widget=forms.RadioSelect,
        initial="net",
    )


def price_of(data: dict[str, Any]) -> AgreedPrice:
    return AgreedPrice(data["amount"], data["price_kind"] == "gross")
