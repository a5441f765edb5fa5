"""Settings: sellers with everything that is printed, their bank accounts, number series and dated tax facts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.documents.commands import store_file
from kundenkontor.invoicing.issuing.patterns import format_number
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.kernel.money import ZERO
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.office.desk.form_pages import CountryField, FormPage, GroupedForm, serve_form
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.office.desk.vies import note_on
from kundenkontor.papers.errors import PaperNotReady
from kundenkontor.papers.waiting import try_logo
from kundenkontor.parties.colours import is_colour
from kundenkontor.parties.models import BankAccount, Seller
from kundenkontor.parties.seller_commands import SELLER_COLUMNS, change_seller, create_seller, set_logo
from kundenkontor.parties.words import BANK_ACCOUNT_STATES, QR_MODES
from kundenkontor.printing.errors import InvalidLogo
from kundenkontor.printing.logo import prepare_logo
from kundenkontor.taxes.commands import ask_about_seller
from kundenkontor.taxes.words import CHECK_OUTCOMES
from kundenkontor.web.components import Badge, Fact, Link, Tone
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import (
    DayField,
    EmailField,
    LinkField,
    LongTextField,
    MoneyField,
    SlugField,
    TextField,
    reader_language,
)
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.statuses import badge

LARGEST_LOGO = 500_000
ACCOUNT_TONES: dict[str, Tone] = {"printed": "good", "unprinted": "neutral"}


@require_safe
@staff_permission("settings.read")
def sellers(request: StaffRequest) -> HttpResponse:
    """All sellers."""
    rows = Seller.objects.order_by("name", "id")
    return render(request, "office/sellers/list.html", {"sellers": rows})


@require_safe
@staff_permission("settings.read")
def seller(request: StaffRequest, seller_id: int) -> HttpResponse:
    """One seller with accounts, series and dated settings."""
    found = get_object_or_404(Seller.objects.select_related("logo"), pk=seller_id)
    series = NumberSeries.objects.filter(seller=found).order_by("-year", "kind")
    context = {
        "seller_row": found,
        "legal_facts": _legal_facts(found),
        "vat_check": found.vat_id_checks.filter(vat_id=normal_vat_id(found.vat_id)).order_by("pk").last(),
        "vat_question": _vat_question(found),
        "check_states": CHECK_OUTCOMES,
        "document_facts": _document_facts(found),
        "work_facts": _work_facts(found),
        "accounts": [(row, account_badge(row)) for row in found.bank_accounts.order_by("position", "id")],
        "series": [(row, format_number(row.pattern, row.year, row.next_number)) for row in series],
        "tax_settings": found.tax_settings.order_by("kind", "-valid_from"),
        "crumbs": [Link(_("Sellers"), reverse("office:sellers")), Link(found.name)],
    }
    return render(request, "office/sellers/detail.html", context)


@require_POST
@staff_permission("settings.write")
def seller_vat_check(request: StaffRequest, seller_id: int) -> HttpResponseRedirect:
    """Ask VIES about the seller's own VAT id."""
    found = get_object_or_404(Seller, pk=seller_id)

    def act() -> str:
        ask_about_seller(found, on=request.today, actor=request.actor)
        return _("VIES is being asked. The answer will stand here.")

    return submit_once(request, reverse("office:seller", args=[found.pk]), act)


def _vat_question(found: Seller) -> str:
    """What became of asking VIES about the VAT id that the seller has."""
    rows = found.vat_id_questions.filter(vat_id=normal_vat_id(found.vat_id)).exclude(state="done")
    return note_on(rows.first(), _("VIES gave no answer for three days. Please ask again."))


def account_badge(row: BankAccount) -> Badge:
    """Whether documents ask for money on this account."""
    return badge("printed" if row.is_active else "unprinted", BANK_ACCOUNT_STATES, ACCOUNT_TONES)


def _legal_facts(found: Seller) -> list[Fact]:
    place = f"{found.street}, {found.country} {found.postal_code} {found.city}"
    pairs = (
        (_("Name"), found.name),
        (_("Legal form"), found.legal_form),
        (_("Address"), place),
        (_("Seat"), found.seat),
        (_("Register"), f"{found.register_number} {found.register_court}".strip()),
        (_("Managing directors"), found.managing_directors),
        (_("VAT id"), found.vat_id),
        (_("Tax number"), found.tax_number),
        (_("E-mail"), found.email),
        (_("Phone"), found.phone),
        (_("Website"), found.website),
    )
    return [Fact(label, value or "–") for label, value in pairs]


def _document_facts(found: Seller) -> list[Fact]:
    return [
        Fact(_("Logo"), _("stored") if found.logo_id else "–"),
        Fact(_("Accent colour"), found.accent_colour),
        Fact(_("Payment term"), _("{days} days").format(days=found.payment_terms_days)),
        Fact(_("QR code"), dict(QR_MODES)[found.qr_mode]),
    ]


def _work_facts(found: Seller) -> list[Fact]:
    language = reader_language()
    booked = found.payments_booked_until
    before, after = found.reminds_before_days, found.reminds_after_days
    return [
        Fact(_("Payments booked until"), format_date(booked, language) if booked else _("not set")),
        Fact(_("Reminder before the due date"), _days(before)),
        Fact(_("Payment reminder after the due date"), _days(after)),
        Fact(_("Remind from a sum of"), format_money(found.reminds_from_amount, "EUR", language)),
        Fact(_("Issue without confirmation"), _("yes") if found.bills_automatically else _("no")),
        Fact(_("Mail without confirmation"), _("yes") if found.mails_automatically else _("no")),
        Fact(_("Contact for customers"), found.support_contact or "–"),
    ]


def _days(count: int | None) -> str:
    return _("off") if count is None else _("{days} days").format(days=count)


def _text(label: Any, length: int, *, required: bool = False, help_text: Any = "") -> TextField:
    return TextField(label=label, max_length=length, required=required, help_text=help_text)


def _long_text(label: Any) -> LongTextField:
    return LongTextField(label=label, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}))


class SellerForm(GroupedForm, EditForm):
    """All fields of a seller; the logo as a file."""

    groups = (
        (
            gettext_lazy("Company"),
            ("short_name", "name", "legal_form", "street", "postal_code", "city", "country", "zone"),
        ),
        (
            gettext_lazy("Register and tax"),
            ("seat", "register_number", "register_court", "managing_directors", "vat_id", "tax_number"),
        ),
        (gettext_lazy("Contact"), ("email", "phone", "website", "support_contact", "bookkeeping_email")),
        (
            gettext_lazy("Documents"),
            (
                "logo", "remove_logo", "accent_colour", "payment_terms_days", "qr_mode", "intro_text_de",
                "intro_text_en", "closing_text_de", "closing_text_en",
            ),
        ),
        (
            gettext_lazy("Legal texts"),
            ("imprint_url", "imprint_text", "privacy_url", "privacy_text", "terms_url", "terms_text"),
        ),
        (
            gettext_lazy("Reminders"),
            ("payments_booked_until", "reminds_before_days", "reminds_after_days", "reminds_from_amount"),
        ),
        (gettext_lazy("Without confirmation"), ("bills_automatically", "mails_automatically")),
    )  # fmt: skip
    short_name = SlugField(
        label=gettext_lazy("Short name"), max_length=30, help_text=gettext_lazy("For addresses and the command line.")
    )
    name = _text(gettext_lazy("Name"), 200, required=True)
    legal_form = _text(gettext_lazy("Legal form"), 100)
    street = _text(gettext_lazy("Street and number"), 200, required=True)
    postal_code = _text(gettext_lazy("Postal code"), 20, required=True)
    city = _text(gettext_lazy("City"), 100, required=True)
    country = CountryField(label=gettext_lazy("Country"))
    zone = _text(gettext_lazy("Time zone"), 50, required=True, help_text=gettext_lazy("For example Europe/Vienna."))
    seat = _text(gettext_lazy("Seat"), 100)
    register_number = _text(gettext_lazy("Register number"), 50)
    register_court = _text(gettext_lazy("Register court"), 100)
    managing_directors = _text(gettext_lazy("Managing directors"), 300)
    vat_id = _text(gettext_lazy("VAT id"), 20)
    tax_number = _text(gettext_lazy("Tax number"), 30)
    email = EmailField(label=gettext_lazy("E-mail"), max_length=254)
    phone = _text(gettext_lazy("Phone"), 50)
    website = LinkField(label=gettext_lazy("Website"), required=False, max_length=200, assume_scheme="https")
    support_contact = _text(gettext_lazy("Contact for customers"), 200)
    bookkeeping_email = EmailField(label=gettext_lazy("E-mail of the bookkeeping"), required=False, max_length=254)
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy("PNG, or SVG of shapes only; at most 500 kB."),
        widget=forms.FileInput(attrs={"accept": ".png,.svg"}),
    )
    remove_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)
    accent_colour = TextField(
        label=gettext_lazy("Accent colour"),
        max_length=7,
        help_text=gettext_lazy("Like #0b5d66. Dark enough to be read on white paper."),
    )
    payment_terms_days = forms.IntegerField(label=gettext_lazy("Payment term in days"), min_value=0, max_value=365)
    qr_mode = forms.ChoiceField(label=gettext_lazy("QR code for payment"), choices=QR_MODES)
    intro_text_de = _long_text(gettext_lazy("Text above the lines (German)"))
    intro_text_en = _long_text(gettext_lazy("Text above the lines (English)"))
    closing_text_de = _long_text(gettext_lazy("Text below the total (German)"))
    closing_text_en = _long_text(gettext_lazy("Text below the total (English)"))
    imprint_url = _text(gettext_lazy("Legal notice: address"), 300)
    imprint_text = _long_text(gettext_lazy("Legal notice: text, where there is no address"))
    privacy_url = _text(gettext_lazy("Privacy: address"), 300)
    privacy_text = _long_text(gettext_lazy("Privacy: text, where there is no address"))
    terms_url = _text(gettext_lazy("Terms: address"), 300)
    terms_text = _long_text(gettext_lazy("Terms: text, where there is no address"))
    payments_booked_until = DayField(
        label=gettext_lazy("Payments booked until"),
        required=False,
        help_text=gettext_lazy("Payment reminders go out only while this is yesterday or later."),
    )
    reminds_before_days = forms.IntegerField(
        label=gettext_lazy("Reminder, days before the due date"),
        min_value=1,
        max_value=90,
        required=False,
        help_text=gettext_lazy("Empty: off."),
    )
    reminds_after_days = forms.IntegerField(
        label=gettext_lazy("Payment reminder, days after the due date"),
        min_value=1,
        max_value=90,
        required=False,
        help_text=gettext_lazy("Empty: off. Goes out once per invoice, without a fee."),
    )
    reminds_from_amount = MoneyField(
        label=gettext_lazy("Remind from a sum of"),
        minimum=ZERO,
        required=False,
        help_text=gettext_lazy("What a customer owes in all, less balances. Empty: every sum."),
    )
    bills_automatically = forms.BooleanField(
        label=gettext_lazy("Issue the monthly run without confirmation"), required=False
    )
    mails_automatically = forms.BooleanField(
        label=gettext_lazy("Mail issued documents without confirmation"), required=False
    )

    def clean_accent_colour(self) -> str:
        colour = str(self.cleaned_data["accent_colour"]).lower()
        if not is_colour(colour):
            raise ValidationError(_("Please write the colour like #0b5d66."))
        return colour

    def clean_reminds_from_amount(self) -> Decimal:
        return self.cleaned_data["reminds_from_amount"] or ZERO

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone not in available_timezones():
            raise ValidationError(_("This time zone is not known."))
        return zone

    def clean_logo(self) -> bytes | None:
        upload = self.cleaned_data.get("logo")
        if not upload:
            return None
        content: bytes = upload.read(LARGEST_LOGO + 1)
        upload.seek(0)  # the bytes are also part of the request's hash
        try:
            logo = prepare_logo(content)
            try_logo(logo)
        except (InvalidLogo, PaperNotReady) as refusal:
            raise ValidationError(str(refusal)) from refusal
        return logo

    def clean(self) -> dict[str, Any]:
        for name in ("imprint_url", "privacy_url", "terms_url"):
            value = self.cleaned_data.get(name, "")
            if value and not value.startswith("https://"):
                self.add_error(name, ValidationError(_("Please begin the address with https://.")))
        return self.cleaned_data


def _save(request: StaffRequest, found: Seller | None, data: dict[str, Any]) -> str:
    """Create or change the seller, and its logo, in one transaction."""
    logo, removes = data.pop("logo"), data.pop("remove_logo", False)
    short_name = data.pop("short_name", "")
    values = {name: value for name, value in data.items() if name in SELLER_COLUMNS}
    with transaction.atomic():
        if found is None:
            found = create_seller(short_name, values, on=request.today, actor=request.actor)
        else:
            change_seller(found, values, on=request.today, actor=request.actor)
        if logo or removes:
            media_type = "image/png" if logo and logo.startswith(b"\x89PNG") else "image/svg+xml"
            stored = store_file(logo, media_type) if logo else None
            set_logo(found, stored, on=request.today, actor=request.actor)
    return reverse("office:seller", args=[found.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("settings.write", takes_uploads=True)
def seller_new(request: StaffRequest) -> HttpResponse:
    """Make another seller."""
    initial = {"zone": "Europe/Vienna", "accent_colour": "#0b5d66", "payment_terms_days": 7, "country": "AT"}
    form = SellerForm(request.POST or None, request.FILES or None, is_new=True, initial=initial)
    del form.fields["remove_logo"]
    url = reverse("office:sellers")
    about = FormPage(
        _("New seller"),
        _("Create seller"),
        url,
        crumbs=[Link(_("Sellers"), url), Link(_("New seller"))],
        is_multipart=True,
        done=_("The seller is created. Please add a bank account."),
    )
    return serve_form(request, form, about, lambda data: _save(request, None, data))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("settings.write", takes_uploads=True)
def seller_edit(request: StaffRequest, seller_id: int) -> HttpResponse:
    """Change everything about a seller but its short name."""
    found = get_object_or_404(Seller, pk=seller_id)
    initial = {name: getattr(found, name) for name in SELLER_COLUMNS}
    form = SellerForm(request.POST or None, request.FILES or None, initial=initial)
    del form.fields["short_name"]
    if not found.logo_id:
        del form.fields["remove_logo"]
    url = reverse("office:seller", args=[found.pk])
    about = FormPage(
        _("Change seller"),
        _("Save changes"),
        url,
        lead=_("Counts for all documents issued from now on; issued ones stay as they are."),
        crumbs=[Link(_("Sellers"), reverse("office:sellers")), Link(found.name, url), Link(_("Change"))],
        is_multipart=True,
        done=_("The changes are saved."),
    )
    return serve_form(request, form, about, lambda data: _save(request, found, data), compared=[found])
