"""Background entries of the pages: sign-in, and clearing away what submits leave."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from procrastinate.contrib.django import app

from kundenkontor.jobs.declaring import PRIORITIES, job
from kundenkontor.kernel.clock import utc_now
from kundenkontor.web.models import IdempotencyKey
from kundenkontor.web.sign_in.password_reset import send_reset_links

KEYS_KEPT = timedelta(days=30)


@app.task(name="web.send_reset_links", queue="mail", priority=PRIORITIES["mail"])
def send_reset_links_job(login: str) -> None:
    """Mail a link to set a new password, if somebody has this user name or address."""
    send_reset_links(login)


@job("purge_submits", queue="checks", cron="29 3 * * *", only_one=True)
def purge_submits(timestamp: int = 0) -> None:
    """Forget the keys of submits after 30 days: no browser repeats a form that old."""
    IdempotencyKey.objects.filter(created_at__lt=utc_now() - KEYS_KEPT).delete()


@job("purge_sessions", queue="checks", cron="34 3 * * *", only_one=True)
def purge_sessions(timestamp: int = 0) -> None:
    """Forget sessions that ended."""
    SessionStore.clear_expired()


@job("purge_counts", queue="checks", cron="*/5 * * * *", only_one=True)
def purge_counts(timestamp: int = 0) -> None:
    """Forget the tries whose time is over: counting another one looks at how many are kept."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < %s", [utc_now()])
