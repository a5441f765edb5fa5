"""The foot of a seller's mails: who writes, with the particulars of business letters (§ 14 UGB, § 35a GmbHG)."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from kundenkontor.parties.models import Seller


def signature(seller: Seller) -> str:
    """In the language that is active. Links lead to the seller's pages, or to ours that show its texts."""
    register = ", ".join(filter(None, (seller.register_number, seller.register_court)))
    lines = [
        seller.name,
        f"{seller.street}, {seller.postal_code} {seller.city}",
        " · ".join(filter(None, (seller.phone, seller.email, seller.website))),
        " · ".join(filter(None, (register, seller.vat_id, seller.managing_directors))),
        _("Imprint") + f": {legal_url(seller, 'imprint')}",
        _("Privacy") + f": {legal_url(seller, 'privacy')}",
        _("Terms") + f": {legal_url(seller, 'terms')}",
    ]
    return "\n".join(["-- ", *(line for line in lines if line)])


def legal_url(seller: Seller, kind: str) -> str:
    """Impressum, Datenschutz or AGB of a seller. Built from the configured base URL, never from a Host header."""
    own: str = getattr(seller, f"{kind}_url")
    return own or f"{settings.BASE_URL}/legal/{seller.short_name}/{kind}/"


def sender_of(seller: Seller) -> str:
    """``Name <address>`` of the seller's mails; the name without what could end it."""
    name = " ".join(seller.name.replace('"', "").replace("\\", "").split())
    return f'"{name}" <{seller.email}>'
