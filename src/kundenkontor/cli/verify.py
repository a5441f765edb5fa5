"""``kundenkontor verify``"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from kundenkontor.cli.start import needs_django

if TYPE_CHECKING:
    from kundenkontor.kernel.checks import Finding


@click.command()
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True)
@click.option("--without-files", is_flag=True, help="Do not read the stored files.")
@needs_django
def command(language: str, without_files: bool) -> None:
    """Check that everything stored is complete and unchanged. Exit code 1 if anything is wrong."""
    from django.utils.translation import gettext, override  # noqa: PLC0415  # needs Django

    from kundenkontor.integrity import check_all  # noqa: PLC0415

    begun = time.monotonic()

    def show(finding: Finding) -> None:
        click.echo(f"{_sign(finding)} {gettext(finding.title)}{_details(finding)}")

    with override(language):
        findings = check_all(show, files=not without_files)
    wrong = sum(finding.count > 0 for finding in findings)
    click.echo(f"{len(findings) - wrong}/{len(findings)} · {time.monotonic() - begun:.1f} s")
    if wrong:
        sys.exit(1)


def _sign(finding: Finding) -> str:
    return "✗" if finding.count else "!" if finding.note else "✓"


def _details(finding: Finding) -> str:
    wrong = f" [{finding.code}]: {finding.count} ({', '.join(finding.examples)})" if finding.count else ""
    return wrong + (f" ({finding.note})" if finding.note else "")
