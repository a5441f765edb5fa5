"""What the pages of the books share: which seller and period, and the way between them."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenkontor.office.desk.choices import seller_choices
from kundenkontor.web.components import Link
from kundenkontor.web.forms import DayField
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.paging import KeysetPage


class BookForm(forms.Form):
    seller = forms.ChoiceField(label=gettext_lazy("Seller"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "filter_%s"
        choices = seller_choices()
        self.fields["seller"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["seller"].widget = forms.HiddenInput()
            self.fields["seller"].initial = choices[0][0]


class PeriodForm(BookForm):
    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("Until"))


class DayForm(BookForm):
    day = DayField(label=gettext_lazy("Day"))


def tabs(current: str) -> list[Link]:
    return [
        Link(_("Outgoing invoices book"), reverse("office:outgoing-book"), current == "outgoing"),
        Link(_("Open items on a day"), reverse("office:open-items-list"), current == "open-items"),
        Link(_("Journal"), reverse("office:journal"), current == "journal"),
        Link(_("Accounts"), reverse("office:accounts"), current == "accounts"),
        Link(_("What payments settled"), reverse("office:settlements"), current == "settlements"),
        Link(_("Written off"), reverse("office:written-off"), current == "written-off"),
        Link(_("Checks of VAT ids"), reverse("office:vat-id-checks"), current == "checks"),
        Link(_("Deferred income"), reverse("office:deferral"), current == "deferral"),
        Link(_("Limits of turnover"), reverse("office:limits"), current == "limits"),
        Link(_("Declared returns"), reverse("office:declarations"), current == "declared"),
    ]


def asked(request: StaffRequest, defaults: dict[str, date]) -> dict[str, str]:
    """What the form of a book was asked for; a seller and a period where nothing was said yet."""
    choices = seller_choices()
    field = DayField()
    days = {name: field.prepare_value(day) for name, day in defaults.items()}
    given = {"seller": choices[0][0] if choices else "", **days}
    return given | {name: request.GET[name] for name in given if request.GET.get(name)}


def url_of(form: forms.Form, **more: str) -> str:
    """The same seller and period, and more."""
    return "?" + urlencode({name: form.data[name] for name in form.fields} | more)


def page_urls(form: forms.Form, page: KeysetPage[Any]) -> dict[str, str]:
    """The way to the file and to the other pages of a book."""
    return {
        "csv_url": url_of(form, format="csv"),
        "previous_url": url_of(form, before=page.previous_token) if page.previous_token else "",
        "next_url": url_of(form, after=page.next_token) if page.next_token else "",
        "first_url": "" if page.is_first else url_of(form),
    }
