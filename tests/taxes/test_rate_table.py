"""The rate table that staff maintain: no gap, no overlap, whoever writes."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction

from kundenkontor.events.models import Event
from kundenkontor.kernel.errors import DomainError
from kundenkontor.taxes.commands import add_rate
from kundenkontor.taxes.errors import CountryHasNoRates, RateNotNewer, RateOutOfRange
from kundenkontor.taxes.models import TaxRate
from kundenkontor.taxes.queries import rate_table
from kundenkontor.taxes.rates import AREA_RATES, STANDARD_RATES
from tests.support.builders import CLARA, TODAY
from tests.taxes.seeds import seed_rates

DAY = timedelta(days=1)
CHANGE = date(2027, 1, 1)


@pytest.mark.django_db
def test_a_fresh_installation_has_the_built_in_rates() -> None:
    table, built_in = rate_table(), seed_rates()

    for country, rows in (STANDARD_RATES | AREA_RATES).items():
        for start, _ in rows:
            for day in (date.fromisoformat(start) - DAY, date.fromisoformat(start), TODAY):
                assert table(country, day) == built_in(country, day)


@pytest.mark.django_db
@pytest.mark.invariant("I-T3")
def test_a_new_rate_closes_the_former_row_the_day_before() -> None:
    added = add_rate("AT", Decimal("22"), CHANGE, on=TODAY, actor=CLARA)

    table = rate_table()
    assert (table("AT", CHANGE - DAY), table("AT", CHANGE)) == (Decimal("20"), Decimal("22"))
    assert list(TaxRate.objects.filter(country="AT").order_by("valid_from").values_list("valid_to", flat=True)) == [
        CHANGE - DAY,
        None,
    ]
    event = Event.objects.get(name="tax_rate.added")
    assert event.subject_id == added.pk
    assert event.payload == {"country": "AT", "rate": "22", "valid_from": "2027-01-01"}


@pytest.mark.django_db
def test_the_newest_row_is_mended_by_entering_its_day_again() -> None:
    add_rate("AT", Decimal("2.2"), CHANGE, on=TODAY, actor=CLARA)
    add_rate("AT", Decimal("22"), CHANGE, on=TODAY, actor=CLARA)

    assert TaxRate.objects.filter(country="AT").count() == 2
    assert rate_table()("AT", CHANGE) == Decimal("22")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("country", "rate", "valid_from", "refusal"),
    [
        ("CH", "8.1", CHANGE, CountryHasNoRates),
        ("AT", "100.01", CHANGE, RateOutOfRange),
        ("AT", "-1", CHANGE, RateOutOfRange),
        ("AT", "20.005", CHANGE, RateOutOfRange),
        ("EE", "25", date(2025, 6, 30), RateNotNewer),
    ],
)
def test_a_rate_that_cannot_be_is_refused(
    country: str, rate: str, valid_from: date, refusal: type[DomainError]
) -> None:
    before = list(TaxRate.objects.order_by("pk").values_list("pk", "rate", "valid_from", "valid_to"))

    with pytest.raises(refusal) as refused:
        add_rate(country, Decimal(rate), valid_from, on=TODAY, actor=CLARA)

    assert str(refused.value)
    assert list(TaxRate.objects.order_by("pk").values_list("pk", "rate", "valid_from", "valid_to")) == before


@pytest.mark.django_db
@pytest.mark.invariant("I-T3")
@pytest.mark.parametrize(
    "row",
    [
        {"country": "AT", "rate": 22, "valid_from": CHANGE},
        {"country": "DE", "rate": 18, "valid_from": date(2020, 12, 31), "valid_to": date(2020, 12, 31)},
        {"country": "XX", "rate": 101, "valid_from": CHANGE},
        {"country": "XX", "rate": -1, "valid_from": CHANGE},
        {"country": "XX", "rate": 20, "valid_from": CHANGE, "valid_to": CHANGE - DAY},
    ],
)
def test_the_database_refuses_overlapping_and_absurd_rates(row: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxRate.objects.create(**row)


@pytest.mark.django_db
@pytest.mark.invariant("I-T3")
def test_a_day_between_two_rows_has_no_rate_instead_of_the_earlier_one() -> None:
    TaxRate.objects.filter(country="AT").update(valid_to=date(2026, 12, 31))
    TaxRate.objects.create(country="AT", rate=22, valid_from=date(2027, 2, 1))

    table = rate_table()

    assert table("AT", date(2026, 12, 31)) == Decimal("20")
    assert table("AT", date(2027, 1, 1)) is None
    assert table("AT", date(2027, 2, 1)) == Decimal("22")


@pytest.mark.commits
@pytest.mark.invariant("I-T3")
def test_clerks_who_enter_rates_at_the_same_moment_leave_no_gap_and_no_overlap() -> None:
    start = threading.Barrier(4)
    refused: list[Exception] = []

    def enter(months: int) -> None:
        try:
            start.wait()
            add_rate("AT", Decimal(20 + months), date(2027, months, 1), on=TODAY, actor=CLARA)
        except RateNotNewer as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=(months,)) for months in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    rows = list(TaxRate.objects.filter(country="AT").order_by("valid_from"))
    assert len(rows) == 1 + 4 - len(refused)
    assert len(rows) >= 2
    assert all(later.valid_from - DAY == earlier.valid_to for earlier, later in pairwise(rows))
    assert rows[-1].valid_to is None
