"""Background entry of sign-in."""

from __future__ import annotations

from kundenkontor.jobs.declaring import job
from kundenkontor.web.sign_in import password_reset


@job("send_reset_links", queue="access")
def send_reset_links(login: str) -> None:
    """Mail a link to set a new password, if somebody has this user name or address."""
    password_reset.send_reset_links(login)
