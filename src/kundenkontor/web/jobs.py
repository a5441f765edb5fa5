"""Background entries of the sign-in."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kundenkontor.web.password_reset import send_reset_links


@app.task(name="web.send_reset_links", queue="mail")
def send_reset_links_job(login: str) -> None:
    """Mail a link to set a new password, if somebody has this user name or address."""
    send_reset_links(login)
