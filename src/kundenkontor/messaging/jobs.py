"""Background entries of the outbox."""

from __future__ import annotations

from kundenkontor.jobs.declaring import job
from kundenkontor.messaging.sending import commands


@job("send_mail", queue="mail")
def send_mail(mail_id: int) -> None:
    """Send one mail; its outcome stands in its row."""
    commands.send_mail(mail_id)


@job("send_due_mails", queue="mail", cron="* * * * *", only_one=True)
def send_due_mails(timestamp: int) -> None:
    """Once a minute: repeats, and mails whose sender died."""
    commands.send_due_mails()
