"""Colleagues and signed-in clients for the tests of the office."""

from __future__ import annotations

from typing import Any

from django.test import Client

from kundenkontor.access.models import User
from kundenkontor.kernel.clock import utc_now
from kundenkontor.web.once import new_key

ROLES = ("administrator", "clerk", "support", "auditor")


def colleague(role: str, name: str = "") -> User:
    """A login in the office."""
    return User.objects.create(username=name or role, staff_role=role, created_at=utc_now(), language="en")


def client_of(user: User) -> Client:
    """A browser with this login's session."""
    client = Client()
    client.force_login(user)
    return client


def as_role(role: str) -> Client:
    """A browser of a new colleague."""
    return client_of(colleague(role))


def submit(client: Client, url: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """Send a form as the page would, with a key of its own."""
    return client.post(url, {"idempotency_key": new_key(), **(data or {})}, **more)
