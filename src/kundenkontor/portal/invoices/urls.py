"""Routes and navigation of documents."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.portal.invoices import downloads, export, files, forwarding, invoice, invoices
from kundenkontor.web.areas import Entry

PREFIX = "rechnungen/"
NAVIGATION = [
    Entry(3, _("Invoices"), "portal:invoices", "invoice", "invoices.read"),
]
urlpatterns: list[URLPattern] = [
    path("", invoices.invoices, name="invoices"),
    path("liste.csv", export.invoice_export, name="invoice-export"),
    path("auswahl/", downloads.select, name="select"),
    path("zeitraum/", downloads.period, name="period"),
    path("download/<int:selection_id>/", downloads.download, name="download"),
    path("<int:invoice_id>/", invoice.invoice, name="invoice"),
    path("<int:invoice_id>/pdf/", files.invoice_pdf, name="invoice-pdf"),
    path("<int:invoice_id>/xml/", files.invoice_xml, name="invoice-xml"),
    path("<int:invoice_id>/positionen.csv", invoice.invoice_lines, name="invoice-lines"),
    path("<int:invoice_id>/senden/", forwarding.forward, name="forward"),
]
