"""``kundenkontor export-documents``"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kundenkontor.cli.import_ import choose_seller
from kundenkontor.cli.start import needs_django

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kundenkontor.invoicing.models import Invoice
    from kundenkontor.web.lists.exports import Cell

DAY = click.DateTime(["%Y-%m-%d", "%d.%m.%Y"])
HEAD = (
    "Anbieter", "Nummer", "Art", "Datum", "Kunde", "Name", "Netto", "USt", "Betrag", "PDF", "XML", "SHA-256 PDF",
    "SHA-256 XML",
)  # fmt: skip
PAGE = 1000


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seller", help="Short name of the seller; may be left out where there is only one.")
@click.option("--since", type=DAY, help="First issue date.")
@click.option("--until", type=DAY, help="Last issue date.")
@click.option("--customer", help="Only documents of the customer with this number.")
@needs_django
def command(
    directory: Path, seller: str | None, since: datetime | None, until: datetime | None, customer: str | None
) -> None:
    """Write the stored PDFs and XMLs of a period or customer into DIRECTORY, in a folder of the seller's short name.

    The files are copied byte for byte and compared with their SHA-256. What is there already and unchanged is left
    alone, so an interrupted export goes on where it stopped; what was altered is written anew. Documents without
    files are in uebersicht.csv, too.
    """
    from kundenkontor.invoicing.models import Invoice  # noqa: PLC0415  # needs Django

    chosen = choose_seller(seller)
    directory = directory / chosen.short_name
    documents = Invoice.objects.filter(seller=chosen).select_related("customer", "seller").order_by("pk")
    if since:
        documents = documents.filter(issue_date__gte=since.date())
    if until:
        documents = documents.filter(issue_date__lte=until.date())
    if customer and not chosen.customers.filter(number=customer).exists():
        raise click.UsageError(f"{chosen.name} has no customer “{customer}”.")
    if customer:
        documents = documents.filter(customer__number=customer)
    directory.mkdir(parents=True, exist_ok=True)
    rows, missing = _export(documents, directory)
    click.echo(f"{rows} documents in {directory}, {missing} of them without files")
    if missing:
        sys.exit(1)


def _export(documents: QuerySet[Invoice], directory: Path) -> tuple[int, int]:
    """Copy page by page; returns how many documents there are, and how many lack a file."""
    from rich.progress import Progress  # noqa: PLC0415

    from kundenkontor.web.lists.exports import format_cell  # noqa: PLC0415

    done = missing = 0
    overview = directory / "uebersicht.csv"
    with Progress(disable=not sys.stderr.isatty()) as bars, overview.open("w", encoding="utf-8-sig", newline="") as out:
        task = bars.add_task("Documents", total=documents.count())
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEAD)
        for invoice, files in _pages(documents):
            names = {kind: _copy(directory, invoice, kind, file) for kind, file in files.items()}
            missing += len(names) < 2
            writer.writerow([format_cell(cell, "de") for cell in _row(invoice, names, files)])
            done += 1
            bars.update(task, completed=done)
    return done, missing


def _pages(documents: QuerySet[Invoice]) -> Iterator[tuple[Invoice, dict[str, Any]]]:
    """Each document with its stored files by kind, a thousand at a time."""
    from kundenkontor.invoicing.papers.kind import invoice_files  # noqa: PLC0415

    last = 0
    while page := list(documents.filter(pk__gt=last)[:PAGE]):
        found: dict[int, dict[str, Any]] = {}
        for link in invoice_files().filter(paper_id__in=[invoice.pk for invoice in page]).select_related("file"):
            found.setdefault(link.paper_id, {})[link.kind] = link.file
        for invoice in page:
            yield invoice, found.get(invoice.pk, {})
        last = page[-1].pk


def _copy(directory: Path, invoice: Invoice, kind: str, file: Any) -> str:
    """Write one file under ``year-month/number.kind`` and return that name. Numbers are capitals and digits only."""
    from kundenkontor.documents.queries import read_file, verify_file  # noqa: PLC0415

    name = f"{invoice.issue_date:%Y-%m}/{invoice.number}.{kind}"
    target = directory / name
    if target.exists() and _sha256_of(target) == file.sha256:
        return name
    if not verify_file(file):
        raise click.ClickException(f"{invoice.number}.{kind} is damaged in the store; nothing was written for it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{kind}.part")
    partial.write_bytes(read_file(file))
    partial.replace(target)
    return name


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _row(invoice: Invoice, names: dict[str, str], files: dict[str, Any]) -> list[Cell]:
    """A line of the overview; the amounts of corrections are negative."""
    amounts = (invoice.total_without_vat, invoice.total_vat, invoice.amount_due)
    return [
        invoice.seller.short_name,
        invoice.number,
        invoice.type_code,
        invoice.issue_date,
        invoice.customer.number,
        invoice.customer.name,
        *(invoice.signed(amount) for amount in amounts),
        *(names.get(kind, "fehlt") for kind in ("pdf", "xml")),
        *(files[kind].sha256 if kind in files else "" for kind in ("pdf", "xml")),
    ]
