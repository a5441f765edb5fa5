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
    "destination_rate": _("Consumers in the EU pay the rate of their country (10,000 EUR exceeded or waived)"),
    "oss": _("Registered for the One-Stop-Shop (OSS)"),
    "cash_accounting": _("VAT is owed on receipt (cash accounting)"),
    "advance_by_service": _("Periods billed in advance count when they end or are paid, not when invoiced"),
    "eu_by_invoice": _("ZM and OSS: periods billed in advance count when invoiced, not when they end"),
    "card_on_credit": _("Card payments count when the bank books them, not when the provider reports them"),
    "jungholz_mittelberg": _("Established in Jungholz or Mittelberg (19 % there)"),
    "quarterly": _("The VAT return is declared by quarter, not by month"),
}
RETURNS = {
    "vat": _("VAT return (UVA)"),
    "zm": _("Recapitulative statement (ZM)"),
    "oss": _("One-Stop-Shop (OSS)"),
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
