"""``kundenkontor migrate``"""

from __future__ import annotations

import click

from kundenkontor.cli.start import needs_django


@click.command()
@needs_django
def command() -> None:
    """Bring the database to this version and give the app role its rights (runs as DATABASE_OWNER_URL).

    Also puts the static files of the pages into the data folder, where every web server finds them.
    """
    from django.core.management import call_command  # noqa: PLC0415  # needs Django

    from kundenkontor.config.database.migrating import migrate_database  # noqa: PLC0415  # needs Django

    migrate_database(click.echo, verbosity=1)
    call_command("collectstatic", interactive=False, verbosity=0)
