"""The list of the schema that ``verify`` compares with is what the migrations make."""

from __future__ import annotations

from kundenkontor.access.schema import SCHEMA_FILE
from tests.proof.house.schema import standing


def test_the_list_of_the_schema_is_what_the_migrations_make(django_db_setup: None) -> None:
    """After a migration ``python -m tests.proof.house.schema`` writes it anew."""
    assert SCHEMA_FILE.read_text("utf-8").splitlines() == standing()
