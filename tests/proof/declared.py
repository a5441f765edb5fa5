"""Lists of the tables by what they declare."""

from __future__ import annotations

from kundenkontor.kernel.tables import declared_tables


def insert_only_tables() -> list[str]:
    return [table.name for table in declared_tables().values() if table.facts.insert_only]


def portal_policies() -> dict[str, str]:
    """The tables of which the portal sees the rows of its customers, with the column that names the customer."""
    tables = declared_tables().values()
    return {table.name: table.facts.whose.customer for table in tables if table.facts.portal and table.facts.whose.key}


def shared_tables() -> list[str]:
    """The tables that the portal reads as they are."""
    return [table.name for table in declared_tables().values() if table.facts.portal and not table.facts.whose.key]
