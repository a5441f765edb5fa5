"""Routes and navigation of services."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.portal.services import services
from kundenkontor.web.areas import Entry

PREFIX = "dienste/"
NAVIGATION = [
    Entry(2, _("Services"), "portal:services", "package", "contracts.read"),
]
urlpatterns: list[URLPattern] = [
    path("", services.services, name="services"),
    path("<int:contract_id>/", services.service, name="service"),
]
