"""Asking about the VAT ids of sellers, which their documents bear, and recording what was found out."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import SELLER_VAT_ID_CHECK_ASKED, SELLER_VAT_ID_CHECKED
from kundenkontor.events.queries import business_date
from kundenkontor.jobs.attempts import give_up, put_off, restart, settle
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.commands import PAUSES, ask_each, asker_columns
from kundenkontor.taxes.models import SellerVatIdCheck, SellerVatIdQuestion
from kundenkontor.taxes.vat_ids import VIES_PREFIXES, Answer, Outcome, VatIdChecker


@transaction.atomic
def ask_about_seller(seller: Seller, *, on: date, actor: Actor) -> None:
    """Let the worker ask VIES about the seller's own VAT id."""
    subject = Subject(seller.pk, seller.short_name, None, seller.pk, {"vat_id": seller.vat_id})
    record_events(SELLER_VAT_ID_CHECK_ASKED, [subject], actor=actor, on=on)


@transaction.atomic
def write_seller_question(seller: Seller, *, actor: Actor) -> None:
    """Have it asked until VIES answers or three days have passed; one that waits or was given up is asked now.

    Ids that VIES does not know of are not asked about.
    """
    vat_id, asker = normal_vat_id(seller.vat_id), asker_columns(actor)
    if vat_id[:2] not in VIES_PREFIXES:
        return
    restart(SellerVatIdQuestion.objects.filter(seller=seller), **asker)
    question = SellerVatIdQuestion(seller=seller, vat_id=vat_id, **asker)
    SellerVatIdQuestion.objects.bulk_create([question], ignore_conflicts=True)


def answer_seller_questions(questions: QuerySet[SellerVatIdQuestion], checker: VatIdChecker) -> dict[Outcome, int]:
    """Ask VIES what is due of the questions about sellers, as ``ask_each`` does."""
    return ask_each(questions.select_related("seller"), lambda question: _ask(question, checker))


def _ask(question: SellerVatIdQuestion, checker: VatIdChecker) -> Outcome | None:
    """None where the seller has another id by now, or nobody asks any more."""
    if give_up(question, PAUSES):
        return None
    vat_id = question.seller.vat_id
    if normal_vat_id(vat_id) != question.vat_id:
        settle(question, "done")
        return None
    answer = checker.check(vat_id, requester=vat_id)
    _take_answer(question, answer)
    return answer.outcome


@transaction.atomic
def _take_answer(question: SellerVatIdQuestion, answer: Answer) -> None:
    """Record it and settle the question together, unless somebody else asks by now."""
    if answer.outcome == "unavailable":
        is_ours = put_off(question, PAUSES, error=answer.evidence)
    else:
        is_ours = settle(question, "done")
    if is_ours:
        _record(question, answer)


def _record(question: SellerVatIdQuestion, answer: Answer) -> None:
    seller, actor, on = question.seller, question.asker, business_date(question.seller.zone)
    evidence = answer.evidence[:300]
    check = SellerVatIdCheck.objects.create(
        seller=seller,
        vat_id=question.vat_id,
        outcome=answer.outcome,
        evidence=evidence,
        checked_on=on,
        checked_by=actor.label[:150],
    )
    payload = {"vat_id": question.vat_id, "outcome": answer.outcome, "evidence": evidence}
    subject = Subject(check.pk, seller.short_name, None, seller.pk, payload)
    record_events(SELLER_VAT_ID_CHECKED, [subject], actor=actor, on=on)
