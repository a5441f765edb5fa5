"""Routes and navigation of payments."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.portal.payments import payments
from kundenkontor.web.areas import Entry

PREFIX = "zahlungen/"
NAVIGATION = [
    Entry(4, _("Payments"), "portal:payments", "payment", "payments.read"),
]
urlpatterns: list[URLPattern] = [
    path("", payments.payments, name="payments"),
]
