"""Finding logins and access links."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from kundenkontor.access.models import AccessLink, User
from kundenkontor.kernel.clock import utc_now


def find_by_email(address: str) -> User | None:
    """The login with this address, compared by ASCII letters only: "ı" is not "i" (CVE-2019-19844)."""
    candidates = User.objects.filter(email__iexact=address)
    wished = address.encode().lower()
    return next((user for user in candidates if user.email.encode().lower() == wished), None)


def hash_of(token: str) -> str:
    """What is stored of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def usable_links() -> QuerySet[AccessLink]:
    """Links that were neither used nor ended, of open logins."""
    links = AccessLink.objects.select_related("user")
    return links.filter(used_at=None, expires_at__gt=utc_now(), user__is_active=True)


def find_access_link(token: str) -> AccessLink | None:
    """The link if it can still be used; for showing the form. Changes nothing, so a mail scanner uses nothing up."""
    return usable_links().filter(token_hash=hash_of(token)).first()
