"""Background entries of the pages: those of sign-in, which the worker finds here, and clearing away what it leaves."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from kundenkontor.jobs.declaring import job
from kundenkontor.kernel.clock import utc_now
from kundenkontor.web.sign_in.jobs import send_reset_links

__all__ = ["purge_counts", "purge_sessions", "send_reset_links"]


@job("purge_sessions", queue="checks", cron="34 3 * * *", only_one=True)
def purge_sessions(timestamp: int = 0) -> None:
    """Forget sessions that ended."""
    SessionStore.clear_expired()


@job("purge_counts", queue="checks", cron="*/5 * * * *", only_one=True)
def purge_counts(timestamp: int = 0) -> None:
    """Forget the tries whose time is over: counting another one looks at how many are kept."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < %s", [utc_now()])
