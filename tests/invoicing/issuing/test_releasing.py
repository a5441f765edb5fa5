"""A restored database issues nothing until somebody says what was sent; only a declared gap excuses a number."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from kundenkontor.events.actor import Actor
from kundenkontor.events.anchors import anchor_file
from kundenkontor.events.models import Restoration
from kundenkontor.events.restore_commands import note_backup, note_if_behind
from kundenkontor.integrity import keep_evidence
from kundenkontor.invoicing.checks import CHECKS
from kundenkontor.invoicing.errors import (
    GapTooLarge,
    LastNumberTooLow,
    NothingToRelease,
    ReasonMissing,
    RestoredNotReleased,
    SeriesHasDocuments,
)
from kundenkontor.invoicing.issuing.release_commands import release_numbers
from kundenkontor.invoicing.issuing.releasing import SeriesKey, list_series_to_say
from kundenkontor.invoicing.issuing.series_commands import set_series
from kundenkontor.invoicing.models import NumberGap
from kundenkontor.kernel.checks import run_check
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue

OTTO = Actor("operator", "restore")
REASON = "Server lost; backup of last night"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def wrong() -> dict[str, int]:
    return {found.code: found.count for check in CHECKS if (found := run_check(check)).count}


@pytest.mark.invariant("I-N1")
def test_after_a_restore_nothing_is_issued_until_the_last_number_sent_is_said() -> None:
    customer = ada(alpenhost())
    assert issue(customer).number == "RE2026000001"
    note_backup(on=TODAY, actor=OTTO)
    with pytest.raises(RestoredNotReleased):
        issue(customer)

    key = SeriesKey(customer.seller_id, "invoice", 2026)
    (gap,) = release_numbers({key: 4}, reason=REASON, on=TODAY, actor=CLARA)

    assert (gap.first, gap.last, gap.reason, gap.declared_by) == (2, 4, REASON, "clara")
    assert issue(customer).number == "RE2026000005"
    assert wrong() == {}


def test_only_a_declared_gap_excuses_a_missing_number() -> None:
    customer = ada(alpenhost())
    issue(customer)
    note_backup(on=TODAY, actor=OTTO)
    release_numbers({SeriesKey(customer.seller_id, "invoice", 2026): 3}, reason=REASON, on=TODAY, actor=CLARA)
    issue(customer)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("UPDATE invoicing_numberseries SET next_number = 7")
    issue(customer)
    assert wrong() == {"numbers_have_no_gaps": 1}


def test_the_database_itself_refuses_a_document_before_the_release() -> None:
    customer = ada(alpenhost())
    issue(customer)
    note_backup(on=TODAY, actor=OTTO)
    with pytest.raises(IntegrityError, match="nobody has said"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO invoicing_invoice SELECT * FROM invoicing_invoice WHERE false")


def test_an_anchor_ahead_of_the_database_stops_issuing_before_anybody_noted_it() -> None:
    """The chain of another day stands in the file, with the numbers given by then."""
    customer = ada(alpenhost())
    issue(customer)
    keep_evidence(0)
    (line,) = anchor_file().read_text().splitlines()
    head = line.split()
    later = f"{head[0]} {int(head[1]) + 900} {'ab' * 32} {customer.seller_id}/invoice/2026=41"
    anchor_file().write_text(f"{line}\n{later}\n")
    with pytest.raises(RestoredNotReleased):
        issue(customer)

    keep_evidence(0)

    (restoration,) = Restoration.objects.all()
    assert (restoration.cause, restoration.sequence) == ("anchors", int(head[1]))
    asked = {one.key.kind: (one.last, one.known) for one in list_series_to_say(TODAY)}
    assert asked == {"invoice": (1, 41), "credit_note": (0, 0)}
    release_numbers({SeriesKey(customer.seller_id, "invoice", 2026): 41}, reason=REASON, on=TODAY, actor=CLARA)
    assert issue(customer).number == "RE2026000042"
    assert note_if_behind(on=TODAY) is None


def test_a_series_that_only_the_lost_state_had_is_made_with_its_gap() -> None:
    """The first document of the new year was sent after the backup of New Year's Eve."""
    customer = ada(alpenhost())
    issue(customer)
    note_backup(on=TODAY, actor=OTTO)
    release_numbers(
        {SeriesKey(customer.seller_id, "invoice", 2026): 1, SeriesKey(customer.seller_id, "invoice", 2027): 2},
        reason=REASON,
        on=date(2027, 1, 2),
        actor=CLARA,
    )
    assert issue(customer, on=date(2027, 1, 2)).number == "RE2027000003"
    assert wrong() == {}


def test_what_cannot_be_is_refused() -> None:
    customer = ada(alpenhost())
    issue(customer)
    issue(customer)
    key = SeriesKey(customer.seller_id, "invoice", 2026)
    with pytest.raises(NothingToRelease):
        release_numbers({key: 2}, reason=REASON, on=TODAY, actor=CLARA)
    note_backup(on=TODAY, actor=OTTO)
    for last, reason, refusal in (
        (1, REASON, LastNumberTooLow),
        (2, " ", ReasonMissing),
        (1_000_003, REASON, GapTooLarge),
    ):
        with pytest.raises(refusal):
            release_numbers({key: last}, reason=reason, on=TODAY, actor=CLARA)
    assert NumberGap.objects.count() == 0


def test_a_series_with_a_gap_cannot_be_set_back() -> None:
    seller = alpenhost()
    note_backup(on=TODAY, actor=OTTO)
    release_numbers({SeriesKey(seller.pk, "invoice", 2026): 7}, reason=REASON, on=TODAY, actor=CLARA)
    with pytest.raises(SeriesHasDocuments):
        set_series(seller.pk, "invoice", pattern="RE{year}{number:06}", next_number=3, on=TODAY, actor=CLARA)
