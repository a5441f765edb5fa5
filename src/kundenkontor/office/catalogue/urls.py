"""Routes and navigation of the catalogue."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.catalogue import products, rates
from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(51, _("Products and prices"), "office:products", "package", "products.read", GROUPS["settings"]),
    Entry(52, _("VAT rates"), "office:rates", "chart", "books.read", GROUPS["settings"]),
]
urlpatterns: list[URLPattern] = [
    path("products/", products.products, name="products"),
    path("products/new/", products.product_new, name="product-new"),
    path("products/<int:product_id>/", products.product, name="product"),
    path("products/<int:product_id>/edit/", products.product_edit, name="product-edit"),
    path("products/<int:product_id>/price/", products.product_price, name="product-price"),
    path("rates/", rates.rates, name="rates"),
    path("rates/new/", rates.rate_new, name="rate-new"),
    path("rates/<int:rate_id>/documents/", rates.rate_invoices, name="rate-invoices"),
]
