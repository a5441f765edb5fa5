"""A login sets its own password: by a one-time link, or signed in."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from kundenkontor.access.errors import AccessLinkInvalid
from kundenkontor.access.links import end_links
from kundenkontor.access.models import User
from kundenkontor.access.queries import usable_links
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import ACCESS_PASSWORD_SET
from kundenkontor.kernel.clock import utc_now


def record_password_set(user: User, *, on: date) -> None:
    """After a login got a new password, however: the trail says so (I-L1), and its links end. Same transaction."""
    end_links(user)
    actor = Actor("staff" if user.is_staff else "customer", user.username, user.pk)
    record_events(ACCESS_PASSWORD_SET, [Subject(user.pk, user.username)], actor=actor, on=on)


@transaction.atomic
def use_access_link(link_id: int, password: str, *, on: date) -> User:
    """Set the password of the link's login and use the link up. All other links and sessions of the login end.

    The login is locked first, as every other way to set its password does. Raises AccessLinkInvalid, or Django's
    ValidationError for a weak password (the link stays usable then).
    """
    user = User.objects.select_for_update(of=("self",)).filter(access_links=link_id).first()
    link = usable_links().filter(pk=link_id).first()
    if user is None or link is None:
        raise AccessLinkInvalid()
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    link.used_at = utc_now()
    link.save(update_fields=["used_at"])
    record_password_set(user, on=on)
    return user
