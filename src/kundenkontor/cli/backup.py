"""``kundenkontor backup``"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kundenkontor.cli.start import needs_django

NAMED = 20


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-missing", is_flag=True, help="Back up what is left although stored files are missing.")
@needs_django
def command(file: Path, without_missing: bool) -> None:
    """Write database, stored files, anchors and secret key into FILE, a tar file that only its owner reads.

    The keys of the event chain are not in it: keep them elsewhere. Runs beside the working application, as the owner
    role (DATABASE_OWNER_URL). Refused, naming them, when files that the database names are missing or cut short.
    """
    from django.conf import settings  # noqa: PLC0415  # needs Django

    from kundenkontor.config.database.archives import ArchiveRefused, write_archive  # noqa: PLC0415
    from kundenkontor.events.keys import key_file, read_keys  # noqa: PLC0415

    refuse_missing_files(is_told_only=without_missing)
    try:
        with progress_bars() as progress:
            ids = [key.id for key in read_keys()]
            count = write_archive(file.absolute(), settings.DATABASE_OWNER_URL, settings.VAR_DIR, progress, ids)
    except (ArchiveRefused, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: database and {count} files, {file.stat().st_size / 1e6:.1f} MB")
    if ids:
        click.echo(f"Sealed by key {ids[-1]}; it is not in the backup but in {key_file()}.")


def refuse_missing_files(*, is_told_only: bool) -> None:
    """A backup that lacks what the database names would be noticed when it is needed. Raises ClickException."""
    from kundenkontor.documents.queries import find_missing_files  # noqa: PLC0415  # needs Django

    missing = list(find_missing_files())
    if not missing:
        return
    names = "\n".join([*(f"  {name}" for name in missing[:NAMED]), *(["  …"] if len(missing) > NAMED else [])])
    said = f"Files that the database names are missing or cut short: {len(missing)}\n{names}"
    if not is_told_only:
        raise click.ClickException(
            f"{said}\nNothing was written. Bring them back from an older backup (docs/operations/backup.md), or go on"
            " without them: --without-missing"
        )
    click.echo(f"{said}\nThe backup is written without them.", err=True)


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar per step on a terminal, nothing in a pipe."""
    from rich.console import Console  # noqa: PLC0415  # slow to load
    from rich.progress import Progress, TaskID  # noqa: PLC0415

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show
