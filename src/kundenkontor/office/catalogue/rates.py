"""VAT rates with validity, and the issued documents that a new rate concerns."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import (
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine, VatBreakdown
from kundenkontor.kernel.countries import country_name
from kundenkontor.kernel.formats import format_date, format_rate
from kundenkontor.kernel.kinds import KINDS
from kundenkontor.kernel.money import ZERO
from kundenkontor.office.catalogue.products import validity_badge
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.statuses import with_states
from kundenkontor.taxes.commands import add_rate
from kundenkontor.taxes.models import TaxRate
from kundenkontor.taxes.territories import EU_COUNTRIES
from kundenkontor.taxes.words import RATE_AREAS
from kundenkontor.web.components import Link
from kundenkontor.web.forms import DayField, MoneyField, reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list
from kundenkontor.web.statuses import document_badges

SORTS = {
    "country": Sort(gettext_lazy("Country"), ("country", "valid_from", "id")),
    "from": Sort(gettext_lazy("Holds from"), ("valid_from", "id")),
}


def percent(rate: Decimal) -> str:
    """``20`` -> 20 %, ``25.50`` -> 25,5 %."""
    return format_rate(rate, reader_language())


def area_name(code: str) -> str:
    """Countries by their code, parts with a rate of their own by their name."""
    return str(RATE_AREAS.get(code, code))


def _areas() -> list[tuple[str, str]]:
    countries = sorted((country_name(code, reader_language()), code) for code in EU_COUNTRIES)
    return [(code, f"{name} ({code})") for name, code in countries] + [(c, str(n)) for c, n in RATE_AREAS.items()]


@require_safe
@staff_permission("books.read")
def rates(request: StaffRequest) -> HttpResponseBase:
    """The rate table."""
    today = request.today

    def holding(rows: QuerySet[TaxRate], value: str) -> QuerySet[TaxRate]:
        return rows.filter(valid_from__lte=today).exclude(valid_to__lt=today) if value == "now" else rows

    columns = [
        Column(
            gettext_lazy("Country"),
            lambda row: area_name(row.country),
            url=lambda row: reverse("office:rate-invoices", args=[row.pk]),
            sort="country",
        ),
        Column(gettext_lazy("Rate"), lambda row: percent(row.rate)),
        Column(gettext_lazy("Holds from"), lambda row: row.valid_from, "day", sort="from"),
        Column(gettext_lazy("Holds until"), lambda row: row.valid_to, "day"),
        Column(gettext_lazy("Status"), lambda row: [validity_badge(row, today)], "badges"),
    ]
    about = ListPage(
        _("VAT rates"),
        _("The rate of the last day of a service period counts. Issued documents keep theirs."),
        _("No rates yet"),
        "vat-rates.csv",
        action=Action(_("New rate"), reverse("office:rate-new"), "rates.write"),
    )
    now = {"now": gettext_lazy("holds today")}
    filters = [
        Filter("country", gettext_lazy("Country"), lambda rows, v: rows.filter(country__iexact=v)),
        Filter("state", gettext_lazy("Status"), holding, "choice", now),
    ]
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="country")
    return render_list(request, about, listing, TaxRate.objects.all(), columns)


class RateForm(forms.Form):
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=_areas)
    rate = MoneyField(label=gettext_lazy("Rate"), minimum=ZERO, currency="%")
    valid_from = DayField(
        label=gettext_lazy("Holds from"), help_text=gettext_lazy("The former rate ends the day before.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("rates.write")
def rate_new(request: StaffRequest) -> HttpResponse:
    """Enter a new rate; afterwards the documents it concerns are listed."""
    url = reverse("office:rates")
    about = FormPage(
        _("New VAT rate"),
        _("Enter rate"),
        url,
        lead=_(
            "Afterwards you see the invoices that bear another rate on a service period ending on or after that day."
        ),
        crumbs=[Link(_("VAT rates"), url), Link(_("New VAT rate"))],
        done=_("The rate is entered."),
    )

    def act(data: dict[str, Any]) -> str:
        row = add_rate(data["country"], data["rate"], data["valid_from"], on=request.today, actor=request.actor)
        return reverse("office:rate-invoices", args=[row.pk])

    return serve_form(request, RateForm(request.POST or None), about, act)


def concerned(rate: TaxRate) -> QuerySet[Invoice]:
    """Invoices, not cancelled, with a line at a former rate whose own period ends while this rate holds.

    Another rate than this one is a former one, too (a row was mended), unless another part of the country has it.
    """
    state = rate.country[:2]
    rows = TaxRate.objects.filter(country__startswith=state)
    former = rows.filter(country=rate.country, valid_from__lt=rate.valid_from).values("rate")
    elsewhere = rows.exclude(country=rate.country).values("rate")
    lines = InvoiceLine.objects.filter(
        Q(vat_rate__in=former) | ~Q(vat_rate__in=elsewhere), invoice_id=OuterRef("pk"), period_end__gte=rate.valid_from
    ).exclude(vat_rate=rate.rate)
    if rate.valid_to:
        lines = lines.filter(period_end__lte=rate.valid_to)
    own_vat = VatBreakdown.objects.filter(
        invoice_id=OuterRef("invoice_id"), country=state, category="S", rate=OuterRef("vat_rate")
    )
    cancelled = Correction.objects.filter(original=OuterRef("pk"), is_full=True)
    left = _left(lines.filter(Exists(own_vat), vat_category="S"), rate.valid_from)
    found = Invoice.objects.filter(Exists(left), ~Exists(cancelled))
    kinds = [kind.code for kind in KINDS.values() if kind.is_correctable]
    return found.filter(type_code__in=kinds, period_end__gte=rate.valid_from)


def _left(lines: QuerySet[InvoiceLine], day: date) -> QuerySet[InvoiceLine]:
    """Those of which partial corrections left an amount, and days from this one on.

    A correction by days has a shorter period than its line; two never take back the same day.
    """
    corrections = Correction.objects.filter(original=OuterRef(OuterRef("invoice_id"))).values("invoice_id")
    of_line = InvoiceLine.objects.filter(invoice_id__in=corrections, corrected_position=OuterRef("position"))
    taken = of_line.order_by().values("corrected_position")
    days = taken.filter(period_end__gte=day).exclude(
        period_start=OuterRef("period_start"), period_end=OuterRef("period_end")
    )
    amount = Coalesce("agreed_gross", "net_amount")
    found = lines.annotate(
        taken=Subquery(taken.annotate(sum=Sum(amount)).values("sum")),
        taken_days=Subquery(days.annotate(sum=Sum(_days_from(day))).values("sum")),
    )
    return found.filter(Q(taken=None) | ~Q(taken=amount), Q(taken_days=None) | Q(taken_days__lt=_days_from(day)))


def _days_from(day: date) -> Combinable:
    """How much of a line's period lies on this day or after it."""
    start = Greatest("period_start", Value(day, DateField()))
    return ExpressionWrapper(F("period_end") - start + timedelta(days=1), DurationField())


@require_safe
@staff_permission("invoices.read")
def rate_invoices(request: StaffRequest, rate_id: int) -> HttpResponseBase:
    """The invoices with lines at another rate than now holds on the last day of their period."""
    rate = get_object_or_404(TaxRate, pk=rate_id)
    today = request.today
    columns = [
        Column(
            gettext_lazy("Number"),
            lambda row: row.number,
            url=lambda row: reverse("office:invoice", args=[row.pk]),
            sub=lambda row: row.customer.name,
        ),
        Column(gettext_lazy("Issued on"), lambda row: row.issue_date, "day", sort="date"),
        Column(gettext_lazy("Period until"), lambda row: row.period_end, "day"),
        Column(gettext_lazy("Status"), document_badges, "badges"),
        Column(gettext_lazy("Amount"), lambda row: row.amount_due, "money"),
    ]
    day = format_date(rate.valid_from, reader_language())
    title = _("{country}: {rate} from {day}").format(country=area_name(rate.country), rate=percent(rate.rate), day=day)
    about = ListPage(
        title,
        _("A line has another rate, though its period ends on or after that day. Please cancel and issue anew."),
        _("No invoice is concerned"),
        "concerned-documents.csv",
        crumbs=[Link(_("VAT rates"), reverse("office:rates")), Link(title)],
    )
    sorts = {"date": Sort(gettext_lazy("Issued on"), ("issue_date", "id"))}
    listing = Listing(request.GET, filters=(), sorts=sorts, default_sort="-date")
    return render_list(request, about, listing, with_states(concerned(rate), today), columns)
