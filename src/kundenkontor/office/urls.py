"""Routes of the office: the first page, and those of every desk under the desk's name."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from kundenkontor import office
from kundenkontor.office.home import home
from kundenkontor.web.areas import Entry, routes_of

app_name = "office"
NAVIGATION = [Entry(1, _("Overview"), "office:home", "home", "customers.read", exact=True)]
urlpatterns = [path("", home, name="home"), *routes_of(office)]
