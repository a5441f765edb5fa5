"""Columns of codes hold no other: the database refuses what the models do not list."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, models

from kundenkontor.kernel.tables import our_models


def columns_of_codes() -> list[tuple[str, str, str]]:
    """Table, column and constraint of every CHECK that lists the codes of one column."""
    return [
        (model._meta.db_table, column, constraint.name)
        for model in our_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
        for column in [_listed_column(constraint.condition)]
        if column and isinstance(model._meta.get_field(column), models.CharField)
    ]


def _listed_column(condition: object) -> str:
    if not isinstance(condition, models.Q):
        return ""
    [first, *others] = condition.children
    if others or not isinstance(first, tuple):
        return ""
    column, _, lookup = first[0].partition("__")
    return column if lookup == "in" else ""


@pytest.mark.django_db
@pytest.mark.parametrize(("table", "column", "constraint"), columns_of_codes())
def test_an_unknown_code_is_refused(table: str, column: str, constraint: str) -> None:
    """In a table of this column alone, under the CHECK as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint])
        [(check,)] = cursor.fetchall()
        cursor.execute(f'CREATE TEMP TABLE codes AS SELECT "{column}" FROM {table} LIMIT 0')
        cursor.execute(f"ALTER TABLE codes ADD CONSTRAINT {constraint} {check}")
        with pytest.raises(IntegrityError, match=constraint):
            cursor.execute(f"""INSERT INTO codes ("{column}") VALUES ('?')""")
