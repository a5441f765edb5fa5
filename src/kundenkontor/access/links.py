"""One-time links with which a login sets its first password. The token is never stored, only its SHA-256."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from kundenkontor.access.errors import AccessLinkInvalid
from kundenkontor.access.models import AccessLink, User
from kundenkontor.access.queries import hash_of
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.kernel.clock import utc_now

VALID_FOR = timedelta(days=14)  # real time, not business time
TOKEN_BYTES = 32


def make_link(user: User) -> str:
    """A fresh token of 256 bits; older links of the login end. In the caller's transaction."""
    now = utc_now()
    AccessLink.objects.filter(user=user, used_at=None, expires_at__gt=now).update(expires_at=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    AccessLink.objects.create(user=user, token_hash=hash_of(token), created_at=now, expires_at=now + VALID_FOR)
    return token


@transaction.atomic
def use_access_link(token: str, password: str, *, on: date) -> User:
    """Set the password of the link's login and use the link up. All other links and sessions of the login end.

    Raises AccessLinkInvalid, or Django's ValidationError for a weak password (the link stays usable then).
    """
    link = AccessLink.objects.select_for_update().filter(token_hash=hash_of(token)).first()
    now = utc_now()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise AccessLinkInvalid()
    user = User.objects.select_for_update().get(pk=link.user_id)
    if not user.is_active:
        raise AccessLinkInvalid()
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    AccessLink.objects.filter(user=user, used_at=None).update(expires_at=now)
    link.used_at = now
    link.save(update_fields=["used_at"])
    actor = Actor("staff" if user.is_staff else "customer", user.username, user.pk)
    record_events("access.password_set", [Subject(user.pk, user.username)], actor=actor, on=on)
    return user
