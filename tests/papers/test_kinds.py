"""A second kind of paper needs its declaration and nothing else: rendered, stored, mailed, checked like an invoice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kundenkontor.delivery.commands import deliver_waiting, forward_paper, plan_deliveries, retry_delivery
from kundenkontor.delivery.models import Delivery
from kundenkontor.documents.commands import store_file
from kundenkontor.documents.queries import read_file
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.models import Event
from kundenkontor.events.names import DELIVERY_PARKED, PAPER_RENDERED, PAPER_SENT
from kundenkontor.integrity import check_all
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.jobs.attempts import claim, put_off
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.letters.forwarded_document import ForwardedDocument
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.papers import kinds
from kundenkontor.papers.commands import (
    LEASE,
    PAUSES,
    _note_failures,
    ask_for_files,
    render_papers,
    render_pool,
)
from kundenkontor.papers.jobs import render_due
from kundenkontor.papers.kinds import Paper, PaperKind, PaperLetters, kind_of
from kundenkontor.papers.models import PaperFile, RenderFailure
from kundenkontor.papers.queries import find_file
from kundenkontor.parties.models import Contact, Seller
from kundenkontor.printing.errors import InvalidXml, UnknownTemplate
from kundenkontor.printing.invoice.frozen import FrozenDocument
from kundenkontor.printing.worker import make_documents
from tests.printing.builders import document
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, invoice_contact
from tests.support.jobs import run_jobs
from tests.support.papers import made

BAD = "bad@example.at"


def _find(ids: Sequence[int]) -> list[Paper]:
    rows = Contact.objects.filter(pk__in=ids).select_related("customer").order_by("pk")
    return [Paper(CARD.code, row.pk, f"KARTE{row.pk}", row.customer_id, row.customer.seller_id) for row in rows]


def _freeze(ids: Sequence[int]) -> Mapping[int, FrozenDocument]:
    if Contact.objects.filter(pk__in=ids, email=BAD).exists():
        raise InvalidXml("a card that is none")
    return {id_: document(1) for id_ in ids}


def _write(ids: Sequence[int]) -> Mapping[int, PaperLetters]:
    letter = ForwardedDocument(
        title="Karte", number="1", issued=date(2026, 1, 1), customer_name="Ada", customer_number="11001"
    )
    seller = Seller.objects.get()
    return {id_: PaperLetters(seller, "de", letter, replace(letter, title="Weitergeleitete Karte")) for id_ in ids}


CARD = PaperKind(Contact, "invoice", "1", _find, _freeze, _write)


@pytest.fixture(autouse=True)
def second_kind(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORED_FILES_DIR = tmp_path
    monkeypatch.setitem(kinds._KINDS, CARD.code, CARD)


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


@pytest.fixture
def contact(db: None) -> Contact:
    return invoice_contact(ada(alpenhost()))


def test_packages_declare_their_kinds_when_they_are_loaded() -> None:
    assert kind_of("invoicing.invoice") is INVOICE
    with pytest.raises(KeyError):
        kind_of("invoicing.nothing")


@pytest.mark.invariant("I-D4")
def test_a_second_kind_is_rendered_stored_planned_and_mailed_once(contact: Contact) -> None:
    (card,) = CARD.find([contact.pk])
    assert plan_deliveries([card], on=TODAY, actor=CLARA) == 1
    ask_for_files([card], on=TODAY, actor=CLARA)
    run_jobs("render")
    run_jobs("render")
    assert {row.kind for row in PaperFile.objects.filter(paper_kind=CARD.code)} == {"pdf", "xml"}
    pdf = find_file(card, "pdf")
    assert pdf is not None and read_file(pdf).startswith(b"%PDF")
    assert Delivery.objects.get().state == "queued"
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.attachments) == (contact.email, [[pdf.pk, f"{card.number}.pdf"]])
    forward_paper(card, pdf, contact.email, on=TODAY, actor=CLARA)
    assert "Weitergeleitete Karte" in OutgoingMail.objects.latest("pk").subject
    recorded = Event.objects.filter(name__in=[PAPER_RENDERED.name, PAPER_SENT.name], subject_id=contact.pk)
    assert [event.payload["kind"] for event in recorded] == [CARD.code] * 2
    assert not [finding.code for finding in check_books()]


def test_one_bad_paper_stops_no_other_and_is_kept_with_its_reason(contact: Contact) -> None:
    bad = Contact.objects.create(customer=contact.customer, group="technical", name="B", email=BAD)
    assert render_papers(CARD, [bad.pk, contact.pk], on=TODAY, actor=SYSTEM) == [contact.pk]
    failure = RenderFailure.objects.get()
    assert (failure.paper_id, failure.number, failure.customer_id) == (bad.pk, f"KARTE{bad.pk}", bad.customer_id)
    assert "a card that is none" in failure.last_error


def test_a_letter_that_cannot_be_written_is_put_aside_and_stops_no_other(
    contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Contact.objects.create(customer=contact.customer, group="technical", name="B", email="c@example.at")

    def write(ids: Sequence[int]) -> Mapping[int, PaperLetters]:
        if bad.pk in ids:
            raise ValueError("no words for it")
        return _write(ids)

    kind = replace(CARD, write=write)
    monkeypatch.setitem(kinds._KINDS, CARD.code, kind)
    plan_deliveries(CARD.find([bad.pk, contact.pk]), on=TODAY, actor=CLARA)
    render_papers(kind, [bad.pk, contact.pk], on=TODAY, actor=SYSTEM)
    assert deliver_waiting(kind, [bad.pk, contact.pk], on=TODAY, actor=SYSTEM) == 1
    states = dict(Delivery.objects.values_list("paper_id", "state"))
    assert states == {contact.pk: "queued", bad.pk: "parked"}
    aside = Delivery.objects.get(paper_id=bad.pk)
    assert aside.reason and Event.objects.filter(name=DELIVERY_PARKED.name, subject_id=bad.pk).count() == 1
    assert retry_delivery(aside, on=TODAY, actor=CLARA).reason == aside.reason != "", "again, and for the same reason"
    monkeypatch.setitem(kinds._KINDS, CARD.code, CARD)
    assert retry_delivery(aside, on=TODAY, actor=CLARA).state == "queued"
    assert not [finding.code for finding in check_all() if finding.code == "deliveries_are_mailed" and finding.count]


def test_a_file_of_no_paper_or_of_another_customers_is_refused_by_the_database(contact: Contact) -> None:
    other = bob(contact.customer.seller)
    file = store_file(b"%PDF-1.7 stand-in", "application/pdf")
    for kind, id_, customer_id in (
        (CARD.code, contact.pk, other.pk),
        (CARD.code, contact.pk + 1000, contact.customer_id),
        (INVOICE.code, contact.pk, contact.customer_id),
    ):
        named = {"paper_kind": kind, "paper_id": id_, "customer_id": customer_id}
        with pytest.raises(IntegrityError), transaction.atomic():
            PaperFile.objects.create(**named, kind="pdf", file=file, created_at=utc_now())
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.create(**named, number="1", state="waiting", created_at=utc_now())


def test_a_delivery_cannot_be_turned_to_another_paper_or_customer(contact: Contact) -> None:
    other = bob(contact.customer.seller)
    plan_deliveries(CARD.find([contact.pk]), on=TODAY, actor=CLARA)
    for change in ({"customer": other}, {"paper_id": contact.pk + 1000}, {"paper_kind": INVOICE.code}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.update(**change)
    assert Delivery.objects.update(state="parked") == 1


def test_a_failure_noted_after_the_paper_was_made_goes_when_it_is_due(contact: Contact) -> None:
    """A bulk worker failed while somebody who waited had the paper made."""
    (card,) = CARD.find([contact.pk])
    made(card, on=TODAY, actor=CLARA)
    _note_failures(CARD, {contact.pk: InvalidXml("too late")}, {})

    render_due(0)
    assert RenderFailure.objects.count() == 1  # its pause
    RenderFailure.objects.update(next_attempt_at=utc_now())
    render_due(0)

    assert not RenderFailure.objects.exists()


def test_who_asks_again_does_not_wait_for_the_claim_of_a_dead_worker(contact: Contact) -> None:
    (card,) = CARD.find([contact.pk])
    _note_failures(CARD, {contact.pk: InvalidXml("out of memory")}, {})
    RenderFailure.objects.update(next_attempt_at=utc_now())
    (dead,) = claim(RenderFailure.objects.all(), lease=LEASE, limit=1)

    ask_for_files([card], on=TODAY, actor=CLARA)

    assert not put_off(dead, PAUSES, error="it was not dead after all")
    assert render_papers(CARD, [contact.pk], on=TODAY, actor=CLARA) == [contact.pk]
    assert not RenderFailure.objects.exists()


def test_a_template_that_is_no_folder_is_refused() -> None:
    for name in ("letter", "../invoice", "invoice.frozen"):
        with pytest.raises(UnknownTemplate):
            make_documents(document(1).to_json().replace('"template":"invoice"', f'"template":"{name}"'))
