"""Routes and navigation of sellers."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.office.sellers import parts, sellers
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(54, _("Sellers"), "office:sellers", "bank", "settings.read", GROUPS["settings"]),
]
urlpatterns: list[URLPattern] = [
    path("", sellers.sellers, name="sellers"),
    path("new/", sellers.seller_new, name="seller-new"),
    path("<int:seller_id>/", sellers.seller, name="seller"),
    path("<int:seller_id>/edit/", sellers.seller_edit, name="seller-edit"),
    path("<int:seller_id>/accounts/new/", parts.bank_account, name="bank-account-new"),
    path("<int:seller_id>/accounts/<int:account_id>/", parts.bank_account, name="bank-account"),
    re_path(
        r"^(?P<seller_id>[0-9]{1,18})/series/(?P<kind>invoice|credit_note|payment_request)/$",
        parts.number_series,
        name="number-series",
    ),
    path("<int:seller_id>/vat-id/", sellers.seller_vat_check, name="seller-vat-check"),
    path("<int:seller_id>/tax/", parts.tax_setting, name="tax-setting"),
]
