"""What a declared view may rely on in its request."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date

from django.http import HttpRequest

from kundenkontor.access.models import Membership, User
from kundenkontor.access.rls import portal_read
from kundenkontor.events.actor import Actor
from kundenkontor.parties.models import Customer


class SignedInRequest(HttpRequest):
    """A request of an active login. ``today`` is the business date, read once.

    ``permissions`` only decide what a page offers; what is allowed decides ``access.policy.may``.
    """

    user: User
    actor: Actor
    today: date
    permissions: frozenset[str]


class StaffRequest(SignedInRequest):
    """A request in the office."""


class PortalRequest(SignedInRequest):
    """A request for one customer. ``memberships`` holds it and the first ones by name, for the switcher."""

    customer: Customer
    membership: Membership
    memberships: list[Membership]
    has_more_customers: bool

    def reading(self) -> AbstractContextManager[None]:
        """Load the objects of a POST behind row-level security; run the command after it, not inside."""
        return portal_read([self.customer.pk])
