"""Keyset pages, filters and sorting, on real rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.models import QuerySet
from django.http import QueryDict
from django.template import engines
from django.utils import translation

from kundenkontor.events.models import Event
from kundenkontor.kernel.clock import utc_now
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.paging import KeysetPage

ORDER = ("-business_date", "-id")
SORTS = {
    "date": Sort("Date", ("business_date", "id")),
    "name": Sort("Name", ("name", "id")),
}


def by_name(rows: QuerySet[Event], value: str) -> QuerySet[Event]:
    return rows.filter(name=value)


FILTERS = (
    Filter(
        "name",
        "Name",
        by_name,
        kind="choice",
        choices={"test.a": "A", "test.b": "B"},
    ),
    Filter(
        "since",
        "Since",
        lambda rows, value: rows.filter(business_date__gte=value),
        kind="day",
    ),
    Filter("q", "Search", lambda rows, value: rows.filter(reference=value), kind="search"),
)


def events(count: int) -> QuerySet[Event]:
    """Three events a day, so that pages end inside a day."""
    first = date(2026, 1, 1)
    Event.objects.bulk_create(
        Event(
            name="test.a" if n % 2 else "test.b",
            occurred_at=utc_now(),
            business_date=first + timedelta(days=n // 3),
            actor_kind="system",
            actor_label="test",
            reference=f"N{n}",
        )
        for n in range(count)
    )
    return Event.objects.filter(name__startswith="test.")


def listing(query: str = "") -> Listing:
    return Listing(QueryDict(query), filters=FILTERS, sorts=SORTS, default_sort="-date")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, 10, 20, 23])
def test_pages_show_every_row_once_forwards_and_backwards(count: int) -> None:
    rows = events(count)
    expected = list(rows.order_by(*ORDER).values_list("id", flat=True))

    page = KeysetPage(rows, order=ORDER, size=10)
    seen = [row.pk for row in page.rows]
    while page.next_token:
        page = KeysetPage(rows, order=ORDER, after=page.next_token, size=10)
        seen += [row.pk for row in page.rows]
    assert seen == expected

    back = [row.pk for row in page.rows]
    while page.previous_token:
        page = KeysetPage(rows, order=ORDER, before=page.previous_token, size=10)
        back = [row.pk for row in page.rows] + back
    assert back == expected
    assert page.is_first


@pytest.mark.django_db
def test_a_row_written_meanwhile_does_not_shift_the_next_page() -> None:
    rows = events(20)
    first = KeysetPage(rows, order=ORDER, size=10)
    events(2)
    second = KeysetPage(rows, order=ORDER, after=first.next_token, size=10)
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}


@pytest.mark.django_db
@pytest.mark.security("IDOR")
@pytest.mark.parametrize("token", ["x", "e30:1:2", "'; DROP TABLE events_event;--"])
def test_a_forged_token_leads_to_the_first_page(token: str) -> None:
    rows = events(12)
    assert KeysetPage(rows, order=ORDER, after=token, size=10).rows == KeysetPage(rows, order=ORDER, size=10).rows


@pytest.mark.django_db
def test_a_token_of_another_order_leads_to_the_first_page() -> None:
    rows = events(12)
    token = KeysetPage(rows, order=("name", "id"), size=10).next_token
    assert KeysetPage(rows, order=ORDER, after=token, size=10).is_first


def test_a_mixed_order_is_refused() -> None:
    with pytest.raises(ValueError, match="ascending"):
        KeysetPage(Event.objects.none(), order=("-business_date", "id"))


@pytest.mark.django_db
def test_only_listed_filters_apply_and_the_rest_is_ignored() -> None:
    rows = events(12)
    assert listing("name=test.a").apply(rows).count() == 6
    assert listing("actor_kind=staff&id=1&business_date__gt=2030-01-01").apply(rows).count() == 12
    assert listing("name=other&since=31.2.2026").apply(rows).count() == 12
    assert listing("since=02.01.2026").apply(rows).count() == 9


def test_only_listed_columns_sort() -> None:
    assert listing("sort=-name").order == ("-name", "-id")
    assert listing("sort=password").order == ("-business_date", "-id")
    assert listing().sort_link("date").url == "?sort=date"
    assert listing("sort=name").sort_link("name").direction == "ascending"


def test_a_chip_removes_its_filter_and_keeps_the_rest() -> None:
    chips = listing("name=test.a&q=x&sort=name&after=token&junk=1").chips
    assert [(chip.label, chip.remove_url) for chip in chips] == [
        ("Name: A", "?q=x&sort=name"),
        ("Search: x", "?name=test.a&sort=name"),
    ]


def rendered_filters(query: str) -> str:
    with translation.override("en"):
        return str(engines["jinja2"].from_string("{{ kk.filter_bar(listing) }}").render({"listing": listing(query)}))


def test_the_filters_are_folded_on_a_phone_and_open_and_counted_once_one_is_set() -> None:
    folded, unfolded = rendered_filters("sort=name"), rendered_filters("name=test.a&since=2026-01-02")

    assert '<details class="kk-filter-fold">' in folded and "Filter and sort" in folded
    assert '<details class="kk-filter-fold" open>' in unfolded and "Filter and sort (2 active)" in unfolded


def test_a_wrong_filter_is_not_hidden_in_the_fold() -> None:
    assert '<details class="kk-filter-fold" open>' in rendered_filters("since=nonsense")
