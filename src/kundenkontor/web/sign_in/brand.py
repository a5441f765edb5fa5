"""Whose name stands on a page that is not one customer's: the link's, the login's, else the installation's own."""

from __future__ import annotations

from django.http import HttpRequest

from kundenkontor.access.links import BRAND, branded
from kundenkontor.access.queries import only_seller_of
from kundenkontor.parties.models import Seller
from kundenkontor.web.gate.tries import last_login

INSTALLATION = "Kundenkontor"


def asked_brand(request: HttpRequest) -> Seller | None:
    """The seller that an address names, as links in mails do."""
    name = request.GET.get(BRAND, "")
    return Seller.objects.filter(short_name=name).first() if 0 < len(name) <= 30 and "\0" not in name else None


def brand_of(request: HttpRequest) -> Seller | None:
    """What the view says, the address, or whose customer signed in, here and now or last; None: nobody's."""
    said: Seller | None = getattr(request, "brand_seller", None)
    user = getattr(request, "user", None)
    if said is not None or (user is not None and user.is_authenticated and user.is_staff):
        return said
    login = user.pk if user is not None and user.is_authenticated else last_login(request)
    return asked_brand(request) or (only_seller_of(login) if login else None)


def say_brand(request: HttpRequest, user_id: int) -> None:
    """The page is about this login; an address that names a seller goes before."""
    request.brand_seller = asked_brand(request) or only_seller_of(user_id)  # type: ignore[attr-defined]


def with_brand(request: HttpRequest, url: str) -> str:
    """An address that goes on with the brand of this page, where it is a seller's."""
    return branded(url, brand_of(request))
