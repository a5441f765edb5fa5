"""A form that is refused shows its page again: what stands on it is read behind the second wall, as by a GET (I-A1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from kundenkontor.access.rls import portal_read, reading_for
from kundenkontor.web.gate.once import new_key
from tests.proof.declared import portal_policies
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME
from tests.proof.rights.routes import Route, all_routes
from tests.proof.rights.world import World

FORMS = [
    {},
    {"x": "y"},
    {"since": "2026-02-01", "until": "2026-01-01", "way": "x", "contact": "x", "email": "x", "country": "ZZ"},
]


class BesideTheWall:
    """Notes what is read of customers' tables as the application: not the choice of the customer, nor by commands."""

    def __init__(self) -> None:
        tables = "|".join(sorted(portal_policies()))
        self.of_customers = re.compile(rf'FROM "({tables})"')
        self.seen: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        is_choice = "access_membership" in sql or "FOR UPDATE" in sql
        if self.of_customers.search(str(sql)) and not is_choice and not reading_for():
            self.seen.append(str(sql)[:300])
        return execute(sql, *arguments)


def posts() -> list[Route]:
    return [
        route for route in all_routes() if route.access and route.access.kind == "customer" and "POST" in route.methods
    ]


@pytest.mark.invariant("I-A1")
def test_no_refused_form_of_the_portal_reads_beside_the_second_wall(world: World) -> None:
    client, pages = client_of(world, BY_NAME["owner"]), 0
    for route in posts():
        for form in FORMS:
            wall = BesideTheWall()
            with connection.execute_wrapper(wall):
                answer = client.post(route.url(world, "own"), {"idempotency_key": new_key(), **form})
            if answer.status_code == 422:  # not 400 and 409: those pages hold a sentence and no rows
                pages += 1
                assert wall.seen == [], (route.name, form)
    assert pages >= 5


@pytest.mark.invariant("I-A1")
def test_a_page_that_reads_inside_a_reading_goes_on_with_it_and_no_other_is_begun(world: World) -> None:
    adas, bobs = world.customers["ada"], world.customers["bob"]
    with portal_read([adas]):
        with portal_read([adas]):
            assert reading_for() == str(adas)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user <> session_user, current_setting('kk.customers')")
            assert cursor.fetchone() == (True, str(adas))
        with pytest.raises(AssertionError), portal_read([bobs]):
            pass
    assert reading_for() == ""
