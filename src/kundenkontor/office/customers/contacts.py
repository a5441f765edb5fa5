"""Contacts of a customer, as staff keep them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kundenkontor.office.desk.form_pages import FormPage, crumbs_of, serve_form
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.parties.commands import add_contact, change_contact, remove_contact, set_invoice_contact
from kundenkontor.parties.models import Contact, Customer
from kundenkontor.parties.words import CONTACT_GROUPS
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import EmailField, TextField
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest


class ContactForm(EditForm):
    group = forms.ChoiceField(label=gettext_lazy("Group"), choices=CONTACT_GROUPS)
    name = TextField(label=gettext_lazy("Name"), max_length=200, required=False)
    email = EmailField(label=gettext_lazy("E-mail"), max_length=254)
    phone = TextField(label=gettext_lazy("Phone"), max_length=50, required=False)
    receives_invoices = forms.BooleanField(
        label=gettext_lazy("Receives the invoices"),
        required=False,
        help_text=gettext_lazy("Only one contact does: choosing this one replaces another."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("customers.write")
def contact_new(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Add a contact."""
    customer = get_object_or_404(Customer, pk=customer_id)
    url = reverse("office:customer", args=[customer.pk])
    title = _("New contact")
    about = FormPage(title, _("Add contact"), url, crumbs=crumbs_of(customer, title), done=_("The contact is added."))

    def act(data: dict[str, Any]) -> str:
        receives = data.pop("receives_invoices")
        contact = add_contact(customer, **data, on=request.today, actor=request.actor)
        if receives:
            set_invoice_contact(customer, contact, on=request.today, actor=request.actor)
        return url

    has_main = customer.contacts.filter(group="main").exists()
    form = ContactForm(request.POST or None, is_new=True, initial={"group": "invoices" if has_main else "main"})
    return serve_form(request, form, about, act)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("customers.write")
def contact_edit(request: StaffRequest, customer_id: int, contact_id: int) -> HttpResponse:
    """Change a contact, or say that it receives the invoices."""
    contact = get_object_or_404(Contact.objects.select_related("customer"), pk=contact_id, customer_id=customer_id)
    customer = contact.customer
    url = reverse("office:customer", args=[customer.pk])
    title = _("Change contact")
    about = FormPage(
        title,
        _("Save changes"),
        url,
        crumbs=crumbs_of(customer, title),
        done=_("The changes are saved."),
        extra={"contact": contact},
    )

    def act(data: dict[str, Any]) -> str:
        receives = data.pop("receives_invoices")
        change_contact(contact, **data, on=request.today, actor=request.actor)
        if receives != contact.receives_invoices:
            chosen = contact if receives else None
            set_invoice_contact(customer, chosen, on=request.today, actor=request.actor)
        return url

    initial = {name: getattr(contact, name) for name in ContactForm.base_fields}
    form = ContactForm(request.POST or None, initial=initial)
    return serve_form(request, form, about, act, compared=[contact], template="office/customers/contact.html")


@require_POST
@staff_permission("customers.write")
def contact_remove(request: StaffRequest, customer_id: int, contact_id: int) -> HttpResponseBase:
    """Remove a contact; the row's history keeps it."""
    url = reverse("office:customer", args=[customer_id])

    def act() -> str:
        contact = get_object_or_404(Contact.objects.select_related("customer"), pk=contact_id, customer_id=customer_id)
        remove_contact(contact, on=request.today, actor=request.actor)
        return _("The contact is removed.")

    return submit_once(request, url, act)
