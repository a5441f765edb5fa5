"""What every submit of the office has in common: one effect, and a refusal said where the reader stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponseRedirect

from kundenkontor.kernel.errors import DomainError
from kundenkontor.office.desk.errors import TooManyShown
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.requests import StaffRequest


def submit_once(request: StaffRequest, back: str, act: Callable[[], str]) -> HttpResponseRedirect:
    """Run a command behind a button, at most once per key. ``act`` returns the sentence of success, or "".

    Afterwards, done or refused, the reader stands on ``back``.
    """
    try:
        with once(request) as answer:
            answer.location = back
            said = act()
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(back)


MOST_SHOWN = 5000


def ids_shown(rows: QuerySet[Any], column: str = "pk") -> list[int]:
    """What a list shows, on all of its pages, for a button that acts on it. Raises TooManyShown."""
    ids = list(rows.order_by(column).values_list(column, flat=True).distinct()[: MOST_SHOWN + 1])
    if len(ids) > MOST_SHOWN:
        raise TooManyShown(most=MOST_SHOWN)
    return ids


@contextmanager
def nothing_written() -> Iterator[None]:
    """Compute what a command would write, for a GET: whatever was written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
