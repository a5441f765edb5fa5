"""``kundenkontor migrate``"""

from __future__ import annotations

import click

from kundenkontor.cli.start import needs_django


@click.command()
@needs_django
def command() -> None:
    """Bring the database to this version and give the app role its rights (runs as DATABASE_OWNER_URL)."""
    from kundenkontor.config.migrating import migrate_database  # noqa: PLC0415  # needs Django

    migrate_database(click.echo, verbosity=1)
