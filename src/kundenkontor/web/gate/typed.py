"""What was typed outlives the session, or the token, under which it was typed.

A form that is sent after its session has ended is sealed into the sign-in page, for the login that signed in last with
this browser and for no other. Once that login has signed in, the form's own address shows the form as it was typed:
the view is asked as if it were sent, but nothing is done (``once`` refuses, and whatever was written is taken back).
Whoever typed it sends it. Passwords and files are not kept; what another site sent is not either.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from kundenkontor.access.models import Membership
from kundenkontor.kernel import limits
from kundenkontor.web.forms import whole_number
from kundenkontor.web.gate.declared import declared_for
from kundenkontor.web.gate.middleware import as_page
from kundenkontor.web.gate.policy import OPENED_FOR, SESSION_CUSTOMER
from kundenkontor.web.gate.sealing import SALT, Fields, fields_of

FIELD = "typed"
IN_SESSION = "typed_before"
View = Callable[..., HttpResponseBase]


def unseal_typed(request: HttpRequest, sealed: str) -> str:
    """Keep what was typed for the login that has just signed in; the address of its form, "" where it is another's."""
    try:
        user_id, path, fields = signing.loads(sealed, salt=SALT, max_age=limits.TYPED_SECONDS)
    except signing.BadSignature:
        return ""
    if user_id != request.user.pk:
        return ""
    opened_for = whole_number(next((values[-1] for name, values in fields if name == OPENED_FOR), ""))
    if Membership.objects.filter(user_id=user_id, customer_id=opened_for).exists():
        request.session[SESSION_CUSTOMER] = opened_for
    request.session[IN_SESSION] = [path, fields]
    return str(path)


def keep_typed(request: HttpRequest) -> str:
    """For a login whose session lasts while the token of its form has ended: the address of the form, or ""."""
    fields = fields_of(request, declared_for(request)) if request.user.is_authenticated else []
    if fields:
        request.session[IN_SESSION] = [request.get_full_path(), fields]
    return request.get_full_path() if fields else ""


class TypedMiddleware:
    """Shows a form as it was typed before the sign-in, once, at its own address. Stands last, behind the session, the
    login and the messages."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase | None:
        if request.method != "GET" or not request.user.is_authenticated:
            return None
        path, fields = request.session.get(IN_SESSION, ("", []))
        if path != request.get_full_path():
            return None
        del request.session[IN_SESSION]
        _fill(request, fields)
        messages.info(request, _("You are signed in. This is what you had typed; none of it was sent yet."))
        return _answer_only(request, view, args, kwargs)


def _fill(request: HttpRequest, fields: Fields) -> None:
    typed = QueryDict(mutable=True)
    for name, values in fields:
        typed.setlist(name, values)
    request.method, request.POST = "POST", typed  # type: ignore[assignment]
    request._files = MultiValueDict()  # type: ignore[attr-defined]
    request.is_only_shown = True  # type: ignore[attr-defined]  # asked by ``once``


def _answer_only(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponseBase:
    """What the view answers to the form, and nothing else that it does."""
    try:
        with transaction.atomic():
            response = view(request, *args, **kwargs)
            transaction.set_rollback(True)
    except Exception as error:
        page = as_page(request, error)
        if page is None:
            raise
        return page
    return response
