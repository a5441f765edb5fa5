"""The fields of a form whose session or token has ended, sealed for the login that typed them."""

from __future__ import annotations

import json

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

from kundenkontor.kernel import limits
from kundenkontor.web.gate.declared import Access
from kundenkontor.web.gate.tries import last_login

SALT = "typed before the sign-in"
Fields = list[tuple[str, list[str]]]


def seal_typed(request: HttpRequest, access: Access | None) -> str:
    """For the login that signed in last with this browser; "" where nothing is kept."""
    user_id, fields = last_login(request), fields_of(request, access)
    if not user_id or not fields:
        return ""
    return signing.dumps([user_id, request.get_full_path(), fields], salt=SALT, compress=True)


def fields_of(request: HttpRequest, access: Access | None) -> Fields:
    """Of a form of ours that is no larger than such forms are; not even read where it may be an upload."""
    if access is None or access.kind == "public" or access.takes_uploads or not _is_ours(request):
        return []
    fields = [(str(name), [str(one) for one in values]) for name, values in request.POST.lists() if _is_kept(str(name))]
    return fields if len(json.dumps(fields)) <= limits.TYPED_BYTES else []


def _is_kept(name: str) -> bool:
    return name != "csrfmiddlewaretoken" and "password" not in name


def _is_ours(request: HttpRequest) -> bool:
    """Whether a page of this installation sent it: nobody else fills in the forms of those who sign in here."""
    if origin := request.headers.get("Origin"):
        return origin in {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return request.headers.get("Sec-Fetch-Site") == "same-origin"
