"""A pause for who tries addresses with a secret in them too often (ASVS 6.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


def limited(view: View) -> View:
    """Answer 429 once an address opened more one-time links in a minute than ACCOUNT_RATE_LIMITS allow."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused: HttpResponseBase | None = ratelimit.consume_or_429(request, action="open_link", limit_get=True)
        return view(request, *args, **kwargs) if refused is None else refused

    return counted
