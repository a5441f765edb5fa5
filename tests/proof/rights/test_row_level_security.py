"""The second wall: what PostgreSQL itself shows the portal, whatever a view asks for (I-A1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from kundenkontor.access.rls import portal_read
from kundenkontor.config.database.migrating import build_walls
from kundenkontor.config.database.postgres import OWNER_ROLE, PORTAL_ROLE, Cluster
from kundenkontor.parties.models import Customer
from kundenkontor.portal.account import account
from tests.proof.declared import insert_only_tables, portal_policies, shared_tables
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME
from tests.proof.rights.world import World
from tests.support.databases import cloned


@contextmanager
def as_portal(customers: str | None) -> Iterator[None]:
    """The portal role, with the context a view would set, or none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true)", [PORTAL_ROLE])
        if customers is not None:
            cursor.execute("SELECT set_config('kk.customers', %s, true)", [customers])
        yield
        cursor.execute("RESET ROLE")


def customers_in(table: str) -> set[int | None]:
    column = portal_policies()[table]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT DISTINCT "{column}" FROM "{table}"')
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.invariant("I-A1")
@pytest.mark.security("InvoiceShelf CVE-2026-55610")
@pytest.mark.parametrize("context", [None, "", ","], ids=["no context", "empty", "only a comma"])
def test_without_a_customer_there_are_no_rows(context: str | None, world: World) -> None:
    for table in portal_policies():
        with transaction.atomic(), as_portal("" if context == "," else context):
            assert customers_in(table) <= {None}, table


@pytest.mark.invariant("I-A1")
def test_with_a_customer_there_are_only_its_rows(world: World) -> None:
    empty = []
    for table in portal_policies():
        everybody = customers_in(table) - {None}
        for pk in world.customers.values():
            with as_portal(str(pk)):
                seen = customers_in(table) - {None}
            assert seen == everybody & {pk}, table
        if not everybody:
            empty.append(table)
    assert set(empty) <= {"invoicing_chargerebilling", "payments_refund"}, "fill these tables in world.py"


@pytest.mark.invariant("I-A1")
def test_every_table_with_a_customer_has_a_policy_or_is_closed_to_the_portal(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'customer_id'"
            " AND table_schema = 'public'"
        )
        of_customers = {row[0] for row in cursor.fetchall()} | {"parties_customer"}
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity, has_table_privilege(%s, c.oid, 'SELECT'),"
            " has_table_privilege(%s, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
            " FROM pg_class c WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace",
            [PORTAL_ROLE, PORTAL_ROLE],
        )
        rights = {
            name: (is_secured, may_read, may_write) for name, is_secured, may_read, may_write in cursor.fetchall()
        }
    readable = {name for name, (_, may_read, _) in rights.items() if may_read}
    assert readable == {*portal_policies(), *shared_tables()}
    assert {name for name in readable & of_customers if not rights[name][0]} == set()
    assert readable & of_customers <= set(portal_policies())
    assert [name for name, (_, _, may_write) in rights.items() if may_write] == []


def test_shared_tables_name_no_customer() -> None:
    tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for table in shared_tables():
        columns = {field.column for field in tables[table]._meta.local_fields}
        assert not columns & {"customer_id", "user_id", "password"}, table


@pytest.mark.invariant("I-A1")
def test_the_portal_role_writes_nothing(world: World) -> None:
    ada = world.customers["ada"]
    for statement in (
        "UPDATE parties_customer SET company = 'x'",
        "DELETE FROM parties_contact",
        "INSERT INTO invoicing_searchtoken VALUES (1, 'x', 1)",
        "TRUNCATE receivables_openitem",
        "SELECT * FROM access_user",
        "SELECT * FROM django_session",
        "SELECT * FROM messaging_outgoingmail",
        "SELECT * FROM events_event",
        "CREATE TABLE mine (id int)",
    ):
        with pytest.raises(ProgrammingError), as_portal(str(ada)), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.invariant("I-A1")
@pytest.mark.parametrize("wished", ["1) OR (true", "1,2'; RESET ROLE; --", "*"])
def test_a_context_is_numbers_only(wished: str, world: World) -> None:
    with pytest.raises(ValueError), portal_read([wished]):  # type: ignore[list-item]
        pass


@pytest.mark.invariant("I-A1")
@pytest.mark.invariant("I-A3")
def test_a_page_of_the_portal_is_read_under_the_portal_role(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    original = vars(account)["render"]

    def spy(*args: object, **kwargs: object) -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('kk.customers')")
            seen.append(cursor.fetchone())
        return original(*args, **kwargs)

    monkeypatch.setattr(account, "render", spy)
    assert client_of(world, BY_NAME["owner"]).get("/").status_code == 200
    assert seen == [(PORTAL_ROLE, str(world.customers["ada"]))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user, current_setting('kk.customers', true)")
        assert cursor.fetchone() == (True, "")


@pytest.mark.invariant("I-A1")
def test_an_error_inside_gives_the_role_back(world: World) -> None:
    with pytest.raises(ZeroDivisionError), portal_read([world.customers["ada"]]):
        _ = 1 / 0
    assert Customer.objects.count() >= len(world.customers)


@pytest.mark.invariant("I-A1")
def test_a_query_without_any_filter_shows_one_customer(world: World) -> None:
    with portal_read([world.customers["bob"]]):
        assert [one.pk for one in Customer.objects.all()] == [world.customers["bob"]]


@pytest.mark.security("default credentials")
def test_a_portal_table_that_does_not_exist_stops_the_migration(cluster: Cluster, template: str) -> None:
    with cloned(cluster, template) as name, psycopg.connect(cluster.url(OWNER_ROLE, name), autocommit=True) as raw:
        raw.execute("ALTER TABLE documents_downloadselection RENAME TO renamed")
        with pytest.raises(psycopg.errors.UndefinedTable):
            build_walls(raw, lambda text: None)


def test_every_table_that_must_not_change_exists(world: World) -> None:
    with connection.cursor() as cursor:
        assert set(insert_only_tables()) <= set(connection.introspection.table_names(cursor))


def test_health_needs_no_customer(client: Client, world: World) -> None:
    assert client.get("/health/").content == b"ok\n"
