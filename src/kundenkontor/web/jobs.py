"""Background entries of the pages: sign-in, and clearing away what it leaves."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from kundenkontor.jobs.declaring import job
from kundenkontor.kernel.clock import utc_now
from kundenkontor.web.sign_in import password_reset


@job("send_reset_links", queue="mail")
def send_reset_links(login: str) -> None:
    """Mail a link to set a new password, if somebody has this user name or address."""
    password_reset.send_reset_links(login)


@job("purge_sessions", queue="checks", cron="34 3 * * *", only_one=True)
def purge_sessions(timestamp: int = 0) -> None:
    """Forget sessions that ended."""
    SessionStore.clear_expired()


@job("purge_counts", queue="checks", cron="*/5 * * * *", only_one=True)
def purge_counts(timestamp: int = 0) -> None:
    """Forget the tries whose time is over: counting another one looks at how many are kept."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < %s", [utc_now()])
