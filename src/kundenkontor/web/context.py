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
from kundenkontor.web.sign_in.brand import INSTALLATION, brand_of, with_brand


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
    def own(self) -> Seller | None:
        """Whose page it is; None where it is the installation's own."""
        return self.customer.seller if self.customer else brand_of(self.request)

    @cached_property
    def seller(self) -> Seller | None:
        """Whose legal texts stand below it: its own, else those of the first seller, who runs the installation."""
        return self.own or next(iter(self._first_two), None)

    @cached_property
    def _first_two(self) -> Sequence[Seller]:
        return list(Seller.objects.only("name", "short_name", "email").order_by("id")[:2])

    def branded(self, url: str) -> str:
        """An address of a signed-out page, for the same seller."""
        return with_brand(self.request, url)

    def navigation_of(self, face: str) -> list[tuple[str, list[ShownEntry]]]:
        """The entries of a face that lead to what the reader may open."""
        permissions: frozenset[str] = getattr(self.request, "permissions", frozenset())
        return navigation_of(face, permissions, self.request.path, mode=settings.MODE)

    @property
    def brand(self) -> str:
        """The seller's name; of several sellers none speaks for all."""
        if self.own:
            return self.own.name
        return self._first_two[0].name if len(self._first_two) == 1 else INSTALLATION
