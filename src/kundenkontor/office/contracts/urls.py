"""Routes and navigation of contracts."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.contracts import contracts, forms
from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(12, _("Contracts"), "office:contracts", "contract", "contracts.read", GROUPS["customers"]),
]
urlpatterns: list[URLPattern] = [
    path("", contracts.contracts, name="contracts"),
    path("new/<int:customer_id>/", forms.contract_new, name="contract-new"),
    path("<int:contract_id>/", contracts.contract, name="contract"),
    path("<int:contract_id>/edit/", forms.contract_edit, name="contract-edit"),
    path("<int:contract_id>/price/", forms.contract_price, name="contract-price"),
    path(
        "<int:contract_id>/price/<int:price_id>/withdraw/",
        forms.contract_price_withdraw,
        name="contract-price-withdraw",
    ),
    path("<int:contract_id>/end/", forms.contract_end, name="contract-end"),
]
