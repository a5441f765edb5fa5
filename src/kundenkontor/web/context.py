"""What the frame of every page knows: theme, languages, mode, business date, messages, whose portal it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest

from kundenkontor.access.models import Membership
from kundenkontor.events.queries import business_date
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.web.areas import ShownEntry, navigation_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Everything is under one name, so no view's own name is hidden by it."""
    return {"frame": Frame(request)}


class Frame:
    """Reads no row that the view has not read already, except the seller on signed-out pages."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.languages = settings.LANGUAGES
        self.theme: str = getattr(request, "theme", "")
        self.customer: Customer | None = getattr(request, "customer", None)
        self.memberships: Sequence[Membership] = getattr(request, "memberships", [])

    @property
    def messages(self) -> Iterable[Any]:
        return get_messages(self.request)

    @cached_property
    def today(self) -> date | None:
        """The business date, shown to those signed in wherever it can be moved."""
        user = getattr(self.request, "user", None)
        if settings.MODE == "production" or user is None or not user.is_authenticated:
            return None
        return getattr(self.request, "today", None) or business_date()

    @cached_property
    def seller(self) -> Seller | None:
        return self.customer.seller if self.customer else default_seller()

    def navigation_of(self, face: str) -> list[tuple[str, list[ShownEntry]]]:
        """The entries of a face that lead to what the reader may open."""
        permissions: frozenset[str] = getattr(self.request, "permissions", frozenset())
        return navigation_of(face, permissions, self.request.path, mode=settings.MODE)

    @property
    def brand(self) -> str:
        return self.seller.name if self.seller else "Kundenkontor"


def default_seller() -> Seller | None:
    """The seller whose name and legal texts stand on signed-out pages: the first one."""
    return Seller.objects.only("name", "short_name", "email").order_by("id").first()
