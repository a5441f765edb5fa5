"""Routes and navigation of people."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.office.people import access, users
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(15, _("Send access"), "office:access", "key", "access.send", GROUPS["customers"]),
    Entry(55, _("Users and roles"), "office:users", "person", "users.read", GROUPS["settings"]),
]
urlpatterns: list[URLPattern] = [
    path("access/", access.access, name="access"),
    path("access/send/", access.access_send, name="access-send"),
    path("users/", users.users, name="users"),
    path("users/new/", users.user_new, name="user-new"),
    path("users/<int:user_id>/", users.user, name="user"),
    path("users/<int:user_id>/role/", users.user_role, name="user-role"),
    path("users/<int:user_id>/email/", users.user_email, name="user-email"),
    path("users/<int:user_id>/state/", users.user_state, name="user-state"),
    path("users/<int:user_id>/customers/<int:customer_id>/remove/", users.membership_remove, name="membership-remove"),
]
