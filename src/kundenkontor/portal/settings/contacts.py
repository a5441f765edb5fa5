"""Contacts of a customer: added, changed, removed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kundenkontor.kernel.errors import DomainError
from kundenkontor.messaging.quota import refuse_untold_change
from kundenkontor.parties.commands import add_contact, change_contact, remove_contact
from kundenkontor.parties.models import Contact
from kundenkontor.portal.settings.forms import ContactForm
from kundenkontor.web.components import Link
from kundenkontor.web.forms import add_refusal
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest


@customer_permission("settings.change")
@require_http_methods(["GET", "HEAD", "POST"])
def new_contact(request: PortalRequest) -> HttpResponseBase:
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with once(request) as answer:
                answer.location = reverse("portal:settings")
                refuse_untold_change(request.actor)
                add_contact(request.customer, **form.cleaned_data, on=request.today, actor=request.actor)
            messages.success(request, _("The contact is added."))
            return redirect(answer.location)
        except DomainError as error:
            add_refusal(form, error)
    return _page(request, form, None)


@customer_permission("settings.change")
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: PortalRequest, contact_id: int) -> HttpResponseBase:
    with request.reading():
        found = get_object_or_404(Contact.objects.filter(customer=request.customer), pk=contact_id)
    form = ContactForm(request.POST if request.method == "POST" else None, contact=found)
    if request.method == "POST" and form.is_valid():
        try:
            with once(request, compared=[found]) as answer:
                answer.location = reverse("portal:settings")
                if form.cleaned_data["email"].lower() != found.email.lower():
                    refuse_untold_change(request.actor)
                change_contact(found, **form.cleaned_data, on=request.today, actor=request.actor)
            messages.success(request, _("The contact is saved."))
            return redirect(answer.location)
        except DomainError as error:
            add_refusal(form, error)
    return _page(request, form, found)


@customer_permission("settings.change")
@require_POST
def remove(request: PortalRequest, contact_id: int) -> HttpResponseBase:
    with request.reading():
        found = get_object_or_404(Contact.objects.filter(customer=request.customer), pk=contact_id)
    with once(request) as answer:
        answer.location = reverse("portal:settings")
        refuse_untold_change(request.actor)
        remove_contact(found, on=request.today, actor=request.actor)
    messages.success(request, _("The contact is removed."))
    return redirect(answer.location)


def _page(request: PortalRequest, form: ContactForm, found: Contact | None) -> HttpResponse:
    crumbs = [Link(_("Account settings"), reverse("portal:settings")), Link(_("Contact"))]
    context = {"form": form, "contact": found, "crumbs": crumbs}
    with request.reading():
        return render(request, "portal/settings/contact.html", context, status=422 if form.is_bound else 200)
