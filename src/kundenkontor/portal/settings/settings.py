"""Kontoeinstellungen: own data, how invoices are issued, contacts and who receives the invoices, profile (S19)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kundenkontor.kernel.errors import DomainError
from kundenkontor.messaging.quota import refuse_untold_change
from kundenkontor.parties.commands import choose_collective_invoices, set_invoice_contact
from kundenkontor.parties.models import Contact, CustomerDataRequest
from kundenkontor.parties.words import CONTACT_GROUPS
from kundenkontor.portal.settings.forms import CollectiveForm, RecipientForm
from kundenkontor.web.forms import add_refusal
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest


@customer_permission("account.read")
@require_safe
def settings(request: PortalRequest) -> HttpResponseBase:
    return _page(request)


def _page(request: PortalRequest, **forms: Any) -> HttpResponse:
    customer = request.customer
    with request.reading():
        contacts = list(Contact.objects.filter(customer=customer).order_by("group", "id"))
        context = {
            "own": customer,
            "contacts": [(contact, CONTACT_GROUPS[contact.group]) for contact in contacts],
            "pending": CustomerDataRequest.objects.filter(customer=customer, decided_at=None).first(),
            "collective_form": CollectiveForm(customer=customer),
            "recipient_form": RecipientForm(contacts=contacts, fallback=customer.email),
            "may_change": "settings.change" in request.permissions,
            **forms,
        }
        return render(request, "portal/settings/settings.html", context, status=422 if forms else 200)


@customer_permission("settings.change")
@require_POST
def choose_collective(request: PortalRequest) -> HttpResponseBase:
    form = CollectiveForm(request.POST, customer=request.customer)
    if not form.is_valid():
        return _page(request, collective_form=form)
    try:
        with once(request, compared=[request.customer]) as answer:
            answer.location = reverse("portal:settings")
            choose_collective_invoices(
                request.customer, form.cleaned_data["way"] == "collective", on=request.today, actor=request.actor
            )
    except DomainError as error:
        add_refusal(form, error)
        return _page(request, collective_form=form)
    messages.success(request, _("Saved. It counts from the next billing on."))
    return redirect(answer.location)


@customer_permission("settings.change")
@require_POST
def choose_recipient(request: PortalRequest) -> HttpResponseBase:
    with request.reading():
        contacts = list(Contact.objects.filter(customer=request.customer).order_by("group", "id"))
    form = RecipientForm(request.POST, contacts=contacts, fallback=request.customer.email)
    if not form.is_valid():
        return _page(request, recipient_form=form)
    chosen = next((one for one in contacts if str(one.pk) == form.cleaned_data["contact"]), None)
    try:
        with once(request, compared=contacts) as answer:
            answer.location = reverse("portal:settings")
            refuse_untold_change(request.actor)
            set_invoice_contact(request.customer, chosen, on=request.today, actor=request.actor)
    except DomainError as error:
        add_refusal(form, error)
        return _page(request, recipient_form=form)
    messages.success(request, _("Saved. Future invoices go to this address."))
    return redirect(answer.location)
