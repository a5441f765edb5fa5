"""The reader's language and theme, and refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from kundenkontor.access.errors import TooManyPasswords
from kundenkontor.kernel import limits
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.messaging.errors import MailQuotaReached
from kundenkontor.once.errors import AlreadyDone, KeyUsedForOtherRequest
from kundenkontor.papers.errors import DocumentDamaged, DocumentNotMade, DocumentNotReady
from kundenkontor.web.gate.later import ask_again
from kundenkontor.web.gate.once import response_of

THEME_COOKIE = "kk_theme"
SEEN_AT = "seen_at"  # in the session, seconds
SEEN_STEP_SECONDS = 300
THEMES = ("light", "dark")
STATUSES: dict[type[DomainError], int] = {
    KeyUsedForOtherRequest: 422,
    MailQuotaReached: 429,
    TooManyPasswords: 503,
    DocumentNotReady: 503,
    DocumentNotMade: 503,
    DocumentDamaged: 503,
}
GetResponse = Callable[[HttpRequest], HttpResponse]


class PreferencesMiddleware:
    """Language and theme of the login's profile win over the cookies. Stands after locale and authentication."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        theme = request.COOKIES.get(THEME_COOKIE, "")
        if request.user.is_authenticated:
            language = request.user.language
            theme = request.user.theme or theme
            translation.activate(language)
            request.LANGUAGE_CODE = language
        request.theme = theme if theme in THEMES else ""  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "de")
        return response


class IdleMiddleware:
    """A session of staff that nobody used for hours is over. When it was used is written down now and then."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.is_staff:
            now = int(utc_now().timestamp())
            idle = now - int(request.session.get(SEEN_AT, now - SEEN_STEP_SECONDS))
            if idle >= limits.STAFF_IDLE_SECONDS:
                logout(request)
            elif idle >= SEEN_STEP_SECONDS:
                request.session[SEEN_AT] = now
        return self.get_response(request)


class RefusalMiddleware:
    """A refusal nobody caught becomes a page with its sentence (409); a repeated submit gets its first answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return as_page(request, exception)


def as_page(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """The page of a refusal, the first answer of what was done before; None for all else."""
    if isinstance(exception, AlreadyDone):
        return response_of(exception.answer)
    if isinstance(exception, DomainError):
        status = STATUSES.get(type(exception), 409)
        context = {"sentence": str(exception), "code": exception.code, "form_url": _sent_from(request)}
        answer = render(request, "web/pages/refused.html", context, status=status)
        return ask_again(request, answer, 5) if status == HTTPStatus.SERVICE_UNAVAILABLE else answer
    return None


def _sent_from(request: HttpRequest) -> str:
    """The page with the form: many forms are sent to an address that cannot be opened. Never another host's page."""
    page = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts=hosts, require_https=request.is_secure())
    return page if is_ours else request.path
