"""The databases of the tests, and the rights of the app role."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction


def role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_tests_connect_as_the_app_role() -> None:
    assert role() == "kundenkontor_app"


@pytest.mark.commits
def test_a_test_that_commits_has_a_database_that_all_its_threads_see(fresh_database: str) -> None:
    seen: list[str] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            seen.append(cursor.fetchone()[0])
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == [fresh_database]


@pytest.mark.django_db
@pytest.mark.invariant("I-M2")
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_role_lacks_the_right_to_change_an_event(statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("events_event"))


def test_a_killed_server_starts_again_with_its_data(own_cluster) -> None:  # type: ignore[no-untyped-def]
    own_cluster.ensure_database("kept")
    own_cluster.process.kill()

    own_cluster.process.wait()
    own_cluster.start()

    with psycopg.connect(own_cluster.url("kundenkontor_owner", "kept")) as again:
        assert again.execute("SELECT current_database()").fetchone() == ("kept",)
