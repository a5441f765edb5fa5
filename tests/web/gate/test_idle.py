"""Sessions of staff end when nobody uses them."""

from __future__ import annotations

import pytest
import time_machine

from kundenkontor.access.models import User
from tests.portal.builders import client_of, house, login

pytestmark = pytest.mark.django_db


def staff() -> User:
    user = login("clara")
    user.staff_role = "clerk"
    user.save()
    return user


def test_a_session_of_staff_ends_after_eight_idle_hours_and_not_while_it_is_used() -> None:
    with time_machine.travel("2026-11-23T08:00:00Z", tick=False) as clock:
        clara = client_of(staff())
        for _ in range(3):  # a long day
            assert clara.get("/office/").status_code == 200
            clock.shift(7 * 3600)
        assert clara.get("/office/").status_code == 200
        clock.shift(8 * 3600)
        answer = clara.get("/office/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/?next=/office/")


def test_a_customers_session_lasts() -> None:
    with time_machine.travel("2026-11-23T08:00:00Z", tick=False) as clock:
        ada = client_of(login("ada", house().ada))
        assert ada.get("/").status_code == 200
        clock.shift(24 * 3600)
        assert ada.get("/").status_code == 200
