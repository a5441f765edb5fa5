"""The only way to issue documents. One invoice is a list of one: the fast path and the careful path are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.hashing import RowHash
from kundenkontor.events.names import INVOICE_ISSUED
from kundenkontor.invoicing.errors import DraftsRefused, NumberAlreadyGiven
from kundenkontor.invoicing.issuing.booking import name_entries, raise_totals, write_document_postings
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.earlier import mention_open
from kundenkontor.invoicing.issuing.numbering import ensure_series, take_numbers
from kundenkontor.invoicing.issuing.patterns import series_year
from kundenkontor.invoicing.issuing.refusals import find_refusals, printed_note
from kundenkontor.invoicing.issuing.rows import (
    DOCUMENT,
    ESCAPED,
    HEAD_COLUMNS,
    LINE_COLUMNS,
    REFERENCE_COLUMNS,
    VAT_COLUMNS,
    line_row,
    reference_rows,
    vat_rows,
)
from kundenkontor.invoicing.issuing.values import IssuedInvoice, PreparedInvoice
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.kernel.bulk import ISO_DATES, NULL, copy_lines, escape, take_ids
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.money import ZERO
from kundenkontor.kernel.references import creditor_reference
from kundenkontor.parties.seller_commands import hold_declared
from kundenkontor.receivables.commands import NewItem, write_items


@transaction.atomic
def issue_invoices(drafts: Sequence[InvoiceDraft], *, issue_date: date, actor: Actor) -> list[IssuedInvoice]:
    """Number the drafts and book what their buyers now owe; all or none. The drafts are of one seller.

    Everything is computed, and what names no number is written, before the series is locked; the lock then holds until
    commit, so a rolled-back batch gives its numbers back and the series has no gap (I-N1, I-N3).

    Raises DraftsRefused (callers have parked the bad ones), IssueDateTooEarly, NumberAlreadyGiven.
    """
    if not drafts:
        return []
    assert len({(draft.seller.id, draft.kind.series) for draft in drafts}) == 1
    refuse_unissuable(drafts)
    mention_open(drafts, issue_date)
    prepared = _prepare(drafts, issue_date)
    hashes = _write_lines(prepared)
    hold_declared(drafts[0].seller.id)  # before ``issued_at``: what is declared later knows these documents
    entries = write_document_postings(prepared, on=issue_date)
    raise_totals(prepared)
    series = ensure_series(drafts[0].seller.id, drafts[0].kind.series, series_year(issue_date))
    now = utc_now()
    issued = _number_and_write_heads(prepared, hashes, series, issue_date, now)  # the series lock starts here
    write_items(map(_item, issued))
    name_entries(entries, issued)
    subjects = [
        Subject(invoice.id, invoice.number, invoice.draft.buyer.id, invoice.draft.seller.id, {}, invoice.hash)
        for invoice in issued
    ]
    record_events(INVOICE_ISSUED, subjects, actor=actor, on=issue_date, at=now)
    return issued


def refuse_unissuable(drafts: Sequence[InvoiceDraft]) -> None:
    """The last guard. Raises DraftsRefused with every reason."""
    refusals = [refusal for draft in drafts for refusal in find_refusals(draft) if not refusal.is_warning]
    if refusals:
        raise DraftsRefused(refusals)


def _prepare(drafts: Sequence[InvoiceDraft], issue_date: date) -> list[PreparedInvoice]:
    """Draw ids of documents and open items, and compute; documents keep an id that billing drew for its charges."""
    fresh = iter(take_ids("invoicing_invoice", sum(not draft.invoice_id for draft in drafts)))
    item_ids = take_ids("receivables_openitem", len(drafts))
    return [
        _prepare_one(draft, draft.invoice_id or next(fresh), item_id, issue_date)
        for draft, item_id in zip(drafts, item_ids, strict=True)
    ]


def _prepare_one(draft: InvoiceDraft, id_: int, item_id: int, issue_date: date) -> PreparedInvoice:
    totals = draft.totals
    rounding = ZERO if draft.agreed_payable is None else draft.agreed_payable - totals.total_with_vat
    due_date = issue_date + timedelta(days=draft.payment_terms_days)
    return PreparedInvoice(id_, item_id, draft, totals, rounding, totals.total_with_vat + rounding, due_date)


def _write_lines(invoices: Sequence[PreparedInvoice]) -> list[hashlib._Hash]:
    """COPY lines, VAT rows and references (their foreign key to the head is deferred). Returns each document's hash so
    far."""
    vat_lines: list[str] = []
    references: list[str] = []
    hashes: list[hashlib._Hash] = []
    copy_lines("invoicing_invoiceline", LINE_COLUMNS, _line_rows(invoices, vat_lines, references, hashes))
    copy_lines("invoicing_vatbreakdown", VAT_COLUMNS, vat_lines)
    copy_lines("invoicing_documentreference", REFERENCE_COLUMNS, references)
    return hashes


def _line_rows(
    invoices: Sequence[PreparedInvoice], vat_lines: list[str], references: list[str], hashes: list[hashlib._Hash]
) -> Iterator[str]:
    """The lines of one document after the other; its other rows and its hash are collected on the way."""
    for invoice in invoices:
        draft = invoice.draft
        customer_id, lines = draft.buyer.id, draft.lines
        of_lines = "".join([line_row(invoice.id, n, customer_id, line) for n, line in enumerate(lines, 1)])
        of_vat = "".join(vat_rows(invoice.id, customer_id, invoice.totals, lines))
        vat_lines.append(of_vat)
        named = "".join(reference_rows(invoice.id, customer_id, draft.references)) if draft.references else ""
        if named:
            references.append(named)
        hashes.append(hashlib.sha256((of_lines + of_vat + named).encode()))
        yield of_lines


def _number_and_write_heads(
    invoices: Sequence[PreparedInvoice],
    hashes: list[hashlib._Hash],
    series: NumberSeries,
    issue_date: date,
    now: datetime,
) -> list[IssuedInvoice]:
    issued: list[IssuedInvoice] = []
    first, numbers = take_numbers(series, len(invoices), issue_date)
    heads = _head_rows(invoices, hashes, numbers, series.pk, first, issue_date, now, issued)
    try:
        copy_lines("invoicing_invoice", f"{HEAD_COLUMNS}, issued_at", heads)
    except IntegrityError as error:
        if "a_document_number_is_given_once" in str(error):
            given = next((number for number in numbers if f", {number})" in str(error)), numbers[0])
            raise NumberAlreadyGiven(number=given) from error
        raise
    return issued


def _head_rows(
    invoices: Sequence[PreparedInvoice],
    hashes: list[hashlib._Hash],
    numbers: list[str],
    series_id: int,
    first: int,
    issue_date: date,
    now: datetime,
    issued: list[IssuedInvoice],
) -> Iterator[str]:
    """Heads as lines for COPY; what is issued so is collected on the way."""
    issued_at, version = now.isoformat(), DOCUMENT.newest
    for offset, (invoice, number, hash_) in enumerate(zip(invoices, numbers, hashes, strict=True)):
        head = _head_row(invoice, number, series_id, first + offset, issue_date)
        hash_.update(f"{head}\n".encode())
        issued.append(IssuedInvoice(*invoice, number, RowHash(version, hash_.digest())))
        yield f"{head}\t{issued_at}\n"


def _head_row(invoice: PreparedInvoice, number: str, series_id: int, sequence: int, issue_date: date) -> str:
    """The head in the order of HEAD_COLUMNS, without a line end."""
    draft, (_, without_vat, vat, with_vat) = invoice.draft, invoice.totals
    buyer, seller = draft.buyer, draft.seller
    start = min([line.period.start for line in draft.lines])
    end = max([line.period.end for line in draft.lines])
    return (
        f"{invoice.id}\t{seller.id}\t{buyer.id}\t{series_id}\t{sequence}\t{number}\t{draft.kind.code}"
        f"\t{draft.kind.sign}\t{ISO_DATES[issue_date]}\t{ISO_DATES[invoice.due_date]}\t{ISO_DATES[start]}\t{ISO_DATES[end]}\tEUR"
        f"\t{buyer.language}\t{seller.snapshot_id}\t{buyer.snapshot_id}\t{'t' if draft.is_collective else 'f'}"
        f"\t{ESCAPED[draft.buyer_reference]}\t{ESCAPED[draft.order_number]}\t{ESCAPED[draft.cost_centre]}"
        f"\t{escape(printed_note(draft))}\t{creditor_reference(number)}\t{without_vat!s}\t{vat!s}\t{with_vat!s}"
        f"\t0.00\t{invoice.rounding_amount!s}\t{invoice.amount_due!s}\t{draft.batch_id or NULL}\t{invoice.item_id}"
    )


def _item(invoice: IssuedInvoice) -> NewItem:
    """What is owed for a document; a correction's item stands on the customer's side."""
    draft = invoice.draft
    return NewItem(
        invoice.item_id,
        draft.seller.id,
        draft.buyer.id,
        draft.kind.item,
        invoice.number,
        invoice.amount_due,
        invoice.due_date,
    )
