"""Routes and navigation of the first page, help and access links."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.portal.account import access_link, account, help
from kundenkontor.web.areas import Entry

PREFIX = ""
NAVIGATION = [
    Entry(1, _("My account"), "portal:account", "home", "account.read", exact=True),
    Entry(5, _("Tickets"), "portal:tickets", "ticket", "account.read"),
    Entry(7, _("Help"), "portal:help", "help", "account.read"),
]
urlpatterns: list[URLPattern] = [
    path("", account.home, name="account"),
    path("tickets/", account.tickets, name="tickets"),
    path("hilfe/", help.help_index, name="help"),
    path("hilfe/adressdaten-aendern/", help.help_change_address, name="help-change-address"),
    path("hilfe/rechnungen-bezahlen/", help.help_pay, name="help-pay"),
    path("zugang/", access_link.set_password, name="set-password"),
    path("zugang/<str:token>/", access_link.open_link, name="access-link"),
]
