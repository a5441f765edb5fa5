"""``kundenkontor bill``"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from kundenkontor.cli.import_ import choose_seller
from kundenkontor.cli.start import needs_django
from kundenkontor.kernel.clock import month_end

if TYPE_CHECKING:
    from kundenkontor.billing.models import BillingRun
    from kundenkontor.events.actor import Actor
    from kundenkontor.parties.models import Seller

DAY = click.DateTime(["%Y-%m-%d", "%d.%m.%Y"])


@click.command()
@click.option("--seller", help="Short name of the seller; may be left out where there is only one.")
@click.option("--until", type=DAY, help="Bill periods that begin up to this day. Default: last day of the month.")
@click.option("--issue-date", type=DAY, help="Date of the invoices. Default: today's business date.")
@click.option("--confirm", is_flag=True, help="Issue what the preview shows; without it nothing is issued.")
@click.option("--resume", is_flag=True, help="Go on with the seller's confirmed run that was interrupted.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 16), help="Processes at once.")
@needs_django
def command(
    seller: str | None,
    until: datetime | None,
    issue_date: datetime | None,
    confirm: bool,
    resume: bool,
    workers: int,
) -> None:
    """Preview a billing run and, with --confirm, issue its invoices.

    --confirm takes the seller's open preview until the same day, if there is one, as it was seen and with the safety
    bounds released in it; if anything changed since, it issues nothing and shows the new preview.
    Killed at any moment it leaves no half-written chunk; --resume bills the rest.
    """
    from kundenkontor.billing.runs.commands import finish_run  # noqa: PLC0415
    from kundenkontor.events.actor import Actor  # noqa: PLC0415
    from kundenkontor.events.queries import business_date  # noqa: PLC0415

    chosen, actor = choose_seller(seller), Actor("operator", "kundenkontor bill")
    today = business_date(chosen.zone)
    if resume:
        run = _interrupted(chosen)
    else:
        run = _previewed(chosen, until.date() if until else month_end(today), today, actor, is_kept=confirm)
        if not confirm:
            click.echo(f"Nothing was issued. Preview {run.pk} stands in the office; --confirm issues it.")
            return
        _confirm(run, issue_date.date() if issue_date else today, today, actor)
    _bill(run, workers)
    if not finish_run(run, on=today, actor=actor):
        raise click.ClickException("Another process is still issuing a part of this run; it finishes the run.")
    run.refresh_from_db()
    result = run.result
    outcomes = ", ".join(f"{outcome} {count}" for outcome, count in sorted(result["outcomes"].items()))
    click.echo(f"{result['invoices']} invoices over {result['total_with_vat']} EUR; contracts: {outcomes or 'none'}")


def _interrupted(seller: Seller) -> BillingRun:
    from kundenkontor.billing.models import ISSUING, BillingRun  # noqa: PLC0415
    from kundenkontor.billing.runs.commands import begin_issuing  # noqa: PLC0415

    run = BillingRun.objects.filter(seller=seller, state__in=ISSUING).first()
    if run is None:
        raise click.ClickException("No interrupted run.")
    return begin_issuing(run)


def _previewed(seller: Seller, until: date, today: date, actor: Actor, *, is_kept: bool) -> BillingRun:
    """The seller's open preview until that day, with the safety bounds released in it, or a new one.

    ``is_kept``: an open one is confirmed as it was seen; otherwise it is computed anew.
    """
    from kundenkontor.billing.queries import find_preview  # noqa: PLC0415
    from kundenkontor.billing.runs.commands import preview_run, start_run  # noqa: PLC0415

    found = find_preview(seller.pk, until)
    if found is not None:
        click.echo(f"Preview {found.pk}, started by {found.started_by}")
    run = found or start_run(seller, until, on=today, actor=actor)
    if not is_kept or run.state != "previewed":
        with _progress("Preview") as progress:
            preview_run(run, progress=progress)
    _print_preview(run)
    return run


def _confirm(run: BillingRun, issue_date: date, today: date, actor: Actor) -> None:
    """Confirm; if something changed since the preview, show the new one, which waits for another confirmation."""
    from kundenkontor.billing.errors import PreviewChanged  # noqa: PLC0415
    from kundenkontor.billing.runs.commands import confirm_run  # noqa: PLC0415

    try:
        with _progress("Comparing") as progress:
            confirm_run(run, issue_date=issue_date, on=today, actor=actor, progress=progress)
    except PreviewChanged:
        run.refresh_from_db()
        _print_preview(run)
        raise


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing in a pipe."""
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task(label, total=None)
        yield lambda done, of: bars.update(task, completed=done, total=of)


def _print_preview(run: BillingRun) -> None:
    """Sums, who is parked and why, warnings, difference from the last run; English like all this command says."""
    from django.utils import translation  # noqa: PLC0415

    from kundenkontor.billing.runs.preview_words import paragraphs_of  # noqa: PLC0415

    preview = run.preview
    assert preview is not None
    sums = preview.sums
    click.echo(
        f"{sums.invoices} invoices of {sums.customers} customers, {sums.lines} lines,"
        f" {sums.total_without_vat} EUR net, {sums.total_with_vat} EUR gross; {sums.parked} parked"
    )
    with translation.override("en"):
        for paragraph in paragraphs_of(preview):
            click.echo(paragraph)


def _bill(run: BillingRun, workers: int) -> None:
    """Bill the open chunks, in this process or in several spawned ones that share them."""
    if workers == 1:
        with _progress("Issuing") as progress:
            bill_open_chunks(run.pk, progress)
        return
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=bill_open_chunks, args=(run.pk,)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise click.ClickException("A process ended early; --resume bills the rest.")


def bill_open_chunks(run_id: int, progress: Callable[[int, int], None] | None = None) -> None:
    """One process's share of a run; chunks taken by another process are skipped."""
    import django  # noqa: PLC0415

    django.setup()
    from kundenkontor.billing.models import BillingRun  # noqa: PLC0415
    from kundenkontor.billing.runs.commands import run_chunks  # noqa: PLC0415

    run = BillingRun.objects.get(pk=run_id)
    run_chunks(run, actor=run.confirmer, progress=progress)
