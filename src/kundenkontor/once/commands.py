"""Answering a request once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction

from kundenkontor.kernel.clock import utc_now
from kundenkontor.once.answers import Answer, Principal, is_key, kept_headers
from kundenkontor.once.errors import AlreadyDone, KeyUsedForOtherRequest
from kundenkontor.once.models import GivenAnswer

KEPT = timedelta(days=30)  # nobody repeats a request that old


@contextmanager
def answering_once(principal: Principal, key: str, digest: str) -> Iterator[Answer]:
    """Run the body in one transaction, at most once per principal and key; it fills the answer.

    The key is inserted first, so a concurrent request with the same key waits for this one. It is stored only on
    commit: a refusal frees the key. Raises AlreadyDone on a repeat, KeyUsedForOtherRequest for another digest.
    """
    assert is_key(key)
    with transaction.atomic():
        row = _claim(principal, key, digest)
        answer = Answer()
        yield answer
        row.status = answer.status
        if not answer.is_secret:
            row.headers, row.body = kept_headers(answer.headers), answer.body
        row.save(update_fields=["status", "headers", "body"])


def answer_once(principal: Principal, key: str, digest: str, make: Callable[[], Answer]) -> Answer:
    """What ``make`` answers, or what it answered the first time; else as ``answering_once``."""
    try:
        with answering_once(principal, key, digest) as kept:
            answer = make()
            kept.status, kept.headers, kept.body = answer.status, answer.headers, answer.body
            kept.is_secret = answer.is_secret
    except AlreadyDone as done:
        return done.answer
    return answer


def recall_answer(principal: Principal, key: str, digest: str) -> None:
    """Raise AlreadyDone with the answer that the key was given before, KeyUsedForOtherRequest for another digest."""
    given = GivenAnswer.objects.filter(principal=str(principal), key=key).first()
    if given is not None and given.digest != digest:
        raise KeyUsedForOtherRequest()
    if given is not None:
        raise AlreadyDone(Answer(given.status, given.headers, bytes(given.body)))


def _claim(principal: Principal, key: str, digest: str) -> GivenAnswer:
    whose = {"principal": str(principal), "key": key}
    try:
        with transaction.atomic():
            return GivenAnswer.objects.create(**whose, digest=digest, created_at=utc_now())
    except IntegrityError:
        recall_answer(principal, key, digest)
        raise


def purge_answers() -> None:
    """Forget keys and answers after 30 days."""
    GivenAnswer.objects.filter(created_at__lt=utc_now() - KEPT).delete()
