"""``kundenkontor restore``"""

from __future__ import annotations

from pathlib import Path

import click

from kundenkontor.cli.backup import progress_bars
from kundenkontor.cli.start import needs_django
from kundenkontor.config.database.embedded import use_own_database, var_dir
from kundenkontor.config.database.postgres import PostgresFailed


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Fill an empty database and data folder from FILE, bring them to this version, and give the app role its rights.

    Refused where anything is there already. Run ``kundenkontor verify`` afterwards.
    """
    var_dir().mkdir(parents=True, exist_ok=True)
    try:
        use_own_database(create=True)
    except PostgresFailed as error:
        raise click.ClickException(str(error)) from error
    restore(file)


@needs_django
def restore(file: Path) -> None:
    import tarfile  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415  # needs Django

    from kundenkontor.config.database.archives import ArchiveRefused, read_archive  # noqa: PLC0415
    from kundenkontor.config.database.migrating import migrate_database  # noqa: PLC0415

    try:
        with progress_bars() as progress:
            count = read_archive(file.absolute(), settings.DATABASE_OWNER_URL, settings.VAR_DIR, progress)
    except (ArchiveRefused, OSError, tarfile.TarError) as error:
        raise click.ClickException(str(error)) from error
    migrate_database(click.echo)
    click.echo(f"Restored: database and {count} files. Now run: kundenkontor verify")
