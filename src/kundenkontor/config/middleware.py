"""Headers that every answer carries, and requests that nobody sends by accident."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

HEALTH = "/health/"
GetResponse = Callable[[HttpRequest], HttpResponse]


class SecurityHeadersMiddleware:
    """Content security policy on everything, ``no-store`` on every page that does not say otherwise.

    Stands first: the redirect to https carries the policy too, and so do static files, which keep their own caching.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cache-Control", "no-store")
        return response


class HealthMiddleware:
    """Health is asked for by whatever name a supervisor knows the machine, and its answer names none: so it counts as
    asked by our own name, where another host is refused."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == HEALTH:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".*")
        return self.get_response(request)


class NulBytesMiddleware:
    """400 for a NUL in the query or a cookie: PostgreSQL takes none, so it would end in a server error.

    Form fields refuse it themselves.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or any("\0" in value for value in request.COOKIES.values()):
            raise BadRequest("A NUL byte stands in the query or in a cookie.")
        return self.get_response(request)
