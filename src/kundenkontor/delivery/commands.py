"""Getting papers to people: planned once per paper and channel, sent when the PDF is there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from django.db import OperationalError, connection, transaction

from kundenkontor.delivery.errors import (
    AddressNotStored,
    AlreadySent,
    LetterFailed,
    NoAddress,
    NothingToRetry,
    TakenBackUnsent,
)
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.queries import is_sent, recipients_of, stored_addresses
from kundenkontor.documents.models import StoredFile
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DELIVERY_ASKED, DELIVERY_PARKED, PAPER_FORWARDED, PAPER_SENT
from kundenkontor.invoicing.correcting.commands import Cancelled, cancel_invoice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import send_letter
from kundenkontor.messaging.letters.letter import Letter
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers.kinds import Paper, PaperKind, PaperLetters, kind_of
from kundenkontor.papers.models import PaperFile
from kundenkontor.parties.models import Customer, Seller

logger = logging.getLogger(__name__)
BATCH = 200
NO_ADDRESS = NoAddress.code


@transaction.atomic
def plan_deliveries(papers: Sequence[Paper], *, on: date, actor: Actor) -> int:
    """Plan the mail of each paper that has none planned yet; return how many are new.

    Who has no address is parked with the reason, so that every issued document is sent or shows why not (I-D4).
    """
    if not papers:
        return 0
    addresses = recipients_of(paper.customer_id for paper in papers)
    columns = zip(
        *[(one.kind, one.id, one.number, one.customer_id, addresses.get(one.customer_id, "")) for one in papers],
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO delivery_delivery (channel, created_at, paper_kind, paper_id, number, customer_id,"
            " recipient, state, parked_reason)"
            " SELECT 'email', %s, k, p, n, c, r, CASE r WHEN '' THEN 'parked' ELSE 'waiting' END,"
            " CASE r WHEN '' THEN %s ELSE '' END"
            " FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::text[]) AS u(k, p, n, c, r)"
            " ON CONFLICT DO NOTHING RETURNING paper_kind, paper_id, state",
            [utc_now(), NO_ADDRESS, *map(list, columns)],
        )
        made = {(kind, id_): state for kind, id_, state in cursor.fetchall()}
    parked = [paper.subject() for paper in papers if made.get((paper.kind, paper.id)) == "parked"]
    record_events(DELIVERY_PARKED, parked, actor=actor, on=on)
    return len(made)


def deliver_papers(papers: Sequence[Paper], *, on: date, actor: Actor) -> int:
    """Mail those of the papers of one kind that are not mailed yet and whose PDF exists; the others wait for it.

    Returns how many mails were queued.
    """
    plan_deliveries(papers, on=on, actor=actor)
    return deliver_waiting(kind_of(papers[0].kind), [paper.id for paper in papers], on=on, actor=actor)


def deliver_waiting(kind: PaperKind, ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """Mail the planned papers whose PDF exists. Papers nobody planned to send stay unsent."""
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    return sum(_deliver(kind, batch, on=on, actor=actor) for batch in batches)


def _deliver(kind: PaperKind, ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """Together; where a letter cannot be written, each by itself, and that one is put aside."""
    try:
        return _deliver_batch(kind, ids, on=on, actor=actor)
    except OperationalError:  # no letter's fault: all of them again, later
        raise
    except Exception:
        if len(ids) > 1:
            return sum(_deliver(kind, [id_], on=on, actor=actor) for id_ in ids)
        logger.exception("the mail of %s %s cannot be written", kind.code, ids[0])
        _park(kind, ids[0], on=on, actor=actor)
        return 0


@transaction.atomic
def _park(kind: PaperKind, id_: int, *, on: date, actor: Actor) -> None:
    waiting = Delivery.objects.filter(paper_kind=kind.code, paper_id=id_, state="waiting")
    if waiting.update(state="parked", parked_reason=LetterFailed.code):
        record_events(DELIVERY_PARKED, [paper.subject() for paper in kind.find([id_])], actor=actor, on=on)


@transaction.atomic
def _deliver_batch(kind: PaperKind, ids: Sequence[int], *, on: date, actor: Actor) -> int:
    """The deliveries stay locked until commit, so that two workers never queue the same mail."""
    waiting = Delivery.objects.select_for_update(skip_locked=True).filter(paper_kind=kind.code, paper_id__in=ids)
    deliveries = {delivery.paper_id: delivery for delivery in waiting.filter(state="waiting").order_by("pk")}
    files = PaperFile.objects.filter(paper_kind=kind.code, paper_id__in=list(deliveries), kind="pdf")
    pdfs = dict(files.values_list("paper_id", "file_id"))
    papers = kind.find(list(pdfs))
    letters = kind.write(list(pdfs))
    for paper in papers:
        delivery, written = deliveries[paper.id], letters[paper.id]
        delivery.mail = _send(paper, written, written.delivering, delivery.recipient, pdfs[paper.id])
        delivery.state = "queued"
    Delivery.objects.bulk_update([deliveries[paper.id] for paper in papers], ["mail", "state"])
    record_events(PAPER_SENT, [paper.subject() for paper in papers], actor=actor, on=on)
    return len(papers)


def _send(
    paper: Paper, letters: PaperLetters, letter: Letter, to: str, pdf_id: int, actor: Actor | None = None
) -> OutgoingMail:
    """Numbers are capitals and digits, so they are file names as they are."""
    return send_letter(
        letter,
        to=to,
        language=letters.language,
        seller=letters.seller,
        customer_id=paper.customer_id,
        attachments=[(pdf_id, f"{paper.number}.pdf")],
        related_id=paper.id,
        actor=actor,
    )


@transaction.atomic
def start_delivery(batch_id: int, papers: Sequence[Paper], *, on: date, actor: Actor) -> int:
    """Plan the mails of what a billing run issued and send what is rendered; the rest follows its PDF.

    Returns how many deliveries are new; calling it again adds none.
    """
    batches = (papers[start : start + BATCH] for start in range(0, len(papers), BATCH))
    planned = sum(plan_deliveries(batch, on=on, actor=actor) for batch in batches)
    seller_id = papers[0].seller_id if papers else None
    subject = Subject(batch_id, seller_id=seller_id, payload={"documents": planned})
    record_events(DELIVERY_ASKED, [subject], actor=actor, on=on)
    return planned


def plan_automatic(papers: Sequence[Paper], *, on: date, actor: Actor) -> int:
    """Plan the mails of papers whose seller mails automatically; all others wait for a click."""
    automatic = set(Seller.objects.filter(mails_automatically=True).values_list("pk", flat=True))
    return plan_deliveries([paper for paper in papers if paper.seller_id in automatic], on=on, actor=actor)


@transaction.atomic
def retry_delivery(delivery: Delivery, *, on: date, actor: Actor) -> Delivery:
    """Look for an address again after staff added one, and write the letter again. The delivery returned says what came
    of it. Raises NothingToRetry."""
    locked = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if locked.state != "parked":
        raise NothingToRetry()
    locked.recipient = recipients_of([locked.customer_id]).get(locked.customer_id, "")
    if locked.recipient:
        locked.state, locked.parked_reason = "waiting", ""
        locked.save(update_fields=["recipient", "state", "parked_reason"])
        deliver_waiting(kind_of(locked.paper_kind), [locked.paper_id], on=on, actor=actor)
        locked.refresh_from_db()
    return locked


@transaction.atomic
def undo_unsent(invoice: Invoice, *, reason: str, on: date, actor: Actor) -> Cancelled:
    """Cancel an invoice that nobody was sent yet; its lines wait in a draft, and neither document is mailed by itself.

    Raises AlreadySent, and what ``cancel_invoice`` raises.
    """
    cancelled = cancel_invoice(invoice, bill_again=True, reason=reason, on=on, actor=actor)
    original, correction = INVOICE.find([invoice.pk, cancelled.correction.id])
    withheld = _withhold([original, correction])
    if original.id not in withheld or is_sent(original):
        raise AlreadySent(number=original.number)
    record_events(DELIVERY_PARKED, [original.subject(), correction.subject()], actor=actor, on=on)
    return cancelled


def _withhold(papers: Sequence[Paper]) -> set[int]:
    """Put the deliveries aside, planned or not; returns those of papers that were not handed to the outbox."""
    columns = zip(*[(one.kind, one.id, one.number, one.customer_id) for one in papers], strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO delivery_delivery AS d (channel, created_at, paper_kind, paper_id, number, customer_id,"
            " recipient, state, parked_reason)"
            " SELECT 'email', %s, k, p, n, c, '', 'parked', %s"
            " FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[]) AS u(k, p, n, c)"
            " ON CONFLICT (paper_id, paper_kind, channel) DO UPDATE"
            " SET state = excluded.state, parked_reason = excluded.parked_reason"
            " WHERE d.state <> 'queued' RETURNING paper_id",
            [utc_now(), TakenBackUnsent.code, *map(list, columns)],
        )
        return {paper_id for (paper_id,) in cursor.fetchall()}


@transaction.atomic
def forward_paper(paper: Paper, pdf: StoredFile, to: str, *, on: date, actor: Actor) -> OutgoingMail:
    """ "An Buchhaltung senden": the PDF to a stored address. Raises AddressNotStored, MailQuotaReached."""
    customer = Customer.objects.get(pk=paper.customer_id)
    addresses = {address.lower(): address for address in stored_addresses(customer)}
    address = addresses.get(to.strip().lower())
    if address is None:
        raise AddressNotStored(address=to[:100])
    letters = kind_of(paper.kind).write([paper.id])[paper.id]
    mail = _send(paper, letters, letters.forwarding, address, pdf.pk, actor)
    record_events(PAPER_FORWARDED, [paper.subject()], actor=actor, on=on)
    return mail
