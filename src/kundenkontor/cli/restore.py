"""``kundenkontor restore``"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from kundenkontor.cli.backup import progress_bars
from kundenkontor.cli.start import needs_django
from kundenkontor.config.database.embedded import use_own_database, var_dir
from kundenkontor.config.database.postgres import PostgresFailed

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=EXISTING)
@click.option("--seal-keys", type=EXISTING, help="The keys of the event chain, which no backup holds.")
@click.option("--without-seal-keys", is_flag=True, help="They are lost: verify cannot recompute the chain any more.")
def command(file: Path, seal_keys: Path | None, without_seal_keys: bool) -> None:
    """Fill an empty database and data folder from FILE, bring them to this version, and give the app role its rights.

    Refused where anything is there already. Nothing is issued afterwards until somebody says in the office which
    numbers were sent last. Run ``kundenkontor verify`` afterwards.
    """
    var_dir().mkdir(parents=True, exist_ok=True)
    try:
        use_own_database(create=True)
    except PostgresFailed as error:
        raise click.ClickException(str(error)) from error
    restore(file, seal_keys, without_seal_keys=without_seal_keys)


@needs_django
def restore(file: Path, seal_keys: Path | None, *, without_seal_keys: bool) -> None:
    import tarfile  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415  # needs Django

    from kundenkontor.config.database.archives import ArchiveRefused, keys_of, read_archive  # noqa: PLC0415
    from kundenkontor.config.database.migrating import migrate_database  # noqa: PLC0415

    try:
        wanted = keys_of(file)
        keys = None if without_seal_keys else ask_for_keys(wanted, seal_keys)
        with progress_bars() as progress:
            count = read_archive(file.absolute(), settings.DATABASE_OWNER_URL, settings.VAR_DIR, progress)
    except (ArchiveRefused, OSError, tarfile.TarError) as error:
        raise click.ClickException(str(error)) from error
    take_keys(keys, lost=wanted if without_seal_keys else [])
    migrate_database(click.echo)
    note()
    click.echo(f"Restored: database and {count} files. Now run: kundenkontor verify")
    click.echo("Nothing is issued until somebody says which numbers were sent last: Office, Integrity.")


def ask_for_keys(wanted: list[str], named: Path | None) -> Path | None:
    """The file that holds the keys which sealed the backup. Raises ClickException where it does not."""
    from kundenkontor.events.keys import read_keys  # noqa: PLC0415

    if not wanted or {key.id for key in read_keys()} >= set(wanted):
        return None
    if named is None and sys.stdin.isatty():
        named = click.prompt(f"The file with key {wanted[-1]}, which sealed this backup", type=EXISTING)
    if named is None:
        raise click.ClickException(
            f"This backup is sealed by key {wanted[-1]}. Name the file that holds it (--seal-keys FILE), or say that"
            " it is lost (--without-seal-keys)."
        )
    missing = set(wanted) - {key.id for key in read_keys(named)}
    if missing:
        raise click.ClickException(f"{named} does not hold key {', '.join(sorted(missing))}, which sealed this backup.")
    return named


def take_keys(named: Path | None, *, lost: list[str]) -> None:
    """Put the keys where they are looked for; where they are lost, a new one seals from now on."""
    from kundenkontor.events.keys import add_key, key_file  # noqa: PLC0415

    if named is not None:
        key_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(named, key_file())
        key_file().chmod(0o600)
    if lost:
        add_key(lost)


def note() -> None:
    """That the database is of an older state; and what the backup holds unsealed is sealed."""
    from kundenkontor.events.actor import Actor  # noqa: PLC0415  # needs Django
    from kundenkontor.events.anchors import complete_file  # noqa: PLC0415
    from kundenkontor.events.queries import business_date  # noqa: PLC0415
    from kundenkontor.events.restore_commands import note_backup  # noqa: PLC0415
    from kundenkontor.events.seals import seal_events  # noqa: PLC0415

    complete_file()
    note_backup(on=business_date(), actor=Actor("operator", "restore"))
    seal_events(everything=True)
