"""``kundenkontor backup``"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kundenkontor.cli.start import needs_django


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@needs_django
def command(file: Path) -> None:
    """Write database, stored files, anchors and secret key into FILE, a tar file that only its owner reads.

    The keys of the event chain are not in it: keep them elsewhere. Runs beside the working application, as the owner
    role (DATABASE_OWNER_URL).
    """
    from django.conf import settings  # noqa: PLC0415  # needs Django

    from kundenkontor.config.database.archives import ArchiveRefused, write_archive  # noqa: PLC0415
    from kundenkontor.events.keys import key_file, read_keys  # noqa: PLC0415

    try:
        with progress_bars() as progress:
            ids = [key.id for key in read_keys()]
            count = write_archive(file.absolute(), settings.DATABASE_OWNER_URL, settings.VAR_DIR, progress, ids)
    except (ArchiveRefused, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file}: database and {count} files, {file.stat().st_size / 1e6:.1f} MB")
    if ids:
        click.echo(f"Sealed by key {ids[-1]}; it is not in the backup but in {key_file()}.")


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
