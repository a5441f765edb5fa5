"""Routes of the portal. Addresses are German, as customers read them aloud."""

from __future__ import annotations

from django.urls import path

from kundenkontor.portal import (
    access_link,
    account,
    account_settings,
    contacts,
    customer_data,
    customer_numbers,
    downloads,
    forwarding,
    help,
    invoice,
    invoice_export,
    invoice_files,
    invoices,
    payments,
    services,
)

app_name = "portal"
urlpatterns = [
    path("", account.home, name="account"),
    path("dienste/", services.services, name="services"),
    path("dienste/<int:contract_id>/", services.service, name="service"),
    path("rechnungen/", invoices.invoices, name="invoices"),
    path("rechnungen/liste.csv", invoice_export.invoice_export, name="invoice-export"),
    path("rechnungen/auswahl/", downloads.select, name="select"),
    path("rechnungen/zeitraum/", downloads.period, name="period"),
    path("rechnungen/download/<int:selection_id>/", downloads.download, name="download"),
    path("rechnungen/<int:invoice_id>/", invoice.invoice, name="invoice"),
    path("rechnungen/<int:invoice_id>/pdf/", invoice_files.invoice_pdf, name="invoice-pdf"),
    path("rechnungen/<int:invoice_id>/xml/", invoice_files.invoice_xml, name="invoice-xml"),
    path("rechnungen/<int:invoice_id>/positionen.csv", invoice.invoice_lines, name="invoice-lines"),
    path("rechnungen/<int:invoice_id>/senden/", forwarding.forward, name="forward"),
    path("zahlungen/", payments.payments, name="payments"),
    path("tickets/", account.tickets, name="tickets"),
    path("konto/", account_settings.settings, name="settings"),
    path("konto/kundennummern/", customer_numbers.customer_numbers, name="customer-numbers"),
    path("konto/rechnungsart/", account_settings.choose_collective, name="choose-collective"),
    path("konto/empfaenger/", account_settings.choose_recipient, name="choose-recipient"),
    path("konto/daten/", customer_data.customer_data, name="customer-data"),
    path("konto/daten/antrag/", customer_data.request_change, name="request-change"),
    path("konto/daten/antrag/zurueckziehen/", customer_data.withdraw_change, name="withdraw-change"),
    path("konto/kontakte/neu/", contacts.new_contact, name="new-contact"),
    path("konto/kontakte/<int:contact_id>/", contacts.contact, name="contact"),
    path("konto/kontakte/<int:contact_id>/entfernen/", contacts.remove, name="remove-contact"),
    path("hilfe/", help.help_index, name="help"),
    path("hilfe/adressdaten-aendern/", help.help_change_address, name="help-change-address"),
    path("hilfe/rechnungen-bezahlen/", help.help_pay, name="help-pay"),
    path("zugang/", access_link.set_password, name="set-password"),
    path("zugang/<str:token>/", access_link.open_link, name="access-link"),
]
