"""Roles in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STAFF_ROLES = {
    "administrator": _("Administration"),
    "clerk": _("Clerk"),
    "support": _("Support"),
    "auditor": _("Auditor (read only)"),
}
STAFF_ROLES_EXPLAINED = {
    "administrator": _("Administration: everything"),
    "clerk": _("Clerk: daily work and settings, no users"),
    "support": _("Support: reads customers and invoices, sends access"),
    "auditor": _("Auditor: reads everything, changes nothing"),
}
LOGIN_KINDS = {
    "staff": _("Colleagues"),
    "customers": _("Customers' logins"),
}
MEMBERSHIP_ROLES = {
    "owner": _("Full access"),
    "invoices": _("Invoices"),
    "reader": _("Read only"),
}
LOGIN_STATES = {
    "active": _("active"),
    "invited": _("invited"),
    "locked": _("locked"),
}
