"""Every route, method and object as every login meets it: the access matrix (I-A1, I-A3)."""

from __future__ import annotations

import pytest

from tests.security.document import DOCUMENT, as_markdown
from tests.security.matrix import WRITTEN_BY_GET, call, cases_for, client_of, is_as_expected
from tests.security.people import BY_NAME, ROLES
from tests.security.routes import all_routes
from tests.security.world import World


@pytest.mark.invariant("I-A3")
def test_every_route_declares_who_may_call_it_and_how() -> None:
    routes = all_routes()
    assert [route.address for route in routes if route.access is None] == []
    assert [route.address for route in routes if not route.methods] == []
    assert [route.address for route in routes if route.methods - {"GET", "HEAD", "POST"}] == []


@pytest.mark.invariant("I-A3")
def test_every_declared_permission_exists() -> None:
    from kundenkontor.access.policy import CUSTOMER_PERMISSIONS, STAFF_PERMISSIONS

    known = {
        "staff": frozenset().union(*STAFF_PERMISSIONS.values()),
        "customer": frozenset().union(*CUSTOMER_PERMISSIONS.values()),
    }
    declared = [(route.address, route.access) for route in all_routes() if route.access and route.access.kind in known]
    assert [address for address, access in declared if access.permission not in known[access.kind]] == []


def test_every_parameter_of_a_route_can_be_filled(world: World) -> None:
    for route in all_routes():
        assert route.url(world, "own")


@pytest.mark.invariant("I-A1")
@pytest.mark.invariant("I-A3")
@pytest.mark.feature("M43")
@pytest.mark.parametrize("name", [role.name for role in ROLES])
def test_a_login_reaches_exactly_what_it_may(name: str, world: World) -> None:
    role = BY_NAME[name]
    client = client_of(world, role)
    wrong = []
    for case in cases_for(role, all_routes()):
        answer = call(client, world, case)
        place = f"{case.method} {case.route.address} ({case.whose})"
        if not is_as_expected(role, case, answer.outcome):
            wrong.append(f"{place}: {answer.outcome} ({answer.status})")
        if case.method == "GET" and answer.written - WRITTEN_BY_GET:
            wrong.append(f"{place} wrote {sorted(answer.written - WRITTEN_BY_GET)}")
    assert not wrong, "\n".join(wrong)


def test_the_written_matrix_is_current() -> None:
    assert DOCUMENT.read_text() == as_markdown(all_routes()), "run: .venv/bin/python -m tests.security.document"
