"""``kundenkontor demo``: fill an empty database with demo data."""

from __future__ import annotations

import click

from kundenkontor.cli.start import needs_django


@click.command()
@needs_django
def command() -> None:
    """Fill an empty database with a demo provider, its customers and three months of invoices."""
    from kundenkontor import demo  # noqa: PLC0415  # needs Django

    demo.fill(lambda step: click.echo(f"  demo: {step}"))
