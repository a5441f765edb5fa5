"""One-time links with which a login sets its password. The token of the first one is never stored, only its SHA-256."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from kundenkontor.access.models import AccessLink, User
from kundenkontor.access.queries import hash_of
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Seller

VALID_FOR = timedelta(days=14)  # real time, not business time
TOKEN_BYTES = 32
BRAND = "brand"  # in an address: the short name of the seller under whose name its page is shown


def make_link(user: User) -> str:
    """A fresh token of 256 bits; older links of the login end. In the caller's transaction."""
    end_links(user)
    now, token = utc_now(), secrets.token_urlsafe(TOKEN_BYTES)
    AccessLink.objects.create(user=user, token_hash=hash_of(token), created_at=now, expires_at=now + VALID_FOR)
    return token


def access_url(token: str, seller: Seller | None = None) -> str:
    """Where a first password is set. Built from the configured base URL, never from a Host header."""
    return branded(f"{settings.BASE_URL}/zugang/{token}/", seller)


def home_url(seller: Seller | None) -> str:
    """Where one signs in."""
    return branded(f"{settings.BASE_URL}/", seller) if seller else settings.BASE_URL


def branded(url: str, seller: Seller | None) -> str:
    """The address of a page that is shown under the name of a seller."""
    return f"{url}?{BRAND}={seller.short_name}" if seller else url


class ResetTokens(PasswordResetTokenGenerator):
    """Tokens for a forgotten password: they end with the password, the address, and whatever else ends links."""

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, User)
        return f"{super()._make_hash_value(user, timestamp)}{user.links_ended_at}"


def end_links(user: User) -> None:
    """What was mailed to a login before is worth nothing from now on: its reason is gone. In the caller's transaction.

    Called where a login is locked, gets another address, role or password, loses its last customer, or a newer link.
    """
    user.links_ended_at = now = utc_now()
    User.objects.filter(pk=user.pk).update(links_ended_at=now)
    AccessLink.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
