"""Making the PDF and XML of issued documents: once, from the frozen rows, the same bytes for ever."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from django.db import connection, transaction
from django.db.models import F

from kundenkontor.documents.commands import store_files
from kundenkontor.documents.models import StoredFile
from kundenkontor.einvoicing.checks import find_violations
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import INVOICE_RENDER_ASKED, INVOICE_RENDERED
from kundenkontor.invoicing.models import Invoice, InvoiceFile, RenderFailure
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from kundenkontor.kernel.clock import utc_now
from kundenkontor.printing.errors import InvalidXml, RenderingError
from kundenkontor.printing.invoice.frozen import TEMPLATE_VERSION, FrozenDocument
from kundenkontor.printing.pool import Rendered, RenderPool

BATCH = 100
MAX_ATTEMPTS = 5
MEDIA_TYPES = {"pdf": "application/pdf", "xml": "application/xml"}


@cache
def render_pool() -> RenderPool:
    """The render processes of this process; started with the first document, ended with it."""
    pool = RenderPool()
    atexit.register(pool.close)
    return pool


def render_invoices(invoice_ids: Sequence[int], *, on: date, actor: Actor) -> list[int]:
    """Make the files of those documents that have none, and return their ids.

    Failures go to RenderFailure, one row per document, and stop nobody. No transaction is open while rendering.
    """
    made: list[int] = []
    missing = without_pdf(invoice_ids)
    for start in range(0, len(missing), BATCH):
        made += _render_batch(missing[start : start + BATCH], on=on, actor=actor)
    return made


@transaction.atomic
def ask_for_files(invoice_ids: Sequence[int], *, on: date, actor: Actor) -> None:
    """Let the worker try again to make the files of documents."""
    heads = Invoice.objects.filter(pk__in=invoice_ids).order_by("pk")
    subjects = [Subject(head.pk, head.number, head.customer_id, head.seller_id) for head in heads]
    record_events(INVOICE_RENDER_ASKED, subjects, actor=actor, on=on)


def without_pdf(invoice_ids: Sequence[int]) -> list[int]:
    """Those of the documents that are not rendered yet, in order."""
    done = set(InvoiceFile.objects.filter(invoice_id__in=invoice_ids, kind="pdf").values_list("invoice_id", flat=True))
    return sorted(set(invoice_ids) - done)


def _render_batch(invoice_ids: Sequence[int], *, on: date, actor: Actor) -> list[int]:
    failures: dict[int, RenderingError] = {}
    documents = dict(_checked(invoice_ids, failures))
    rendered: list[Rendered] = []
    for answer in render_pool().render_many((str(id_), text) for id_, text in documents.items()):
        if answer.error is None:
            rendered.append(answer)
        else:
            failures[int(answer.key)] = answer.error
    made = _store(rendered, on=on, actor=actor)
    _note_failures(failures)
    return made


def _checked(invoice_ids: Sequence[int], failures: dict[int, RenderingError]) -> Iterator[tuple[int, str]]:
    """Freeze together; where one document cannot be frozen, each by itself, so that it stops nobody."""
    try:
        frozen = freeze_invoices(invoice_ids)
    except Exception as error:  # whatever is wrong with one document stops no other
        if len(invoice_ids) == 1:
            failures[invoice_ids[0]] = _as_refusal(error)
            return
        for invoice_id in invoice_ids:
            yield from _checked([invoice_id], failures)
        return
    for invoice_id, document in frozen.items():
        if error_found := violation_of(document):
            failures[invoice_id] = error_found
        else:
            yield invoice_id, document.to_json()


def violation_of(document: FrozenDocument) -> RenderingError | None:
    """What our own rules object to; the schema is asked in the render process."""
    violations = find_violations(document.invoice)
    if not violations:
        return None
    return InvalidXml("; ".join(f"{row.rule_id} {row.term}: {row.message}" for row in violations[:5]))


def _as_refusal(error: Exception) -> RenderingError:
    return error if isinstance(error, RenderingError) else RenderingError(f"{type(error).__name__}: {error}")


@transaction.atomic
def _store(rendered: Sequence[Rendered], *, on: date, actor: Actor) -> list[int]:
    """Write the bytes, then the links; a document that somebody else rendered meanwhile keeps its first bytes."""
    ids = [int(answer.key) for answer in rendered]
    files = store_files([(answer.pdf, MEDIA_TYPES["pdf"]) for answer in rendered])
    files += store_files([(answer.xml, MEDIA_TYPES["xml"]) for answer in rendered])
    links = [*((id_, "pdf") for id_ in ids), *((id_, "xml") for id_ in ids)]
    heads = Invoice.objects.in_bulk(ids)
    made = _link(heads, links, files)
    RenderFailure.objects.filter(invoice_id__in=ids).delete()
    subjects = [
        Subject(id_, heads[id_].number, heads[id_].customer_id, heads[id_].seller_id, dict(hashes))
        for id_, hashes in made.items()
    ]
    record_events(INVOICE_RENDERED, subjects, actor=actor, on=on)
    return list(made)


def _link(
    heads: dict[int, Invoice], links: Sequence[tuple[int, str]], files: Sequence[StoredFile]
) -> dict[int, dict[str, str]]:
    """Insert the links that do not exist; return the hashes of the new files by document and kind."""
    rows = [(heads[id_].customer_id, id_, kind, file.pk) for (id_, kind), file in zip(links, files, strict=True)]
    if not rows:
        return {}
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoicing_invoicefile (customer_id, invoice_id, kind, file_id, template_version, created_at)"
            " SELECT *, %s, %s FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"
            " ON CONFLICT DO NOTHING RETURNING invoice_id, kind",
            [TEMPLATE_VERSION, utc_now(), *columns],
        )
        new = set(cursor.fetchall())
    made: dict[int, dict[str, str]] = {}
    for (id_, kind), file in zip(links, files, strict=True):
        if (id_, kind) in new:
            made.setdefault(id_, {})[kind] = file.sha256
    return made


def _note_failures(failures: dict[int, RenderingError]) -> None:
    for invoice_id, error in failures.items():
        row, is_new = RenderFailure.objects.get_or_create(
            invoice_id=invoice_id, defaults={"error": str(error)[:2000], "failed_at": utc_now()}
        )
        if not is_new:
            RenderFailure.objects.filter(pk=row.pk).update(
                error=str(error)[:2000], attempts=F("attempts") + 1, failed_at=utc_now()
            )


def get_or_render(invoice: Invoice, kind: str = "pdf", *, on: date, actor: Actor, timeout: float = 20.0) -> StoredFile:
    """The file of a document for somebody who waits; made now, before all bulk work, if it does not exist yet.

    Raises RenderTimedOut or another RenderingError. The caller has checked who may read the document.
    """
    found = find_file(invoice, kind)
    if found is not None:
        return found
    document = freeze_invoices([invoice.pk])[invoice.pk]
    if error := violation_of(document):
        raise error
    xml, pdf = render_pool().render(document.to_json(), timeout=timeout)
    _store([Rendered(str(invoice.pk), pdf, xml)], on=on, actor=actor)
    found = find_file(invoice, kind)
    assert found is not None
    return found


def find_file(invoice: Invoice, kind: str) -> StoredFile | None:
    """The stored PDF or XML of a document, if it is rendered."""
    link = InvoiceFile.objects.select_related("file").filter(invoice=invoice, kind=kind).first()
    return None if link is None else link.file
