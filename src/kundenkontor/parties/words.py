"""Customers and sellers in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LANGUAGES = {"de": "Deutsch", "en": "English"}  # by their own names
CONTACT_GROUPS = {
    "main": _("Main contact"),
    "invoices": _("Invoices"),
    "technical": _("Technical"),
}
CUSTOMER_KINDS = {
    "business": _("Business"),
    "consumer": _("Consumer"),
    "other": _("Neither"),
}
VAT_ID_STATES = {
    "unchecked": _("unchecked"),
    "checked": _("checked"),
    "invalid": _("invalid"),
    "none": _("none"),
}
DATA_REQUEST_STATES = {
    "open": _("open"),
    "accepted": _("accepted"),
    "refused": _("refused"),
}
TAX_SETTINGS = {
    "small_business": _("Small business (no VAT is charged)"),
    "oss": _("One-Stop-Shop is used"),
    "cash_accounting": _("VAT is owed on receipt (cash accounting)"),
}
QR_MODES = {
    "rf": _("with the payment reference (RF)"),
    "text": _("with the purpose as text"),
    "none": _("no QR code"),
}
BANK_ACCOUNT_STATES = {
    "printed": _("printed"),
    "unprinted": _("not printed"),
}
