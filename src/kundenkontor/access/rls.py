"""The second wall: PostgreSQL's row-level security for everything the portal reads (I-A1).

Reads of the portal run in a transaction whose role is ``kundenkontor_portal`` with SELECT only; it sees the rows
of the customers named in ``kk.customers`` and nothing without them. Which tables those are, their models declare
(``kernel/tables.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def portal_read(customer_ids: Sequence[int]) -> Iterator[None]:
    """Read as the portal role: only rows of these customers exist, and nothing can be written.

    Where the same is being read already, as a page that a GET and a refused POST share does, it goes on.
    """
    listed = ",".join(str(int(customer_id)) for customer_id in customer_ids)
    if reading_for():
        assert reading_for() == listed, "rows of one choice of customers are read at a time"
        yield
        return
    with transaction.atomic(), _noted(listed), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, true), set_config('kk.customers', %s, true)", [settings.PORTAL_ROLE, listed]
        )
        yield
        # give the role back for a caller whose own transaction goes on; an exception rolls both settings back
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT set_config('kk.customers', '', true)")


def reading_for() -> str:
    """The customers whose rows this thread reads now as the portal role, "" where it reads as the application."""
    return str(getattr(connection, "portal_customers", ""))


@contextmanager
def _noted(listed: str) -> Iterator[None]:
    connection.portal_customers = listed  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.portal_customers = ""  # type: ignore[attr-defined]
