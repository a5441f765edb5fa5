"""A pause for who tries addresses with a secret in them too often (ASVS 6.3.1)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase

from kundenkontor.web.pages import too_many_requests

WINDOW_SECONDS = 60
View = Callable[..., HttpResponseBase]


def limited(view: View) -> View:
    """Answer 429 once an address opened more one-time links in a minute than settings allow.

    allauth's own limits do not count GET, and these links are opened by GET.
    """

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _tries_of(request) > settings.LINKS_PER_MINUTE:
            return too_many_requests(request)
        return view(request, *args, **kwargs)

    return counted


def _tries_of(request: HttpRequest) -> int:
    key = f"open-link:{get_adapter().get_client_ip(request)}:{int(time.time() // WINDOW_SECONDS)}"
    cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
    return cache.incr(key)
