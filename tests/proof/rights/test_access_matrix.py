"""Every route, method and object as every login meets it: the access matrix (I-A1, I-A3)."""

from __future__ import annotations

import pytest
from django.test import Client

from kundenkontor.kernel import limits
from tests.proof.rights.document import DOCUMENT, as_markdown
from tests.proof.rights.matrix import (
    ASKED_FOR_FILES,
    WRITTEN_BY_ANY,
    call,
    cases_for,
    client_of,
    is_as_expected,
    wrongly_written,
)
from tests.proof.rights.people import BY_NAME, ROLES, Role
from tests.proof.rights.reading import changed, checksums, content_of
from tests.proof.rights.routes import Route, all_routes
from tests.proof.rights.world import World
from tests.support import builders
from tests.support.jobs import run_jobs


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
    assert not mistakes(client, world, role, all_routes())


@pytest.mark.invariant("I-A1")
@pytest.mark.invariant("I-A3")
@pytest.mark.feature("M30")
def test_a_login_that_switched_is_what_it_is_at_the_chosen_customer(world: World) -> None:
    """Owner of Ada's account, at Bob's only "invoices": after the switch none of Ada's rights or objects are left."""
    role = BY_NAME["several"].switched()
    client = client_of(world, role)
    assert client.post("/preferences/customer/", {"customer": world.customers["bob"]}).status_code == 302
    kinds = ("customer", "signed_in")
    routes = [route for route in all_routes() if route.access is not None and route.access.kind in kinds]
    assert not mistakes(client, world, role, routes)


def mistakes(client: Client, world: World, role: Role, routes: list[Route]) -> str:
    """A line for each answer that is not as declared, and for each that wrote what it must not."""
    wrong = []
    for case in cases_for(role, routes):
        answer = call(client, world, case)
        place = f"{case.method} {case.route.address} ({case.whose})"
        if not is_as_expected(role, case, answer.outcome):
            wrong.append(f"{place}: {answer.outcome} ({answer.status})")
        if written := wrongly_written(case, answer):
            wrong.append(f"{place}: {answer.outcome}, wrote {sorted(written)}")
    return "\n".join(wrong)


@pytest.mark.invariant("I-A1")
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("owner", "/rechnungen/{}/pdf/"),
        ("owner", "/rechnungen/{}/xml/"),
        ("clerk", "/office/invoices/{}/file.pdf"),
        ("auditor", "/office/invoices/{}/file.xml"),
    ],
)
def test_reading_a_document_that_nobody_rendered_asks_the_worker_for_it_once_and_nothing_else(
    name: str, path: str, committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one thing a GET asks for (decision 0013): a stranger's request for it, and a second one, ask for nothing."""
    monkeypatch.setattr(limits, "RENDER_WAIT_SECONDS", 0)
    document = builders.issue(committed_world.customer("ada"), builders.line("3.00"))
    client, url = client_of(committed_world, BY_NAME[name]), path.format(document.pk)
    assert written_by(client_of(committed_world, BY_NAME["bob"]), url) == (404, set())
    assert written_by(client_of(committed_world, BY_NAME["signed_out"]), url) == (302, set())
    status, made = written_by(client, url)
    assert status == 503 and "procrastinate_jobs" in made and made - ASKED_FOR_FILES == set()
    assert written_by(client, url) == (503, set())
    assert run_jobs("render_for_reader", reacting=False) == ["render_for_reader"]
    assert written_by(client, url) == (200, set())


def written_by(client: Client, url: str) -> tuple[int, set[str]]:
    """The status of this GET and the tables it wrote, the session aside. Commits."""
    before = checksums()
    response = client.get(url)
    content_of(response)
    return response.status_code, changed(before, checksums()) - WRITTEN_BY_ANY


def test_the_written_matrix_is_current() -> None:
    assert DOCUMENT.read_text() == as_markdown(all_routes()), "run: .venv/bin/python -m tests.proof.rights.document"
