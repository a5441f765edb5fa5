"""What every page knows: theme, languages, mode, business date, whose portal it is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from kundenkontor.events.queries import business_date
from kundenkontor.parties.models import Seller


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Reads no row that the view has not read already, except the seller on signed-out pages."""
    customer = getattr(request, "customer", None)
    user = getattr(request, "user", None)
    show_clock = settings.MODE != "production" and user is not None and user.is_authenticated
    return {
        "theme": getattr(request, "theme", ""),
        "themes": THEME_CHOICES,
        "languages": settings.LANGUAGES,
        "mode": settings.MODE,
        "today": (getattr(request, "today", None) or business_date()) if show_clock else None,
        "customer": customer,
        "memberships": getattr(request, "memberships", []),
        "seller": customer.seller if customer else SimpleLazyObject(default_seller),
    }


THEME_CHOICES = ("", "light", "dark")


def default_seller() -> Seller | None:
    """The seller whose name and legal texts stand on signed-out pages: the first one."""
    return Seller.objects.order_by("id").first()
