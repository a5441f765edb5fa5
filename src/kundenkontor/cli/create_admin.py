"""``kundenkontor create-admin``"""

from __future__ import annotations

import click

from kundenkontor.cli.start import needs_django
from kundenkontor.kernel.addresses import is_address


@click.command()
@click.argument("username")
@click.argument("email")
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True)
@needs_django
def command(username: str, email: str, language: str) -> None:
    """Make an administrator's login and print the link that sets its password, once and for a while.

    For the first login of a new installation; all others are made in the office.
    """
    from django.db import transaction  # noqa: PLC0415  # needs Django

    from kundenkontor.access.commands import create_user  # noqa: PLC0415
    from kundenkontor.access.links import access_url, make_link  # noqa: PLC0415
    from kundenkontor.events.actor import Actor  # noqa: PLC0415
    from kundenkontor.events.queries import business_date  # noqa: PLC0415
    from kundenkontor.kernel.texts import one_line  # noqa: PLC0415

    if not is_address(email):
        raise click.BadParameter(f"{email!r} is no e-mail address.", param_hint="EMAIL")
    actor = Actor("operator", "kundenkontor create-admin")
    with transaction.atomic():
        user = create_user(
            one_line(username),
            email=email,
            language=language,
            staff_role="administrator",
            on=business_date(),
            actor=actor,
        )
        token = make_link(user)
    click.echo(f"{user.username} sets the password here: {access_url(token)}")
