"""One submit, one effect: double click, two tabs, the back button and a lost answer change nothing twice (I-M5)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.exceptions import BadRequest
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from kundenkontor.once.answers import Answer, Principal, digest_of, is_key
from kundenkontor.once.commands import answering_once, recall_answer
from kundenkontor.web.gate.errors import NotSentYet
from kundenkontor.web.gate.held import hold

FIELD = "idempotency_key"
IGNORED_FIELDS = (FIELD, "csrfmiddlewaretoken")


@contextmanager
def once(request: HttpRequest, *, compared: Iterable[Model] = ()) -> Iterator[Answer]:
    """Run the body as ``answering_once`` does, for a signed-in login and the key of its form.

    Set ``answer.location`` inside; without it, a repeat is sent back to the page itself. ``compared``: the rows as read
    with which an ``EditForm`` was compared; they are locked, and where one changed since, the request begins again.
    BadRequest without a key, NotSentYet where a form is only shown as it was typed before the sign-in.
    """
    key = request.POST.get(FIELD, "")
    if not is_key(key):
        raise BadRequest("The form carries no idempotency key.")
    assert request.user.pk is not None  # only declared, signed-in views submit
    principal, digest = Principal("login", request.user.pk), hash_request(request)
    if getattr(request, "is_only_shown", False):
        recall_answer(principal, key, digest)
        raise NotSentYet()
    with answering_once(principal, key, digest) as answer:
        hold(compared)
        answer.location = request.path
        yield answer


def new_key() -> str:
    return secrets.token_urlsafe(24)


def response_of(answer: Answer) -> HttpResponse:
    """A stored answer as a page."""
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)


def hash_request(request: HttpRequest) -> str:
    """Over every field and the bytes of every file, but not the CSRF token, which may change."""
    return digest_of(str(request.method), request.get_full_path(), _parts_of(request))


def _parts_of(request: HttpRequest) -> Iterator[bytes]:
    for name in sorted(request.POST):
        if name not in IGNORED_FIELDS:
            yield repr((name, request.POST.getlist(name))).encode()
    for name, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            yield repr((name, upload.name, upload.size)).encode()
            yield from upload.chunks()
            upload.seek(0)
