"""What numbers look like, and that they have neither gap nor repetition."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from kundenkontor.events.models import Event
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.errors import (
    IssueDateTooEarly,
    NextNumberTooLow,
    NumberAlreadyGiven,
    PatternInvalid,
    SeriesHasDocuments,
    SeriesMeet,
    SeriesOfAnother,
)
from kundenkontor.invoicing.issuing.numbering import ensure_series, refuse_early_date
from kundenkontor.invoicing.issuing.patterns import check_pattern, default_pattern, format_number, may_meet
from kundenkontor.invoicing.issuing.series_commands import set_series
from kundenkontor.invoicing.models import Invoice, NumberSeries
from kundenkontor.kernel.kinds import DEFAULT_PATTERNS
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue, line
from tests.support.jobs import in_a_thread


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("RE{year}{number:06}", "RE2026000042"),
        ("{year}{number:04}", "20260042"),
        ("R{number}", "R42"),
        ("A1{year}B{number:05}", "A12026B00042"),
    ],
)
def test_a_pattern_gives_capitals_and_digits(pattern: str, expected: str) -> None:
    check_pattern(pattern)
    assert format_number(pattern, 2026, 42) == expected


@pytest.mark.security("InvoicePlane CVE-2026-25548")
@pytest.mark.parametrize(
    "pattern",
    [
        "RE-{number}",
        "re{number}",
        "RE{year}",
        "{number.__class__}",
        "{number!r}",
        "{0}",
        "RE{number:99}",
        "X" * 13 + "{number}",
        "",
    ],
)
def test_any_other_pattern_is_refused_and_never_formatted(pattern: str) -> None:
    with pytest.raises(PatternInvalid):
        check_pattern(pattern)


@pytest.mark.django_db
@pytest.mark.feature("M70")
@pytest.mark.invariant("I-N1", "I-N2")
def test_numbers_are_consecutive_and_a_date_before_the_last_one_is_refused() -> None:
    customer = ada(alpenhost())
    numbers = [issue(customer, line()).number for _ in range(3)]

    assert numbers == ["RE2026000001", "RE2026000002", "RE2026000003"]
    with pytest.raises(IssueDateTooEarly):
        issue(customer, line(), on=date(2026, 11, 22))
    assert issue(customer, line()).number == "RE2026000004"


@pytest.mark.django_db
@pytest.mark.invariant("I-N1")
def test_a_year_begins_its_own_series_and_numbers_without_a_year_go_on() -> None:
    seller = alpenhost()
    customer = ada(seller)
    set_series(seller.pk, "invoice", pattern="R{number:05}", next_number=77, on=TODAY, actor=CLARA)
    issue(customer, line())

    assert issue(customer, line(), on=date(2027, 1, 2)).number == "R00078"
    with pytest.raises(IssueDateTooEarly):
        issue(customer, line(), on=date(2026, 12, 31))
    assert list(Invoice.objects.order_by("id").values_list("number", flat=True)) == ["R00077", "R00078"]


@pytest.mark.django_db
@pytest.mark.invariant("I-N2")
def test_once_a_document_bears_the_new_year_none_of_its_kind_is_dated_in_the_old_one() -> None:
    seller = alpenhost()
    customer = ada(seller)
    original = issue(customer, line(), on=date(2026, 12, 30))
    issue(customer, line(), on=date(2027, 1, 2))

    with pytest.raises(IssueDateTooEarly, match=r"02\.01\.2027"):
        issue(customer, line(), on=date(2026, 12, 31))
    with pytest.raises(IssueDateTooEarly):
        refuse_early_date(seller.pk, "invoice", date(2026, 12, 31))
    note = cancel_invoice(original, bill_again=False, reason="", on=date(2026, 12, 31), actor=CLARA).correction
    assert note.number == "RK2026000001"  # another kind, of which nothing bears the new year
    assert issue(customer, line(), on=date(2027, 1, 2)).number == "RE2027000002"


@pytest.mark.django_db
@pytest.mark.invariant("I-N1")
def test_a_late_document_of_the_old_year_takes_no_number_from_the_new_years_series() -> None:
    """Looking over the settings in January makes the new series; a run may still be dated in December."""
    seller = alpenhost()
    customer = ada(seller)
    for day in (TODAY, date(2027, 1, 2)):
        set_series(seller.pk, "invoice", pattern="R{number:05}", next_number=77, on=day, actor=CLARA)

    assert issue(customer, line(), on=date(2026, 12, 31)).number == "R00077"
    assert issue(customer, line(), on=date(2027, 1, 2)).number == "R00078"


@pytest.mark.commits
@pytest.mark.invariant("I-N1", "I-N2")
@pytest.mark.parametrize("is_known", [True, False])
def test_who_takes_a_number_of_the_new_year_holds_the_old_one_until_the_end(is_known: bool) -> None:
    """Numbers without a year go on: meanwhile nobody else may count on in the former series."""
    seller = alpenhost()
    customer = ada(seller)
    set_series(seller.pk, "invoice", pattern="R{number:05}", next_number=77, on=TODAY, actor=CLARA)
    issue(customer, line())
    if is_known:
        issue(customer, line(), on=date(2027, 1, 2))

    with transaction.atomic():
        issue(customer, line(), on=date(2027, 1, 2)) if is_known else ensure_series(seller.pk, "invoice", 2027)
        in_a_thread(_refused_the_old_year)


def _refused_the_old_year() -> None:
    try:
        with pytest.raises(OperationalError), transaction.atomic():
            NumberSeries.objects.select_for_update(nowait=True).get(kind="invoice", year=2026)
    finally:
        connection.close()


@pytest.mark.django_db
@pytest.mark.feature("M70")
def test_the_next_number_is_set_only_before_the_first_document_and_logged() -> None:
    seller = alpenhost()
    set_series(seller.pk, "invoice", pattern="RE{year}{number:06}", next_number=4711, on=TODAY, actor=CLARA)

    assert issue(ada(seller), line()).number == "RE2026004711"
    with pytest.raises(SeriesHasDocuments):
        set_series(seller.pk, "invoice", pattern="RE{year}{number:06}", next_number=1, on=TODAY, actor=CLARA)
    assert Event.objects.get(name="number_series.changed").payload["to"] == ["RE{year}{number:06}", 4711]


@pytest.mark.django_db
@pytest.mark.invariant("I-N1")
def test_a_number_is_unique_over_all_kinds_of_documents() -> None:
    seller = alpenhost()
    issue(ada(seller), line())
    for next_number in (1, 2):
        with pytest.raises(SeriesMeet):
            set_series(
                seller.pk, "credit_note", pattern="RE{year}{number:06}", next_number=next_number, on=TODAY, actor=CLARA
            )
    with pytest.raises(SeriesMeet):  # cancellations have no series yet, but will begin with RK
        set_series(seller.pk, "payment_request", pattern="RK{year}{number:06}", next_number=1, on=TODAY, actor=CLARA)


@pytest.mark.parametrize(
    ("pattern", "other", "meet"),
    [
        ("RE{year}{number:06}", "RK{year}{number:06}", False),
        ("RE{year}{number:06}", "RE{year}{number:04}", True),
        ("RE{number}", "RE{year}{number:06}", True),
        ("RE2026{number}", "RE{year}{number:06}", True),
        ("RE{year}1{number:05}", "RE{year}2{number:05}", False),
        ("1{number:07}", "2{number:07}", False),
        ("{number:07}", "2{number:07}", True),
        ("R{year}A{number}", "R{year}B{number}", False),
        ("R{year}A{number}", "R2026A{number}", True),
        ("R{number}", "RG{number}", False),
    ],
)
def test_series_meet_where_only_digits_tell_them_apart(pattern: str, other: str, meet: bool) -> None:
    assert may_meet(pattern, other) is may_meet(other, pattern) is meet


@pytest.mark.django_db
@pytest.mark.invariant("I-N1")
def test_numbers_without_a_year_begin_above_all_that_were_given() -> None:
    seller = alpenhost()
    customer = ada(seller)
    set_series(seller.pk, "invoice", pattern="R{number}", next_number=98, on=TODAY, actor=CLARA)
    for _ in range(3):
        issue(customer, line())
    next_year = date(2027, 1, 4)

    with pytest.raises(NextNumberTooLow, match="R100"):
        set_series(seller.pk, "invoice", pattern="R{number}", next_number=50, on=next_year, actor=CLARA)

    set_series(seller.pk, "invoice", pattern="R{number}", next_number=200, on=next_year, actor=CLARA)
    assert issue(customer, line(), on=next_year).number == "R200"


@pytest.mark.django_db
@pytest.mark.invariant("I-N1")
def test_a_number_that_was_given_before_is_refused_in_words() -> None:
    """Two series set side by side before such patterns were refused."""
    seller = alpenhost()
    customer = ada(seller)
    issue(customer, line())
    NumberSeries.objects.update(next_number=1)

    with pytest.raises(NumberAlreadyGiven, match="RE2026000001"), transaction.atomic():
        issue(customer, line())


@pytest.mark.django_db
@pytest.mark.invariant("I-N3")
def test_a_refused_draft_draws_no_number() -> None:
    customer = ada(alpenhost(street=""))
    with pytest.raises(Exception, match="Straße und Hausnummer"):
        issue(customer, line())
    assert not NumberSeries.objects.filter(next_number__gt=1).exists()


def test_default_patterns_of_many_sellers_never_meet_and_are_patterns() -> None:
    patterns = [default_pattern(kind, place) for place in range(60) for kind in DEFAULT_PATTERNS]
    for number, pattern in enumerate(patterns):
        check_pattern(pattern)
        assert not any(may_meet(pattern, other) for other in patterns[:number]), pattern
    assert patterns[: len(DEFAULT_PATTERNS)] == list(DEFAULT_PATTERNS.values())


@pytest.mark.django_db
def test_a_second_seller_begins_with_numbers_of_its_own_and_shares_the_firsts_only_on_purpose() -> None:
    first, second = alpenhost(), alpenhost(name="Nordnetz UG", short_name="nordnetz")
    issue(ada(first))
    shared: dict[str, Any] = {"pattern": "RE{year}{number:06}", "next_number": 1, "on": TODAY, "actor": CLARA}
    with pytest.raises(SeriesOfAnother), transaction.atomic():
        set_series(second.pk, "invoice", **shared)
    assert issue(ada(second)).number == "REB2026000001"
    third = alpenhost(name="Drei", short_name="drei")
    set_series(third.pk, "invoice", **shared, is_shared=True)
    assert issue(ada(third)).number == "RE2026000001"
