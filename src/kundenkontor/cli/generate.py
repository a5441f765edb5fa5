"""``kundenkontor generate``"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from kundenkontor.cli.start import needs_django

DAY = click.DateTime(["%Y-%m-%d", "%d.%m.%Y"])


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--customers", default=2000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same files.")
@click.option("--on", "on", type=DAY, help="The day from which starts lie back; default: the business date.")
@click.option("--german", is_flag=True, help="CP1252, semicolons, 31.12.2026, decimal commas.")
@needs_django
def command(directory: Path, customers: int, seed: int, on: datetime | None, german: bool) -> None:
    """Write customers.csv and contracts.csv with invented, realistic data into DIRECTORY."""
    from kundenkontor.events.queries import business_date  # noqa: PLC0415  # needs Django
    from kundenkontor.imports.samples.export import ENGLISH, GERMAN, contracts_csv, customers_csv  # noqa: PLC0415
    from kundenkontor.imports.samples.generator import generate  # noqa: PLC0415

    style = GERMAN if german else ENGLISH
    customer_rows, contract_rows = generate(customers, seed=seed, on=on.date() if on else business_date())
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "customers.csv").write_bytes(customers_csv(customer_rows, style))
    (directory / "contracts.csv").write_bytes(contracts_csv(contract_rows, style))
    click.echo(f"{len(customer_rows)} customers and {len(contract_rows)} contracts in {directory}")
