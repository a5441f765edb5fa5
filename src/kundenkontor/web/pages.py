"""Pages for what went wrong, and the small pages every face shares."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from kundenkontor.access.commands import choose_appearance
from kundenkontor.access.models import Membership
from kundenkontor.parties.models import Seller
from kundenkontor.web.forms import whole_number
from kundenkontor.web.gate.middleware import THEME_COOKIE, THEMES
from kundenkontor.web.gate.policy import SESSION_CUSTOMER, kept_while_signing_in, public, signed_in
from kundenkontor.web.gate.typed import keep_typed

YEAR_SECONDS = 365 * 24 * 3600


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/pages/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/pages/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The token of a form has ended: what was typed is shown again, or signed in for first."""
    if path := keep_typed(request):
        return redirect(path)
    if not request.user.is_authenticated and (page := kept_while_signing_in(request)):
        return page
    return render(request, "web/pages/403_csrf.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/pages/404.html", status=404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    response = render(request, "web/pages/429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks neither database nor session: they may be what failed."""
    return HttpResponse(render_to_string("web/pages/500.html"), status=500)


def back(request: HttpRequest) -> HttpResponse:
    """Lead back to the page the form named, if it is one of ours."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None, require_https=request.is_secure())
    return redirect(target if is_ours and target.startswith("/") else "/")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Choose the language: for this browser, and for the login."""
    language = request.POST.get("language", "")
    response = back(request)
    if language not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        choose_appearance(request.user, language=language)
    _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
    translation.activate(language)
    return response


@public
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Choose light or dark, or follow the device: for this browser, and for the login."""
    theme = request.POST.get("theme", "")
    theme = theme if theme in THEMES else ""
    response = back(request)
    if request.user.is_authenticated:
        choose_appearance(request.user, theme=theme)
    _set_cookie(response, THEME_COOKIE, theme)
    return response


def _set_cookie(response: HttpResponse, name: str, value: str) -> None:
    if value:
        secure = bool(settings.SESSION_COOKIE_SECURE)
        response.set_cookie(
            name,
            value,
            max_age=YEAR_SECONDS,
            samesite="Lax",
            httponly=True,
            secure=secure,
        )
    else:
        response.delete_cookie(name)


@require_POST
@signed_in
def switch_customer(request: HttpRequest) -> HttpResponseBase:
    """Act for another customer of this login; a foreign or unknown one does not exist."""
    wished = whole_number(request.POST.get("customer", ""))
    membership = get_object_or_404(Membership, user_id=request.user.pk, customer_id=wished)
    request.session[SESSION_CUSTOMER] = membership.customer_id
    return redirect("/")


@public
@require_safe
def legal(request: HttpRequest, seller: str, kind: str) -> HttpResponse:
    """Impressum, Datenschutz or AGB of a seller: its own page where it has one, else its text."""
    found = get_object_or_404(Seller, short_name=seller)
    url = getattr(found, f"{kind}_url")
    if url:
        return redirect(url)
    request.brand_seller = found  # type: ignore[attr-defined]
    context = {
        "legal_seller": found,
        "kind": kind,
        "text": getattr(found, f"{kind}_text"),
    }
    return render(request, "web/pages/legal.html", context)
