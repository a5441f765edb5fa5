"""Work that an outside service or a child process may fail: claimed for a while, counted once, repeated with pauses.

A table of such work is a concrete ``Attempt``. Whoever works takes rows with ``claim``, works while no transaction is
open, and ends with ``settle`` or ``put_off``. Who dies in between leaves a claim whose lease ends: it is due again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from django.db import models, transaction
from django.db.models import F, Q, QuerySet

from kundenkontor.kernel.clock import utc_now

# unknown: it may have been done, the answer is missing; whoever repeats it takes care that twice does no harm
OPEN = ("queued", "claimed", "unknown")
CLOSED = ("done", "failed")
RESTARTABLE = ("queued", "unknown", "failed")
ERROR_LENGTH = 2000
DIED = "whoever tried did not come to an end"


class Attempt(models.Model):
    """Work to be tried until it is done or has failed. A concrete model's Meta builds on ``Attempt.Meta``.

    ``state``: queued -> claimed -> done or failed, or queued or unknown for a pause. ``attempts`` counts claims.
    ``next_attempt_at`` is the end of the pause, of the lease while it is claimed, and empty when nobody tries any more.
    """

    state = models.CharField(max_length=10, default="queued")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=utc_now)
    last_error = models.TextField(blank=True)

    claimed_from = ""  # the state before the claim, for whom it matters what became of the former one

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OPEN, next_attempt_at__isnull=False)
                | Q(state__in=CLOSED, next_attempt_at__isnull=True),
                name="%(class)s_is_tried_until_done_or_failed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "unknown"]) | Q(attempts__gte=1),
                name="%(class)s_is_counted_when_claimed",
            ),
        ]
        indexes = [
            models.Index("next_attempt_at", name="%(class)s_due", condition=Q(next_attempt_at__isnull=False)),
        ]

    @property
    def is_restartable(self) -> bool:
        """Whether staff may have it tried again now: not while somebody tries, nor when it is done."""
        return self.state in RESTARTABLE


A = TypeVar("A", bound=Attempt)


@transaction.atomic(durable=True)
def claim(rows: QuerySet[A], *, lease: timedelta, limit: int) -> list[A]:
    """Take those of the rows that are due, the longest waiting first, for this process alone until the lease ends.

    Committed when it returns, so that the work is counted whatever becomes of it. Rows that somebody else is just
    taking are passed over.
    """
    now = utc_now()
    due = rows.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
    claimed = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
    for row in claimed:
        row.claimed_from, row.state = row.state, "claimed"
        row.attempts, row.next_attempt_at = row.attempts + 1, now + lease
    ids = [row.pk for row in claimed]
    taken = {"state": "claimed", "attempts": F("attempts") + 1, "next_attempt_at": now + lease}
    rows.model._default_manager.filter(pk__in=ids).update(**taken)
    return claimed


def settle(row: Attempt, state: Literal["done", "failed"], *, error: str = "", **columns: Any) -> bool:
    """End the work, together with other columns of the row. False, and nothing is written, if the claim is lost."""
    return _leave(row, state=state, next_attempt_at=None, last_error=error[:ERROR_LENGTH], **columns)


def put_off(
    row: Attempt,
    pauses: Sequence[timedelta],
    *,
    error: str,
    state: Literal["queued", "unknown"] = "queued",
    **given_up: Any,
) -> bool:
    """Try again after the pause; when the pauses are used up it has failed, and the other columns are written too.

    False, and nothing is written, if the claim is lost.
    """
    until = next_attempt(row.attempts, pauses)
    if until is None:
        return settle(row, "failed", error=error, **given_up)
    return _leave(row, state=state, next_attempt_at=until, last_error=error[:ERROR_LENGTH])


def give_up(row: Attempt, pauses: Sequence[timedelta], **columns: Any) -> bool:
    """Whether a claim comes after the last attempt, because its worker died at that one: it has failed then.

    Whoever claims asks this first, or work that kills its worker is repeated at the end of every lease.
    """
    return row.attempts > len(pauses) + 1 and settle(row, "failed", error=row.last_error or DIED, **columns)


def next_attempt(attempts: int, pauses: Sequence[timedelta]) -> datetime | None:
    """When to try again after so many attempts; None when the pauses are used up."""
    return utc_now() + pauses[attempts - 1] if attempts <= len(pauses) else None


def restart(rows: QuerySet[A], *, states: Sequence[str] = RESTARTABLE, **columns: Any) -> int:
    """Try again now, counting anew, as staff asked; return how many. What is done stays as it is.

    So does what is claimed, unless ``states`` names it: then whoever claimed it has lost it, and it is done twice.
    """
    with transaction.atomic():
        again = rows.filter(state__in=states).order_by("pk").select_for_update(of=("self",))
        found = list(again.values_list("pk", flat=True))  # locked in one order, whoever else locks several
        anew = {"state": "queued", "attempts": 0, "next_attempt_at": utc_now(), **columns}
        return rows.model._default_manager.filter(pk__in=found).update(**anew)


def _leave(row: Attempt, **columns: Any) -> bool:
    """Write only while the claim is one's own: the end of the lease tells it apart from every later one.

    The number of attempts alone would not: a restart counts anew.
    """
    claimed = {"state": "claimed", "attempts": row.attempts, "next_attempt_at": row.next_attempt_at}
    if not type(row)._default_manager.filter(pk=row.pk, **claimed).update(**columns):
        return False
    for name, value in columns.items():
        setattr(row, name, value)
    return True
