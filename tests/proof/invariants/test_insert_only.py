"""Facts are never changed or deleted, whoever tries and however (I-M2)."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from kundenkontor.config.database.postgres import APP_ROLE, OWNER_ROLE, PORTAL_ROLE, Cluster
from tests.proof.declared import insert_only_tables
from tests.proof.invariants.scenarios import SCENARIOS, state

pytestmark = [pytest.mark.invariant("I-M2"), pytest.mark.commits]
REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation)


def attempts(connection: psycopg.Connection[tuple[object, ...]], table: str) -> dict[str, sql.Composed]:
    """Every way to change or remove a row that SQL has."""
    rows = connection.execute(
        "SELECT a.attname, i.indisprimary IS NOT NULL FROM pg_attribute a"
        " LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)"
        " WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        [table],
    ).fetchall()
    names = {"table": sql.Identifier(table), "column": sql.Identifier(str(rows[-1][0]))}
    key = sql.SQL(", ").join(sql.Identifier(str(name)) for name, is_key in rows if is_key)
    texts = {
        "update": "UPDATE {table} SET {column} = {column}",
        "update nothing": "UPDATE {table} SET {column} = {column} WHERE false",
        "delete": "DELETE FROM {table}",
        "truncate": "TRUNCATE {table} CASCADE",
        "upsert": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key})"
        " DO UPDATE SET {column} = excluded.{column}",
        "merge": "MERGE INTO {table} t USING {table} s ON true WHEN MATCHED THEN DELETE",
        "lock": "SELECT 1 FROM {table} FOR UPDATE",
    }
    return {name: sql.SQL(text).format(**names, key=key) for name, text in texts.items()}


def is_refused(connection: psycopg.Connection[tuple[object, ...]], statement: sql.Composed) -> bool:
    try:
        connection.execute(statement)
    except REFUSED:
        return True
    return False


@pytest.mark.parametrize("role", [APP_ROLE, OWNER_ROLE])
def test_no_role_changes_or_deletes_a_fact(role: str, fresh_database: str, cluster: Cluster) -> None:
    ids = SCENARIOS["bill_chunk"].prepare()
    SCENARIOS["bill_chunk"].run(ids)
    before = state()

    with cluster.connect(fresh_database, role) as connection:
        for table in insert_only_tables():
            for name, statement in attempts(connection, table).items():
                if name == "lock" and role == OWNER_ROLE:
                    continue
                assert is_refused(connection, statement), f"{role} may {name} {table}"

    assert state() == before


def test_copy_cannot_replace_a_fact(fresh_database: str, cluster: Cluster) -> None:
    SCENARIOS["bill_chunk"].run(SCENARIOS["bill_chunk"].prepare())
    before = state()
    with cluster.connect(fresh_database, APP_ROLE) as connection:
        for table in ("invoicing_invoice", "invoicing_invoiceline", "ledger_posting", "billing_charge", "events_event"):
            name = sql.Identifier(table)
            rows: list[bytes] = []
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(name)) as out:
                rows = [bytes(row) for row in out]
            assert rows
            with (
                pytest.raises(psycopg.errors.UniqueViolation),
                connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as into,
            ):
                into.write(b"".join(rows))

    assert state() == before


def test_the_portal_role_writes_nothing(fresh_database: str, cluster: Cluster) -> None:
    SCENARIOS["receive_payments"].prepare()
    with cluster.connect(fresh_database, APP_ROLE) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(PORTAL_ROLE)))
        for table in ("receivables_openitem", "receivables_customertotals", "payments_payment", "parties_customer"):
            for statement in ("UPDATE {0} SET id = id", "DELETE FROM {0}", "INSERT INTO {0} SELECT * FROM {0}"):
                text = statement.replace("id = id", "customer_id = customer_id") if "totals" in table else statement
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL(text).format(sql.Identifier(table)))


def test_triggers_stay_on_in_replication_mode(fresh_database: str, cluster: Cluster) -> None:
    SCENARIOS["receive_payments"].prepare()
    with cluster.connect(fresh_database) as superuser:
        superuser.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.RestrictViolation):
            superuser.execute("UPDATE invoicing_invoice SET note = 'changed'")
