"""Daten ändern: name and address at once for future invoices; country and VAT id as a request (M37 to M40)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kundenkontor.kernel.errors import DomainError
from kundenkontor.messaging.quota import refuse_untold_change
from kundenkontor.parties.commands import change_customer_data, request_data_change, withdraw_data_request
from kundenkontor.parties.models import CustomerDataRequest
from kundenkontor.portal.settings.forms import CustomerForm, TaxDataForm
from kundenkontor.web.components import Link
from kundenkontor.web.forms import add_refusal
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest


@customer_permission("data.change")
@require_http_methods(["GET", "HEAD", "POST"])
def customer_data(request: PortalRequest) -> HttpResponseBase:
    form = CustomerForm(request.POST if request.method == "POST" else None, customer=request.customer)
    if request.method == "POST" and form.is_valid():
        try:
            with once(request, compared=[request.customer]) as answer:
                answer.location = reverse("portal:settings")
                if form.cleaned_data["email"].lower() != request.customer.email.lower():
                    refuse_untold_change(request.actor)
                changed = change_customer_data(
                    request.customer, form.cleaned_data, on=request.today, actor=request.actor
                )
            if changed:
                messages.success(request, _("Saved. The new data stand on all future invoices."))
            else:
                messages.info(request, _("Nothing was different, so nothing was changed."))
            return redirect(answer.location)
        except DomainError as error:
            add_refusal(form, error)
    return _page(request, form, TaxDataForm(customer=request.customer))


@customer_permission("data.change")
@require_POST
def request_change(request: PortalRequest) -> HttpResponseBase:
    """Country and VAT id decide the tax, so staff check them first."""
    form = TaxDataForm(request.POST, customer=request.customer)
    if form.is_valid():
        try:
            with once(request, compared=[request.customer]) as answer:
                answer.location = reverse("portal:customer-data")
                request_data_change(
                    request.customer,
                    country=form.cleaned_data["country"],
                    vat_id=form.cleaned_data["vat_id"],
                    on=request.today,
                    actor=request.actor,
                )
            messages.success(request, _("Thank you. We check your request and write to you."))
            return redirect(answer.location)
        except DomainError as error:
            add_refusal(form, error)
    return _page(request, CustomerForm(customer=request.customer), form)


@customer_permission("data.change")
@require_POST
def withdraw_change(request: PortalRequest) -> HttpResponseBase:
    with once(request) as answer:
        answer.location = reverse("portal:customer-data")
        withdraw_data_request(request.customer, on=request.today, actor=request.actor)
    messages.success(request, _("Your request is withdrawn. Nothing was changed."))
    return redirect(answer.location)


def _page(request: PortalRequest, form: CustomerForm, tax_form: TaxDataForm) -> HttpResponse:
    is_wrong = form.is_bound or tax_form.is_bound
    with request.reading():
        context: dict[str, Any] = {
            "form": form,
            "tax_form": tax_form,
            "pending": CustomerDataRequest.objects.filter(customer=request.customer, decided_at=None).first(),
            "crumbs": [Link(_("Account settings"), reverse("portal:settings")), Link(_("Change data"))],
        }
        return render(request, "portal/settings/customer_data.html", context, status=422 if is_wrong else 200)
