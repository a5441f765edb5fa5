"""How tries to sign in are counted: strangers by login and address, a browser that signed in before by itself."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from kundenkontor.access.models import User
from kundenkontor.access.queries import logins_named
from kundenkontor.kernel import limits

SALT = "known browser"
SECONDS = limits.KNOWN_BROWSER_DAYS * 24 * 3600


def key_of(typed: str) -> str:
    """The login that is meant, however it was written: user name, address, capitals; else what was typed."""
    user = next(iter(logins_named(typed)), None)
    return f"login:{user.pk}" if user else f"text:{typed.strip().lower()[:254]}"


def known_browser(request: HttpRequest, typed: str) -> str:
    """This browser with the login that is meant, if somebody signed in to that with it before, else ""."""
    name, logins = _read(request)
    user = next(iter(logins_named(typed)), None) if logins else None  # a stranger's browser names none
    return f"{name}:{user.pk}" if user is not None and user.pk in logins else ""


def last_login(request: HttpRequest) -> int:
    """Who signed in last with this browser; 0 where nobody did, or not for long."""
    return next(iter(_read(request)[1]), 0)


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Write down that this browser signed in to this login. It says nothing else, and opens nothing."""
    name, logins = _read(request)
    newest = [user.pk, *(pk for pk in logins if pk != user.pk)][: limits.LOGINS_OF_A_BROWSER]
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps([name or secrets.token_urlsafe(16), newest], salt=SALT),
        max_age=SECONDS,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
        name, logins = signing.loads(cookie, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return "", []
    return name, logins
