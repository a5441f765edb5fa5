"""Every table says its facts at its model, and the database is what the models say (I-M2, I-A1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import models
from django.test.utils import isolate_apps

from kundenkontor import integrity
from kundenkontor.access.walls import POLICY, apply_walls, find_fallen
from kundenkontor.config.database.postgres import APP_ROLE, OWNER_ROLE, PORTAL_ROLE, Cluster
from kundenkontor.integrity import FILES, HASHED, MONEY_CHECKS, STATEMENT_CHECKS, WALKS
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.checks import run_checks
from kundenkontor.kernel.tables import (
    OF_NO_CUSTOMER,
    TableFacts,
    declared_tables,
    faults,
    faults_of,
    of_customer,
    of_parent,
)
from tests.proof.declared import insert_only_tables, portal_policies, shared_tables
from tests.support.databases import cloned

PRODUCT = Path(integrity.__file__).parent
Connection = psycopg.Connection[Any]
OWN_TRIGGERS = [(table.name, trigger) for table in declared_tables().values() for trigger in table.facts.triggers]
READABLE = [*portal_policies(), *shared_tables()]


@pytest.fixture(autouse=True)
def own_anchors(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture(scope="module")
def superuser(cluster: Cluster, template: str) -> Iterator[Connection]:
    with cloned(cluster, template) as name, cluster.connect(name) as connection:
        yield connection


def fallen_after(connection: Connection, statement: str) -> list[str]:
    """The walls that do not stand after this statement, which is taken back."""
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        cursor.execute(statement)
        return [str(wall) for wall in find_fallen(cursor, APP_ROLE)]


def red() -> set[str]:
    return {finding.code for finding in run_checks([*STATEMENT_CHECKS, *WALKS]) if finding.count}


def test_all_walls_stand_after_a_migration(superuser: Connection) -> None:
    assert fallen_after(superuser, "SELECT 1") == []


def test_building_twice_changes_nothing(cluster: Cluster, template: str) -> None:
    with (
        cloned(cluster, template) as name,
        psycopg.connect(cluster.url(OWNER_ROLE, name), autocommit=True) as owner,
    ):
        assert apply_walls(owner, app_role=APP_ROLE, has_roles=True) == []


@pytest.mark.parametrize(
    "broken",
    [
        "DROP TRIGGER {0}_is_insert_only ON {0}",
        "ALTER TABLE {0} ENABLE TRIGGER {0}_is_insert_only",
        "GRANT ALL ON {0} TO kundenkontor_app, kundenkontor_portal, PUBLIC",
        "REVOKE ALL ON {0} FROM kundenkontor_app",
        "CREATE POLICY another ON {0} FOR SELECT USING (true)",
        "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY; DROP POLICY IF EXISTS own_customers_only ON {0}",
        "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
    ],
)
def test_what_fell_is_built_again(broken: str, superuser: Connection) -> None:
    with superuser.transaction(force_rollback=True), superuser.cursor() as cursor:
        for table in insert_only_tables():
            cursor.execute(broken.format(table))
        assert find_fallen(cursor, APP_ROLE)
        apply_walls(superuser, app_role=APP_ROLE, has_roles=True)
        assert find_fallen(cursor, APP_ROLE) == []


@pytest.mark.invariant("I-M2")
@pytest.mark.parametrize("table", insert_only_tables())
@pytest.mark.parametrize(
    ("statement", "wall"),
    [
        ("DROP TRIGGER {0}_is_insert_only ON {0}", "trigger {0}_is_insert_only"),
        ("ALTER TABLE {0} DISABLE TRIGGER {0}_is_insert_only", "trigger {0}_is_insert_only"),
        ("ALTER TABLE {0} ENABLE TRIGGER {0}_is_insert_only", "trigger {0}_is_insert_only"),
        ("GRANT UPDATE ON {0} TO kundenkontor_app", "rights kundenkontor_app"),
        ("GRANT DELETE ON {0} TO PUBLIC", "rights kundenkontor_app"),
    ],
    ids=["dropped", "disabled", "not always", "granted", "granted to all"],
)
def test_a_wall_of_an_insert_only_table_that_fell_is_found(
    table: str, statement: str, wall: str, superuser: Connection
) -> None:
    assert f"{table}: {wall.format(table)}" in fallen_after(superuser, statement.format(table))


@pytest.mark.invariant("I-M2")
def test_a_right_on_one_column_and_an_emptied_function_are_found(superuser: Connection) -> None:
    granted = fallen_after(superuser, "GRANT UPDATE (note) ON invoicing_invoice TO kundenkontor_app")
    emptied = fallen_after(
        superuser,
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    )

    assert granted == ["invoicing_invoice: rights kundenkontor_app"]
    assert emptied == ["refuse_change: function"]


@pytest.mark.invariant("I-A1")
@pytest.mark.parametrize("table", portal_policies())
@pytest.mark.parametrize(
    ("statement", "wall"),
    [
        (f"DROP POLICY {POLICY} ON {{0}}", f"policy {POLICY}"),
        (f"ALTER POLICY {POLICY} ON {{0}} USING (true)", f"policy {POLICY}"),
        (f"ALTER POLICY {POLICY} ON {{0}} TO PUBLIC", f"policy {POLICY}"),
        ("CREATE POLICY another ON {0} FOR SELECT USING (true)", "policy another"),
        ("ALTER TABLE {0} DISABLE ROW LEVEL SECURITY", "row-level security"),
    ],
    ids=["dropped", "opened", "for all", "another", "off"],
)
def test_a_policy_that_fell_is_found(table: str, statement: str, wall: str, superuser: Connection) -> None:
    assert f"{table}: {wall}" in fallen_after(superuser, statement.format(table))


@pytest.mark.invariant("I-A1")
@pytest.mark.parametrize("table", declared_tables())
def test_another_right_of_the_portal_is_found(table: str, superuser: Connection) -> None:
    change = "REVOKE SELECT ON {0} FROM {1}" if table in READABLE else "GRANT SELECT ON {0} TO {1}"

    assert fallen_after(superuser, change.format(table, PORTAL_ROLE)) == [f"{table}: rights {PORTAL_ROLE}"]


@pytest.mark.parametrize(("table", "trigger"), OWN_TRIGGERS, ids=[trigger.name for _, trigger in OWN_TRIGGERS])
def test_a_trigger_that_fell_is_found(table: str, trigger: Any, superuser: Connection) -> None:
    assert fallen_after(superuser, f"ALTER TABLE {table} DISABLE TRIGGER {trigger.name}") == [
        f"{table}: trigger {trigger.name}"
    ]


def test_a_history_that_is_not_kept_is_found(superuser: Connection) -> None:
    triggers = superuser.execute(
        "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'"
    ).fetchall()

    assert len(triggers) > 10
    for table, trigger in triggers:
        assert fallen_after(superuser, f"DROP TRIGGER {trigger} ON {table}") == [f"{table}: trigger {trigger}"]


def test_a_trigger_that_nobody_declared_is_found(superuser: Connection) -> None:
    statement = "CREATE TRIGGER strange BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION seller_needs_new_snapshot()"

    assert fallen_after(superuser, statement.format("billing_charge")) == ["billing_charge: trigger strange"]


@pytest.mark.invariant("I-A1")
def test_a_portal_role_above_the_policies_is_found(superuser: Connection) -> None:
    found = fallen_after(superuser, f"ALTER ROLE {PORTAL_ROLE} BYPASSRLS")

    assert found == [f"{PORTAL_ROLE}: role above every policy"]


@pytest.mark.commits
@pytest.mark.parametrize(
    "statement", ["CREATE TABLE strange (id int)", "CREATE VIEW strange AS TABLE parties_customer"]
)
def test_a_table_that_nobody_declared_is_red(statement: str, fresh_database: str, cluster: Cluster) -> None:
    assert red() == set()
    with cluster.connect(fresh_database, OWNER_ROLE) as owner:
        owner.execute(statement)

    assert red() == {"tables_are_declared", "the_schema_is_as_made"}


@pytest.mark.commits
def test_what_nobody_declared_gets_no_rights(fresh_database: str, cluster: Cluster) -> None:
    with cluster.connect(fresh_database, OWNER_ROLE) as owner:
        owner.execute("CREATE TABLE strange (id int)")
        owner.execute("GRANT SELECT ON strange TO PUBLIC")
        apply_walls(owner, app_role=APP_ROLE, has_roles=True)
    with (
        cluster.connect(fresh_database, APP_ROLE) as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("SELECT * FROM strange")


def test_no_migration_imports_a_model() -> None:
    migrations = list(PRODUCT.glob("*/migrations/*.py"))
    text = "\n".join(file.read_text("utf-8") for file in migrations)

    assert len(migrations) > 10
    assert re.findall(r"^(?:import|from) kundenkontor\S*\.(?:models|tables|walls)\b", text, re.M) == []


def test_every_model_says_its_facts() -> None:
    assert faults() == []


@isolate_apps("kundenkontor.parties")
def test_a_declaration_that_is_missing_or_contradicts_its_columns_is_red() -> None:
    class Silent(models.Model):
        class Meta:
            app_label = "parties"

    class OfNone(models.Model):
        facts = TableFacts(OF_NO_CUSTOMER)
        customer_id = models.BigIntegerField()

        class Meta:
            app_label = "parties"

    class Unnamed(models.Model):
        facts = TableFacts(of_customer(), insert_only=True)

        class Meta:
            app_label = "parties"

    class Behind(models.Model):
        facts = TableFacts(of_parent("draft_id"), portal=True)
        draft_id = models.BigIntegerField()
        amount = models.DecimalField(max_digits=14, decimal_places=2)

        class Meta:
            app_label = "parties"

    assert faults_of(Silent) == ["declares no facts (kernel/tables.py)"]
    assert faults_of(OfNone) == ["names a customer and says that it is of none"]
    assert faults_of(Unnamed) == ["has no column customer_id", "names no check and does not say why"]
    assert faults_of(Behind) == [
        "is seen by the portal and does not name its customer",
        "names no check and does not say why",
    ]


@pytest.mark.django_db
def test_a_check_that_does_not_exist_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Invoice, "facts", replace(Invoice.facts, checks=("all_is_well",)))

    assert red() == {"tables_are_declared"}


def test_every_check_of_money_is_asked_by_a_table() -> None:
    asked = {code for table in declared_tables().values() for code in table.facts.checks}

    assert {check.code for check in MONEY_CHECKS} | {FILES.code, *(hashed.code for hashed in HASHED)} <= asked
