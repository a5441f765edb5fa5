"""Entering a new VAT rate, asking about VAT ids, and recording what was found out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.hashing import hash_rows
from kundenkontor.events.names import (
    SELLER_VAT_ID_CHECK_ASKED,
    SELLER_VAT_ID_CHECKED,
    TAX_RATE_ADDED,
    VAT_ID_CHECK_ASKED,
    VAT_ID_CHECKED,
)
from kundenkontor.events.queries import business_date
from kundenkontor.jobs import breakers
from kundenkontor.jobs.attempts import claim, give_up, put_off, restart, settle
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.taxes.errors import CountryHasNoRates, EvidenceMissing, RateNotNewer, RateOutOfRange, VatIdMissing
from kundenkontor.taxes.models import (
    VAT_ID_CHECK,
    Question,
    SellerVatIdCheck,
    SellerVatIdQuestion,
    TaxRate,
    VatIdCheck,
    VatIdQuestion,
)
from kundenkontor.taxes.rates import AREA_RATES
from kundenkontor.taxes.territories import EU_COUNTRIES
from kundenkontor.taxes.vat_ids import VIES_PREFIXES, Answer, Outcome, VatIdChecker, Way

DAY = timedelta(days=1)
GIVES_UP_AFTER = 5  # unanswered questions in a row: the service is down, not one member state
PAUSES = [timedelta(minutes=pause) for pause in (5, 15, 60, 180, 360, 720, 1440, 1440)]  # three days in all
LEASE = timedelta(minutes=5)  # a question takes seconds
DUE_BATCH = 100
SERVICE = "vies"
Asked = TypeVar("Asked", bound=Question)
STATE_AFTER: dict[Outcome, str] = {"valid": "checked", "invalid": "invalid"}


@transaction.atomic
def add_rate(country: str, rate: Decimal, valid_from: date, *, on: date, actor: Actor) -> TaxRate:
    """Enter the standard rate of a country, or of a part with its own, from a day on; the former one ends before.

    A rate entered for the very day on which the newest row begins mends that row. Issued documents keep their rate;
    those that are to be issued anew are listed by the office.

    Raises CountryHasNoRates, RateOutOfRange, RateNotNewer.
    """
    if country not in EU_COUNTRIES and country not in AREA_RATES:
        raise CountryHasNoRates(country=country[:10])
    if not 0 <= rate <= 100 or rate != round(rate, 2):
        raise RateOutOfRange()
    newest = _lock_newest(country)
    if newest is not None and valid_from < newest.valid_from:
        raise RateNotNewer(country=country, begins=newest.valid_from)
    row = newest if newest and newest.valid_from == valid_from else TaxRate(country=country, valid_from=valid_from)
    if newest is not None and row is not newest:
        newest.valid_to = valid_from - DAY
        newest.save(update_fields=["valid_to"])
    row.rate, row.valid_to = rate, None
    row.save()
    payload = {"country": country, "rate": str(rate), "valid_from": valid_from.isoformat()}
    record_events(TAX_RATE_ADDED, [Subject(row.pk, country, payload=payload)], actor=actor, on=on)
    return row


def _lock_newest(country: str) -> TaxRate | None:
    """Lock the country's rows, then look again: whoever waited for the lock sees what the other one entered."""
    rows = TaxRate.objects.filter(country=country)
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    return rows.order_by("-valid_from").first()


@transaction.atomic
def record_vat_id_check(
    customers: Iterable[Customer], *, outcome: Outcome, way: Way, evidence: str, on: date, actor: Actor
) -> list[VatIdCheck]:
    """Record that the customers' VAT ids were checked, and let a clear outcome decide their state.

    Unavailable leaves the state as it was: never "invalid" and never "valid" (I-T4). The check is about the VAT id
    as ``customers`` hold it; a customer whose id was changed meanwhile is left out. Issued documents stay as they are.

    Raises VatIdMissing; EvidenceMissing for what staff or an authority say without evidence.
    """
    if way in ("staff", "authority") and not evidence.strip():
        raise EvidenceMissing()
    asked = {customer.pk: customer for customer in customers}
    for customer in asked.values():
        if not customer.vat_id:
            raise VatIdMissing(number=customer.number)
    locked = Customer.objects.select_for_update(of=("self",)).filter(pk__in=asked).order_by("pk")
    current = [customer for customer in locked if customer.vat_id == asked[customer.pk].vat_id]
    checks = _write_checks(current, outcome, way, evidence.strip(), on, actor)
    _set_state(current, outcome)
    hashes = hash_rows(VAT_ID_CHECK, [check.pk for check in checks])
    subjects = [
        Subject(
            check.pk,
            customer.number,
            customer.pk,
            customer.seller_id,
            {"vat_id": check.vat_id, "outcome": outcome, "way": way, "evidence": check.evidence},
            hashes[check.pk],
        )
        for customer, check in zip(current, checks, strict=True)
    ]
    record_events(VAT_ID_CHECKED, subjects, actor=actor, on=on)
    return checks


def _write_checks(
    customers: Sequence[Customer], outcome: Outcome, way: Way, evidence: str, on: date, actor: Actor
) -> list[VatIdCheck]:
    created_at = utc_now()
    return VatIdCheck.objects.bulk_create(
        VatIdCheck(
            customer=customer,
            vat_id=normal_vat_id(customer.vat_id),
            outcome=outcome,
            way=way,
            evidence=evidence[:300],
            checked_on=on,
            checked_by=actor.label[:150],
            created_at=created_at,
        )
        for customer in customers
    )


def _set_state(customers: Sequence[Customer], outcome: Outcome) -> None:
    """One statement per state, plus one per VAT id that was written with blanks and is stored as it was checked."""
    if outcome not in STATE_AFTER:
        return
    ids = [customer.pk for customer in customers]
    Customer.objects.filter(pk__in=ids).update(vat_id_state=STATE_AFTER[outcome])
    for customer in customers:
        normal = normal_vat_id(customer.vat_id)
        if normal != customer.vat_id:
            Customer.objects.filter(pk=customer.pk).update(vat_id=normal)


@transaction.atomic
def ask_for_checks(customers: Iterable[Customer], *, on: date, actor: Actor) -> None:
    """Let the worker ask VIES about the customers' VAT ids, until it answers or three days have passed.

    Ids of third countries are not in VIES and decide nothing: they are passed over.
    """
    asked = list(customers)
    _write_questions([one for one in asked if normal_vat_id(one.vat_id)[:2] in VIES_PREFIXES], actor)
    subjects = [
        Subject(customer.pk, customer.number, customer.pk, customer.seller_id, {"vat_id": customer.vat_id})
        for customer in asked
    ]
    record_events(VAT_ID_CHECK_ASKED, subjects, actor=actor, on=on)


def _write_questions(customers: Sequence[Customer], actor: Actor) -> None:
    """A question that waits or was given up is asked now, in the name of who asked last; the others are new."""
    asker = _asker_columns(actor)
    restart(VatIdQuestion.objects.filter(customer__in=customers), **asker)
    VatIdQuestion.objects.bulk_create(
        [VatIdQuestion(customer=one, vat_id=normal_vat_id(one.vat_id), **asker) for one in customers],
        ignore_conflicts=True,
    )


def _asker_columns(actor: Actor) -> dict[str, Any]:
    """Who asks, now, as columns of a question."""
    return {
        "asked_at": utc_now(),
        "asked_by_kind": actor.kind,
        "asked_by": actor.label[:150],
        "asked_by_user_id": actor.user_id,
    }


def answer_questions(questions: QuerySet[VatIdQuestion], checker: VatIdChecker) -> dict[Outcome, int]:
    """Ask VIES what is due of the questions about customers, as ``_ask_each`` does."""
    return _ask_each(questions.select_related("customer__seller"), lambda question: _ask(question, checker))


def _ask_each(questions: QuerySet[Asked], ask: Callable[[Asked], Outcome | None]) -> dict[Outcome, int]:
    """Ask VIES what is due of the questions, and record its answers; no transaction is open while asking.

    Gives up after five unanswered questions in a row: the rest stays due. Returns how many answers there were of each
    outcome. ``ask`` returns None where nobody was asked.
    """
    counts: dict[Outcome, int] = {"valid": 0, "invalid": 0, "unavailable": 0}
    unanswered = 0
    if breakers.is_open(SERVICE):
        return counts
    for question in _claim_each(questions):
        outcome = ask(question)
        if outcome is not None:
            counts[outcome] += 1
            unanswered = unanswered + 1 if outcome == "unavailable" else 0
        if unanswered == GIVES_UP_AFTER:
            breakers.trip(SERVICE)
            break
    return counts


def _claim_each(questions: QuerySet[Asked]) -> Iterator[Asked]:
    """One after the other, so that no lease ends while others are asked about."""
    for _ in range(DUE_BATCH):
        claimed = claim(questions, lease=LEASE, limit=1)
        if not claimed:
            return
        yield claimed[0]


def _ask(question: VatIdQuestion, checker: VatIdChecker) -> Outcome | None:
    """None where nobody needs the answer any more, or nobody asks any more."""
    if give_up(question, PAUSES):
        return None
    customer = question.customer
    if customer.vat_id_state != "unchecked" or normal_vat_id(customer.vat_id) != question.vat_id:
        settle(question, "done")
        return None
    answer = checker.check(customer.vat_id, requester=customer.seller.vat_id)
    _take_answer(question, answer)
    return answer.outcome


@transaction.atomic
def _take_answer(question: VatIdQuestion, answer: Answer) -> None:
    """Record it and settle the question together, unless somebody else asks by now."""
    customer = question.customer
    if _end(question, answer):
        on = business_date(customer.seller.zone)
        record_vat_id_check(
            [customer], outcome=answer.outcome, way="vies", evidence=answer.evidence, on=on, actor=question.asker
        )


def _end(question: Question, answer: Answer) -> bool:
    """Done, or put off while VIES does not answer; whether the question was still ours."""
    if answer.outcome == "unavailable":
        return put_off(question, PAUSES, error=answer.evidence)
    return settle(question, "done")


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
    vat_id, asker = normal_vat_id(seller.vat_id), _asker_columns(actor)
    if vat_id[:2] not in VIES_PREFIXES:
        return
    restart(SellerVatIdQuestion.objects.filter(seller=seller), **asker)
    question = SellerVatIdQuestion(seller=seller, vat_id=vat_id, **asker)
    SellerVatIdQuestion.objects.bulk_create([question], ignore_conflicts=True)


def answer_seller_questions(questions: QuerySet[SellerVatIdQuestion], checker: VatIdChecker) -> dict[Outcome, int]:
    """Ask VIES what is due of the questions about sellers, as ``_ask_each`` does."""
    return _ask_each(questions.select_related("seller"), lambda question: _ask_about_seller(question, checker))


def _ask_about_seller(question: SellerVatIdQuestion, checker: VatIdChecker) -> Outcome | None:
    """None where the seller has another id by now, or nobody asks any more."""
    if give_up(question, PAUSES):
        return None
    vat_id = question.seller.vat_id
    if normal_vat_id(vat_id) != question.vat_id:
        settle(question, "done")
        return None
    answer = checker.check(vat_id, requester=vat_id)
    _take_seller_answer(question, answer)
    return answer.outcome


@transaction.atomic
def _take_seller_answer(question: SellerVatIdQuestion, answer: Answer) -> None:
    """Record it and settle the question together, unless somebody else asks by now."""
    if _end(question, answer):
        _record_seller_check(question, answer)


def _record_seller_check(question: SellerVatIdQuestion, answer: Answer) -> None:
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
