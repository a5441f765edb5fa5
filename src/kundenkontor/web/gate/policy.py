"""Who may call a view. Every route carries one of these decorators; the access matrix is generated from them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import resolve, reverse

from kundenkontor.access.models import Membership, User
from kundenkontor.access.policy import CUSTOMER_PERMISSIONS, STAFF_PERMISSIONS, may
from kundenkontor.access.rls import portal_read
from kundenkontor.events.actor import Actor
from kundenkontor.events.queries import business_date
from kundenkontor.web.gate.declared import Access, declared_for
from kundenkontor.web.gate.errors import CustomerSwitched
from kundenkontor.web.gate.held import reading_anew
from kundenkontor.web.gate.requests import PortalRequest, SignedInRequest
from kundenkontor.web.gate.sealing import seal_typed

SESSION_CUSTOMER = "customer_id"
OPENED_FOR = "opened_for"  # the field of a form that says for which customer it was opened
SWITCHER_SIZE = 50
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

View = Callable[..., HttpResponseBase]
V = TypeVar("V", bound=View)


def public(view: V) -> V:
    """Open to everybody."""
    view.access = Access("public")  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Open to every active login."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        prepare(request, "staff" if request.user.is_staff else "customer")
        return view(request, *args, **kwargs)

    checked.access = Access("signed_in")  # type: ignore[attr-defined]
    return checked


def staff_permission(permission: str, *, takes_uploads: bool = False) -> Callable[[View], View]:
    """Open to staff with this permission. To customers the office does not exist (404).

    Only with ``takes_uploads`` a body may be larger than a form's (web/gate/loads.py).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            user = prepare(request, "staff")
            if not user.is_staff:
                raise Http404
            if not may(user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.access = Access("staff", permission, takes_uploads)  # type: ignore[attr-defined]
        return reading_anew(checked)

    return decorate


def customer_permission(permission: str, *, reads_itself: bool = False) -> Callable[[View], View]:
    """Open to logins that may do this for the chosen customer.

    A GET runs, template included, in a read-only transaction under row-level security. A POST loads its objects
    ``with request.reading()``, runs its command after that, as the app role, and a page that says what was wrong
    is made ``with request.reading()`` too. A streaming answer opens one such
    transaction per page itself. With ``reads_itself`` a GET does as a POST: for files made when first asked for.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            user = prepare(request, "customer")
            if not choose_customer(request, user):
                if user.is_staff:
                    return redirect("/office/")
                raise Http404
            portal_request = cast(PortalRequest, request)
            if not may(user, permission, portal_request.membership):
                raise PermissionDenied
            if request.POST.get(OPENED_FOR, str(portal_request.customer.pk)) != str(portal_request.customer.pk):
                raise CustomerSwitched()
            if reads_itself or request.method not in SAFE_METHODS:
                return view(request, *args, **kwargs)
            with portal_read([portal_request.customer.pk]):
                return _rendered(view(request, *args, **kwargs))

        checked.access = Access("customer", permission)  # type: ignore[attr-defined]
        return reading_anew(checked)

    return decorate


def prepare(request: HttpRequest, kind: Literal["customer", "staff"]) -> User:
    """Give the request its actor and the business date; read before any row-level security begins."""
    prepared = cast(SignedInRequest, request)
    prepared.actor = Actor(kind, str(prepared.user), prepared.user.pk)
    prepared.today = business_date()
    prepared.permissions = (
        STAFF_PERMISSIONS.get(prepared.user.staff_role, frozenset()) if kind == "staff" else frozenset()
    )
    return prepared.user


def choose_customer(request: HttpRequest, user: User) -> bool:
    """Set the session's chosen customer if it is among the memberships, else the first; False without any."""
    memberships = Membership.objects.filter(user=user).select_related("customer__seller")
    found = list(memberships.order_by("customer__sort_key", "customer_id")[: SWITCHER_SIZE + 1])
    first = found[:SWITCHER_SIZE]
    chosen_id = request.session.get(SESSION_CUSTOMER)
    chosen = next((one for one in first if one.customer_id == chosen_id), None)
    if chosen is None and chosen_id is not None:
        chosen = memberships.filter(customer_id=chosen_id).first()
    chosen = chosen or next(iter(first), None)
    if chosen is None:
        return False
    request.membership = chosen  # type: ignore[attr-defined]
    request.memberships = first if chosen in first else [chosen, *first]  # type: ignore[attr-defined]
    request.has_more_customers = len(found) > len(first)  # type: ignore[attr-defined]
    request.customer = chosen.customer  # type: ignore[attr-defined]
    request.permissions = CUSTOMER_PERMISSIONS[chosen.role]  # type: ignore[attr-defined]
    request.reading = lambda: portal_read([chosen.customer_id])  # type: ignore[attr-defined]
    return True


def ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead to the sign-in page, and back afterwards; a fragment asked for by htmx lets the whole page go there."""
    login_url = reverse("account_login")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": login_url})
    if request.method == "POST" and (page := kept_while_signing_in(request)):
        return page
    if request.method not in SAFE_METHODS or request.path == "/":
        query = request.META.get("QUERY_STRING", "") if request.method == "GET" else ""
        return redirect(f"{login_url}?{query}" if query else login_url)
    return redirect_to_login(request.get_full_path(), login_url)


def kept_while_signing_in(request: HttpRequest) -> HttpResponseBase | None:
    """The sign-in page with what was typed, where that is kept."""
    sealed = seal_typed(request, declared_for(request))
    if not sealed:
        return None
    request.method, request.typed = "GET", sealed  # type: ignore[attr-defined]
    request.POST = QueryDict()
    page: HttpResponseBase = resolve(reverse("account_login")).func(request)
    return page


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Render what is rendered lazily now, while the rows can still be read."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        return response.render()
    return response
