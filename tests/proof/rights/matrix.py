"""What every login may expect of every route, and what it got. Derived from the declarations of the views."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

from django.db import InternalError, connection
from django.http import HttpResponseBase
from django.test import Client

from kundenkontor.access.policy import CUSTOMER_PERMISSIONS, STAFF_PERMISSIONS
from kundenkontor.once.models import GivenAnswer
from kundenkontor.web.gate.once import new_key
from tests.proof.rights.people import Role
from tests.proof.rights.reading import content_of
from tests.proof.rights.routes import OBJECTS, OWNERS, Route
from tests.proof.rights.world import World
from tests.support.databases import undone

EVERY_METHOD = ("signed_out", "owner", "administrator")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SIGN_IN = "/account/login/"
OFFICE = "/office/"
ALLOWED, DENIED, MISSING, LED_TO_SIGN_IN, LED_TO_OFFICE, NOT_TAKEN = "yes", "403", "404", "sign in", "office", "405"
# parameters that belong to one login, not to all logins of a customer
OF_ONE_LOGIN = frozenset({"selection_id"})
# names one of the login's customers, not an object of the chosen one
OF_ANY_MEMBERSHIP = frozenset({"switch_customer"})
# a draft that a colleague issued or discarded meanwhile is said to be gone
SAYS_GONE = frozenset({"office:draft-discard", "office:draft-issue"})
# what answering writes on any route: the session alone
WRITTEN_BY_ANY = frozenset({"django_session"})
# how often one-time links were tried
TRIES = frozenset({"cache"})
# what the start page found near a limit of turnover, for ten minutes
KEPT = frozenset({"cache"})
# a document that nobody rendered yet, or whose file is damaged: the worker is asked for it (decision 0013)
ASKED_FOR_FILES = frozenset({"documents_damagedfile", "procrastinate_jobs", "procrastinate_events"})
# what else a GET of these routes may write; every other GET nothing
WRITTEN_BY_GET = {
    "office:home": KEPT,
    "portal:access-link": TRIES,
    "portal:set-password": TRIES,
    "account_reset_password_from_key": TRIES,
    "portal:invoice-pdf": ASKED_FOR_FILES,
    "portal:invoice-xml": ASKED_FOR_FILES,
    "office:invoice-file": ASKED_FOR_FILES,
}
TURNED_AWAY = (DENIED, MISSING, LED_TO_SIGN_IN, LED_TO_OFFICE, NOT_TAKEN)
COUNTS = """
SELECT relname, count FROM (
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid) AS count
    FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
) AS counted WHERE count > 0
"""


@dataclass(frozen=True, slots=True)
class Case:
    route: Route
    method: str
    whose: str


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: str
    status: int
    written: frozenset[str]


def cases(routes: list[Route]) -> Iterator[Case]:
    """GET and POST for every object a route can name; the other methods once."""
    for route in routes:
        for method in METHODS:
            whose_all = OBJECTS if route.names_object_in(method) else ("own",)
            for whose in whose_all:
                yield Case(route, method, whose)


def cases_for(role: Role, routes: list[Route]) -> Iterator[Case]:
    """Leaves out what tells nothing new: more objects where the login is turned away before any is looked up, and
    methods that no route takes for all but three logins."""
    for case in cases(routes):
        is_refused = expected(role, case) in (DENIED, LED_TO_SIGN_IN, LED_TO_OFFICE) or _is_office_for(role, case)
        if is_refused and case.whose in ("foreign", "other seller"):
            continue
        if case.method in ("GET", "POST") or role.name in EVERY_METHOD:
            yield case


def _is_office_for(role: Role, case: Case) -> bool:
    return case.route.access is not None and case.route.access.kind == "staff" and not role.staff


def expected(role: Role, case: Case) -> str:
    """Signed out: led to the sign-in page. Not permitted: 403; the office does not exist for customers.

    An object of somebody else looks exactly like one that does not exist.
    """
    access = case.route.access
    assert access is not None, f"{case.route.address} declares no access"
    if access.kind == "public":
        return ALLOWED
    if role.name == "signed_out" or not role.is_active:
        return LED_TO_SIGN_IN
    if access.kind == "staff":
        return _expected_in_office(role, case, access.permission)
    if access.kind == "customer":
        return _expected_in_portal(role, case, access.permission)
    return _expected_of_object(role, case)


def _expected_in_office(role: Role, case: Case, permission: str) -> str:
    if not role.staff:
        return MISSING
    if permission not in STAFF_PERMISSIONS[role.staff]:
        return DENIED
    says_gone = case.method == "POST" and case.route.name in SAYS_GONE
    return MISSING if case.whose == "missing" and not says_gone else ALLOWED


def _expected_in_portal(role: Role, case: Case, permission: str) -> str:
    if role.staff:
        return LED_TO_OFFICE
    if not role.membership:
        return ALLOWED if case.route.name == "portal:account" else MISSING  # a sentence on the start page
    if permission not in CUSTOMER_PERMISSIONS[role.membership]:
        return DENIED
    if OF_ONE_LOGIN.intersection(case.route.parameters) and role.name not in ("owner", "bob", "cyd"):
        return MISSING
    return _expected_of_object(role, case)


def _expected_of_object(role: Role, case: Case) -> str:
    """Only Ada's logins reach Ada's objects; what does not exist is nobody's."""
    if not case.route.names_object_in(case.method):
        return ALLOWED
    reached = role.customers if case.route.name in OF_ANY_MEMBERSHIP else (role.customer,)
    return ALLOWED if case.whose != "missing" and OWNERS[case.whose] in reached else MISSING


def is_as_expected(role: Role, case: Case, outcome: str) -> bool:
    """A method that a route does not take ends in 405, before or after the question who asks."""
    wished = expected(role, case)
    if case.method not in case.route.methods:
        return outcome == NOT_TAKEN or (outcome == wished and wished != ALLOWED)
    return outcome == wished


def client_of(world: World, role: Role) -> Client:
    """A browser with a session of this login."""
    client = Client(raise_request_exception=False)
    if role.name != "signed_out":
        client.force_login(world.user(role.name))
    return client


def wrongly_written(case: Case, answer: Answer) -> frozenset[str]:
    """The tables it must not have written: a POST that was let in may change anything, all else next to nothing."""
    is_let_in = answer.outcome not in TURNED_AWAY
    if case.method == "POST" and is_let_in:
        return frozenset()
    of_route = WRITTEN_BY_GET.get(case.route.name, frozenset()) if is_let_in else TRIES
    return answer.written - WRITTEN_BY_ANY - of_route


def call(client: Client, world: World, case: Case) -> Answer:
    """Send the request in a transaction that is rolled back, and note which tables it wrote."""
    url = case.route.url(world, case.whose)
    cookies = copy(client.cookies)
    with undone():
        before = rows_written()
        if case.method == "POST":
            response = client.post(url, {"idempotency_key": new_key(), **case.route.body(world, case.whose)})
        else:
            response = client.generic(case.method, url)
        outcome = outcome_of(case.route, response)
        written = frozenset(written_since(before))
    client.cookies = cookies
    return Answer(outcome, response.status_code, written)


def rows_written() -> dict[str, int]:
    """How many rows this connection has inserted, updated and deleted, per table; PostgreSQL's own count."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return dict(cursor.fetchall())


def written_since(before: dict[str, int]) -> set[str]:
    """The tables that have more writes than before.

    PostgreSQL counts what a savepoint took back: the key of a form that was refused is none where no key stands.
    """
    try:
        written = {table for table, count in rows_written().items() if count != before.get(table, 0)}
        keys = {GivenAnswer._meta.db_table}
        return written - keys if keys <= written and not GivenAnswer.objects.exists() else written
    except InternalError:
        return {"a statement failed outside any savepoint"}


def outcome_of(route: Route, response: HttpResponseBase) -> str:
    """One of the words of the matrix; reads a streamed answer to its end."""
    content_of(response)
    assert route.access is not None
    if response.status_code == 302 and route.access.kind != "public":
        location = response.headers["Location"]
        if location.startswith(SIGN_IN):
            return LED_TO_SIGN_IN
        if location.startswith(OFFICE) and route.access.kind == "customer":
            return LED_TO_OFFICE
    if response.status_code in (403, 404, 405):
        return str(response.status_code)
    return ALLOWED if response.status_code < 500 or response.status_code == 503 else str(response.status_code)
