"""Settings below a seller: bank accounts, number series, dated tax facts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kundenkontor.invoicing.issuing.numbering import own_default
from kundenkontor.invoicing.issuing.patterns import format_number, series_year
from kundenkontor.invoicing.issuing.series_commands import set_series
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.invoicing.words import SERIES
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.parties.models import BankAccount, Seller
from kundenkontor.parties.seller_commands import save_bank_account, set_tax_setting
from kundenkontor.parties.words import TAX_SETTINGS
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import DayField, TextField
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest


def page_of(seller: Seller, title: str, button: str, **more: Any) -> FormPage:
    """A form page below a seller."""
    url = reverse("office:seller", args=[seller.pk])
    crumbs = [Link(_("Sellers"), reverse("office:sellers")), Link(seller.name, url), Link(title)]
    return FormPage(title, button, url, crumbs=crumbs, **more)


class AccountForm(EditForm):
    account_name = TextField(label=gettext_lazy("Account holder"), max_length=70)
    iban = TextField(label=gettext_lazy("IBAN"), max_length=42)
    bic = TextField(label=gettext_lazy("BIC"), max_length=14, required=False)
    bank_name = TextField(label=gettext_lazy("Bank"), max_length=100, required=False)
    position = forms.IntegerField(
        label=gettext_lazy("Order"),
        min_value=1,
        max_value=99,
        initial=1,
        help_text=gettext_lazy("The first account is the one in the QR code."),
    )
    is_active = forms.BooleanField(label=gettext_lazy("Printed on documents"), required=False, initial=True)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("settings.write")
def bank_account(request: StaffRequest, seller_id: int, account_id: int = 0) -> HttpResponse:
    """Add a bank account, or change one."""
    seller = get_object_or_404(Seller, pk=seller_id)
    account = get_object_or_404(BankAccount, pk=account_id, seller=seller) if account_id else None
    initial = {name: getattr(account, name) for name in AccountForm.base_fields} if account else {}
    form = AccountForm(
        request.POST or None,
        is_new=account is None,
        initial=initial or {"account_name": seller.name, "position": 1, "is_active": True},
    )
    title = _("Change bank account") if account else _("New bank account")
    about = page_of(seller, title, _("Save bank account"), done=_("The bank account is saved."))

    def act(data: dict[str, Any]) -> str:
        save_bank_account(seller, account, **data, on=request.today, actor=request.actor)
        return about.cancel_url

    return serve_form(request, form, about, act, compared=[account] if account else [])


class SeriesForm(EditForm):
    pattern = TextField(
        label=gettext_lazy("Pattern"),
        max_length=40,
        help_text=gettext_lazy(
            "Capitals and digits, {year} and {number}; {number:06} has six places. Example: RE{year}{number:06}"
        ),
    )
    next_number = forms.IntegerField(label=gettext_lazy("Next number"), min_value=1, max_value=999_999_999)
    is_shared = forms.BooleanField(
        label=gettext_lazy("Numbers that another seller gives, too, are wanted here"), required=False
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("settings.write")
def number_series(request: StaffRequest, seller_id: int, kind: str) -> HttpResponse:
    """Set pattern and next number of this year's series, before its first document."""
    seller = get_object_or_404(Seller, pk=seller_id)
    year = series_year(request.today)
    row = NumberSeries.objects.filter(seller=seller, kind=kind, year=year).first()
    pattern, number = (row.pattern, row.next_number) if row else (own_default(seller.pk, kind), 1)
    form = SeriesForm(request.POST or None, initial={"pattern": pattern, "next_number": number})
    is_used = row is not None and row.last_issue_date is not None
    title = _("Number series {year}").format(year=year)
    about = page_of(
        seller,
        title,
        _("Set number series"),
        lead=SERIES[kind],
        facts=[Fact(_("Next document now"), format_number(pattern, year, number))],
        warning=_("Documents were already issued in this series; it can no longer be changed.") if is_used else "",
        done=_("The number series is set. The change is logged."),
    )

    def act(data: dict[str, Any]) -> str:
        set_series(seller.pk, kind, **data, on=request.today, actor=request.actor)
        return about.cancel_url

    return serve_form(request, form, about, act, compared=[row] if row else [])


class TaxSettingForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Tax fact"), choices=TAX_SETTINGS)
    applies = forms.TypedChoiceField(
        label=gettext_lazy("From this day it"),
        choices=[("yes", gettext_lazy("applies")), ("no", gettext_lazy("no longer applies"))],
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
        initial="yes",
    )
    valid_from = DayField(label=gettext_lazy("From"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("settings.write")
def tax_setting(request: StaffRequest, seller_id: int) -> HttpResponse:
    """Let a tax fact of a seller begin or end on a day."""
    seller = get_object_or_404(Seller, pk=seller_id)
    form = TaxSettingForm(request.POST or None, initial={"valid_from": request.today})
    about = page_of(
        seller,
        _("Tax setting"),
        _("Set tax fact"),
        lead=_(
            "Rates count for service periods that end on or after the day, returns for documents dated from it on."
            " Issued documents and declared returns stay as they are."
        ),
        done=_("The tax fact is set."),
    )

    def act(data: dict[str, Any]) -> str:
        set_tax_setting(seller, **data, on=request.today, actor=request.actor)
        return about.cancel_url

    return serve_form(request, form, about, act)
