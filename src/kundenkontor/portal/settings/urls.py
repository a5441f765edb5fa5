"""Routes and navigation of account settings."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.portal.settings import contacts, customer_data, customer_numbers, settings
from kundenkontor.web.areas import Entry

PREFIX = "konto/"
NAVIGATION = [
    Entry(6, _("Account settings"), "portal:settings", "gear", "account.read"),
]
urlpatterns: list[URLPattern] = [
    path("", settings.settings, name="settings"),
    path("kundennummern/", customer_numbers.customer_numbers, name="customer-numbers"),
    path("rechnungsart/", settings.choose_collective, name="choose-collective"),
    path("empfaenger/", settings.choose_recipient, name="choose-recipient"),
    path("daten/", customer_data.customer_data, name="customer-data"),
    path("daten/antrag/", customer_data.request_change, name="request-change"),
    path("daten/antrag/zurueckziehen/", customer_data.withdraw_change, name="withdraw-change"),
    path("kontakte/neu/", contacts.new_contact, name="new-contact"),
    path("kontakte/<int:contact_id>/", contacts.contact, name="contact"),
    path("kontakte/<int:contact_id>/entfernen/", contacts.remove, name="remove-contact"),
]
