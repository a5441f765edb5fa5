"""Routes and navigation of the books."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.books import declared, deferral, evidence, journal, limits, open_items, outgoing
from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(33, _("Books"), "office:outgoing-book", "chart", "books.read", GROUPS["money"], whole_area=True),
]
urlpatterns: list[URLPattern] = [
    path("outgoing/", outgoing.outgoing_book, name="outgoing-book"),
    path("open-items/", open_items.open_items_list, name="open-items-list"),
    path("journal/", journal.journal, name="journal"),
    path("accounts/", journal.accounts, name="accounts"),
    path("accounts/<int:account_id>/", journal.account_sheet, name="account-sheet"),
    path("settlements/", evidence.settlements, name="settlements"),
    path("written-off/", evidence.written_off, name="written-off"),
    path("vat-id-checks/", evidence.vat_id_checks, name="vat-id-checks"),
    path("deferral/", deferral.deferral, name="deferral"),
    path("limits/", limits.limits, name="limits"),
    path("declared/", declared.declarations, name="declarations"),
    path("declared/new/", declared.declare, name="declare"),
]
