"""The console command. One file per command, loaded when it is called.

A command file holds a click command named ``command``; those that need Django use ``@needs_django``.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import cast

import click

FOLDER = Path(__file__).parent
NOT_COMMANDS = {"__init__", "main", "start"}


class LazyGroup(click.Group):
    """Finds commands by file name: ``export_documents.py`` is ``kundenkontor export-documents``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = {path.stem for path in FOLDER.glob("*.py")} - NOT_COMMANDS
        return sorted(name.strip("_").replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        stem = cmd_name.replace("-", "_")
        for candidate in (stem, f"{stem}_"):  # import_.py is the command "import"
            if (FOLDER / f"{candidate}.py").exists() and candidate not in NOT_COMMANDS:
                return cast(click.Command, import_module(f"kundenkontor.cli.{candidate}").command)
        return None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kundenkontor")
def main() -> None:
    """Kundenkontor: billing and invoice portal. Settings come from the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kundenkontor.config.settings")


if __name__ == "__main__":
    sys.exit(main())
