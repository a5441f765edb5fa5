"""``kundenkontor import``"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kundenkontor.cli.start import needs_django

if TYPE_CHECKING:
    from kundenkontor.imports.planning.plan import ImportPlan
    from kundenkontor.imports.planning.report import ImportReport
    from kundenkontor.imports.writing.commands import Progress
    from kundenkontor.parties.models import Seller

UNUSABLE = 2
FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.command()
@click.argument("customers", type=FILE)
@click.argument("contracts", type=FILE, required=False)
@click.option("--seller", help="Short name of the seller; may be left out where there is only one.")
@click.option(
    "--cut-over-date",
    type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]),
    help="Default: first of next month, where one is needed.",
)
@click.option("--next-number", multiple=True, metavar="KIND=NUMBER", help="For example invoice=1201; repeatable.")
@click.option("--preview", is_flag=True, help="Only report what would happen.")
@click.option("--all-rows", is_flag=True, help="List every row, not only bad and changed ones.")
@needs_django
def command(
    customers: Path,
    contracts: Path | None,
    seller: str | None,
    cut_over_date: datetime | None,
    next_number: tuple[str, ...],
    preview: bool,
    all_rows: bool,
) -> None:
    """Import CUSTOMERS and CONTRACTS, two CSV files; - stands for a file that is not there.

    Good rows come in, bad ones are listed with line, field and reason; the same files twice change nothing. No login
    is made, and mail goes only to addresses that are replaced. Exit code 0 also with bad rows, 2 for a file that cannot
    be used, 1 for any other refusal.
    """
    from django.utils.translation import override  # noqa: PLC0415  # needs Django

    from kundenkontor.imports.errors import UnusableFile  # noqa: PLC0415

    paths = {"customers": customers, "contracts": contracts}
    with override("en"):
        try:
            report = _run(paths, choose_seller(seller), cut_over_date, read_next_numbers(next_number), preview)
        except UnusableFile as refusal:
            click.echo(f"{paths.get(refusal.file)}: {refusal}", err=True)
            sys.exit(UNUSABLE)
        _print_report(report, paths, all_rows)


def choose_seller(short_name: str | None) -> Seller:
    """By short name; the only one where none is named."""
    from kundenkontor.parties.models import Seller  # noqa: PLC0415

    sellers = {seller.short_name: seller for seller in Seller.objects.order_by("short_name")}
    if short_name is None and len(sellers) > 1 and sys.stdin.isatty():
        short_name = click.prompt("Seller", type=click.Choice(list(sellers)))
    if short_name is None and len(sellers) == 1:
        return next(iter(sellers.values()))
    if short_name not in sellers:
        wrong = f"There is no seller “{short_name}”. " if short_name else ""
        raise click.UsageError(f"{wrong}Please name the seller with --seller. Known: {', '.join(sellers) or 'none'}.")
    return sellers[short_name]


def read_next_numbers(entries: tuple[str, ...]) -> dict[str, int]:
    """``invoice=1201`` as a mapping."""
    numbers = {}
    for entry in entries:
        kind, _, number = entry.partition("=")
        if not number.isascii() or not number.isdigit():
            raise click.BadParameter(f"{entry!r} is not like invoice=1201.", param_hint="--next-number")
        numbers[kind] = int(number)
    return numbers


def _run(
    paths: dict[str, Path | None],
    seller: Seller,
    cut_over: datetime | None,
    next_numbers: dict[str, int],
    preview: bool,
) -> ImportReport:
    from kundenkontor.events.actor import Actor  # noqa: PLC0415
    from kundenkontor.events.queries import business_date  # noqa: PLC0415
    from kundenkontor.imports.planning.queries import preview_import  # noqa: PLC0415
    from kundenkontor.imports.planning.report import report_of  # noqa: PLC0415
    from kundenkontor.imports.writing.commands import import_files  # noqa: PLC0415

    on = business_date(seller.zone)
    contents = [None if path is None or str(path) == "-" else path.read_bytes() for path in paths.values()]
    plan = preview_import(seller, contents[0], contents[1], on=on)
    if preview:
        _say_what_is_left(plan, plan.cut_over_date_or_default(None if cut_over is None else cut_over.date()))
        return report_of(plan)
    cut_over_date = _cut_over_date(cut_over, plan)
    _say_what_is_left(plan, cut_over_date)
    with _progress() as progress:
        return import_files(
            seller,
            contents[0],
            contents[1],
            cut_over_date=cut_over_date,
            next_numbers=next_numbers,
            names=(_name(paths["customers"]), _name(paths["contracts"])),
            on=on,
            actor=Actor("operator", "kundenkontor import"),
            progress=progress,
        )


def _name(path: Path | None) -> str:
    return path.name if path is not None else ""


def _cut_over_date(given: datetime | None, plan: ImportPlan) -> date | None:
    """What was given; where it is needed and nobody said it, ask, or take the first of next month and say so."""
    suggested = plan.cut_over_date_or_default(None if given is None else given.date())
    if suggested is None or given is not None:
        return suggested
    if sys.stdin.isatty():
        answer = click.prompt("Cut-over date", suggested.isoformat(), type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]))
        return answer.date() if isinstance(answer, datetime) else date.fromisoformat(str(answer))
    click.echo(f"Cut-over date: {suggested.isoformat()} (periods that begin before it were billed elsewhere)")
    return suggested


def _say_what_is_left(plan: ImportPlan, cut_over_date: date | None) -> None:
    count, total = plan.left_to_others(cut_over_date)
    if count:
        contracts = "1 contract begins" if count == 1 else f"{count} contracts begin"
        click.echo(f"{contracts} before the cut-over date; {total:.2f} EUR net of running periods are not billed here.")


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.console import Console  # noqa: PLC0415  # slow to load
    from rich.progress import Progress as Bar  # noqa: PLC0415
    from rich.progress import TaskID  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield show


def _print_report(report: ImportReport, paths: dict[str, Path | None], all_rows: bool) -> None:
    names = {kind: path.name if path else kind for kind, path in paths.items()}
    for problem in report.problems:
        mark = "warning" if problem.is_warning else "error"
        label = f"{problem.label}: " if problem.label else ""
        click.echo(f"{names[problem.file]}:{problem.line}: {mark}: {label}{problem.sentence}")
    for row in report.outcomes():
        if row.outcome == "changed" or all_rows:
            fields = ", ".join(f"{change.field}: {change.before} -> {change.after}" for change in row.changes)
            click.echo(f"{names[row.file]}:{row.line}: {row.outcome}: {row.number} {fields}".rstrip())
    for kind, counts in report.counts.items():
        click.echo(f"{kind}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
        if kind in report.files:
            read = report.files[kind]
            click.echo(f"{kind}: {read.lines} lines read, {read.rows} rows found; {read.encoding}")
    click.echo(f"products: {len(report.new_products)} new")
    if report.run_id is None:
        click.echo("Preview: nothing was written.")
        if report.needs_cut_over_date:
            click.echo("A cut-over date is needed: some contracts began more than one period ago.")
