"""Routes and navigation of customers."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.customers import contacts, customers, data_requests, detail, vat_ids
from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(11, _("Customers"), "office:customers", "people", "customers.read", GROUPS["customers"]),
    Entry(13, _("Data requests"), "office:data-requests", "inbox", "customers.read", GROUPS["customers"]),
    Entry(14, _("VAT ids"), "office:vat-ids", "shield", "vat_ids.read", GROUPS["customers"]),
]
urlpatterns: list[URLPattern] = [
    path("", customers.customers, name="customers"),
    path("new/", customers.customer_new, name="customer-new"),
    path("<int:customer_id>/", detail.customer, name="customer"),
    path("<int:customer_id>/edit/", customers.customer_edit, name="customer-edit"),
    path("<int:customer_id>/contacts/new/", contacts.contact_new, name="contact-new"),
    path("<int:customer_id>/contacts/<int:contact_id>/", contacts.contact_edit, name="contact-edit"),
    path(
        "<int:customer_id>/contacts/<int:contact_id>/remove/",
        contacts.contact_remove,
        name="contact-remove",
    ),
    path("<int:customer_id>/<slug:tab>/", detail.customer, name="customer-tab"),
    path("data-requests/", data_requests.data_requests, name="data-requests"),
    path("data-requests/<int:request_id>/decide/", data_requests.data_request_decide, name="data-request-decide"),
    path("vat-ids/", vat_ids.vat_ids, name="vat-ids"),
    path("vat-ids/decide/", vat_ids.vat_id_decide, name="vat-id-decide"),
    path("vat-ids/<int:customer_id>/ask/", vat_ids.vat_id_ask, name="vat-id-ask"),
]
