"""What a view declares about who may call it; the decorators that do are in ``policy``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import Resolver404, resolve


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares: for whom, which permission the policy is asked for, and whether it takes uploads."""

    kind: Literal["public", "signed_in", "customer", "staff"]
    permission: str = ""
    takes_uploads: bool = False


def access_of(view: Any) -> Access | None:
    """The declaration of a view, or None: such a route is red in the access matrix."""
    return getattr(view, "access", None)


def declared_for(request: HttpRequest) -> Access | None:
    """What the view of a request declares."""
    try:
        return access_of(resolve(request.path_info).func)
    except Resolver404:
        return None
