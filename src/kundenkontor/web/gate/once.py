"""One submit, one effect: double click, two tabs, the back button and a lost answer change nothing twice (I-M5)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from kundenkontor.kernel.clock import utc_now
from kundenkontor.web.gate.errors import KeyUsedForOtherRequest
from kundenkontor.web.models import IdempotencyKey

FIELD = "idempotency_key"
IGNORED_FIELDS = (FIELD, "csrfmiddlewaretoken")


@dataclass(slots=True)
class Answer:
    """What the first submit answered, and every repeat answers again."""

    status: int = 302
    location: str = ""
    body: str = ""

    def response(self) -> HttpResponse:
        if self.location:
            return HttpResponseRedirect(self.location)
        return HttpResponse(self.body, status=self.status)


class AlreadyDone(Exception):
    """Not an error: the effect exists; the middleware gives the stored answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.location)
        self.answer = answer


@contextmanager
def once(request: HttpRequest) -> Iterator[Answer]:
    """Run the body in one transaction, at most once per key of this login.

    The key row is inserted first, so a concurrent submit with the same key waits for this one. It is stored only on
    commit: a refusal frees the key. Set ``answer.location`` inside the body; without one, a repeat is sent back to the
    page itself. Raises AlreadyDone on a repeat, KeyUsedForOtherRequest (422) for another body, BadRequest without one.
    """
    key = request.POST.get(FIELD, "")
    if not 16 <= len(key) <= 64 or not key.isascii() or not key.isprintable():
        raise BadRequest("The form carries no idempotency key.")
    answer = Answer(location=request.path)
    with transaction.atomic():
        row = _insert(request, key)
        yield answer
        row.status, row.location, row.body = answer.status, answer.location, answer.body
        row.save(update_fields=["status", "location", "body"])


def new_key() -> str:
    return secrets.token_urlsafe(24)


def _insert(request: HttpRequest, key: str) -> IdempotencyKey:
    login_id, digest = request.user.pk, hash_request(request)
    assert login_id is not None  # only declared, signed-in views submit
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(login_id=login_id, key=key, request_hash=digest, created_at=utc_now())
    except IntegrityError:
        stored = IdempotencyKey.objects.get(login_id=login_id, key=key)
    if stored.request_hash != digest:
        raise KeyUsedForOtherRequest()
    raise AlreadyDone(Answer(stored.status, stored.location, stored.body))


def hash_request(request: HttpRequest) -> str:
    """SHA-256 over method, path, every field and the bytes of every file, but not the CSRF token, which may change."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    for name in sorted(request.POST):
        if name not in IGNORED_FIELDS:
            digest.update(repr((name, request.POST.getlist(name))).encode())
    for name, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            digest.update(repr((name, upload.name, upload.size)).encode())
            for chunk in upload.chunks():
                digest.update(chunk)
            upload.seek(0)
    return digest.hexdigest()
