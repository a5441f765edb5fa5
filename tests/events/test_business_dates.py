"""Business dates are local dates of the seller's zone; instants are UTC; the clock only moves forward (I-B4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import move_clock
from kundenkontor.events.errors import ClockCannotGoBack, ClockIsReal
from kundenkontor.events.models import Event
from kundenkontor.events.queries import business_date
from kundenkontor.kernel.clock import local_date

CLARA = Actor("staff", "clara")
VIENNA = "Europe/Vienna"


@pytest.mark.invariant("I-B4")
@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2028, 2, 29, 23, 30, tzinfo=UTC), date(2028, 3, 1)),  # already 1 March in Vienna
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),  # 02:30, summer time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25)),  # 02:30 again, winter time
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 7, 31, 21, 59, tzinfo=UTC), date(2026, 7, 31)),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), date(2026, 8, 1)),
        (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), date(2038, 1, 19)),
    ],
)
def test_a_business_date_is_the_day_in_the_sellers_zone(instant: datetime, expected: date) -> None:
    assert local_date(instant, VIENNA) == expected


@pytest.mark.invariant("I-B4")
@pytest.mark.django_db
@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=400)])
def test_the_business_date_follows_the_system_clock_through_every_jump(jump: timedelta) -> None:
    noon = datetime(2026, 10, 25, 11, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        before = business_date(VIENNA)
    with time_machine.travel(noon + jump, tick=False):
        after = business_date(VIENNA)

    assert after - before == timedelta(days=jump.days if jump.days > 0 else 0)


@pytest.mark.invariant("I-B4")
@pytest.mark.django_db
def test_the_clock_moves_business_dates_forward_only_and_says_so() -> None:
    today = business_date(VIENNA)

    assert move_clock(31, actor=CLARA) == today + timedelta(days=31)
    assert business_date(VIENNA) == today + timedelta(days=31)
    with pytest.raises(ClockCannotGoBack):
        move_clock(-1, actor=CLARA)
    event = Event.objects.get(name="clock.moved")
    assert abs(event.occurred_at - datetime.now(UTC)) < timedelta(minutes=5)  # instants stay real


@pytest.mark.invariant("I-B4")
@pytest.mark.django_db
def test_in_production_nobody_moves_the_clock(settings: Any) -> None:
    settings.MODE = "production"
    with pytest.raises(ClockIsReal):
        move_clock(1, actor=CLARA)
    assert business_date(VIENNA) == local_date(datetime.now(UTC), VIENNA)
