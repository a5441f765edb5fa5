"""List prices follow one another without an overlap."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.catalog.commands import add_price, create_product
from kundenkontor.catalog.errors import PriceBeginsThatDay, PriceEndsBeforeItBegins, PricesOverlap
from kundenkontor.catalog.models import Price, Product
from kundenkontor.kernel.money import ZERO
from tests.support.builders import CLARA, TODAY, alpenhost

pytestmark = pytest.mark.django_db


def domain_at() -> Product:
    made = {"code": "domain-at", "name": "Domain .at", "group": "domains", "is_divisible": False}
    return create_product(alpenhost(), **made, on=TODAY, actor=CLARA)  # type: ignore[arg-type]


def let_begin(product: Product, start: date, end: date | None = None) -> Price:
    return add_price(
        product, period_months=12, amount=Decimal(24), is_gross=False, set_up_fee=ZERO, valid_from=start, valid_to=end,
        on=TODAY, actor=CLARA,
    )  # fmt: skip


def spans(product: Product) -> list[tuple[date, date | None]]:
    return list(Price.objects.filter(product=product).order_by("valid_from").values_list("valid_from", "valid_to"))


def test_a_price_between_two_others_ends_where_the_next_begins() -> None:
    product = domain_at()
    let_begin(product, date(2026, 1, 1))
    let_begin(product, date(2028, 1, 1))

    let_begin(product, date(2027, 1, 1))

    assert spans(product) == [
        (date(2026, 1, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 12, 31)),
        (date(2028, 1, 1), None),
    ]


def test_a_price_that_would_overlap_another_or_end_before_it_begins_is_refused() -> None:
    product = domain_at()
    let_begin(product, date(2027, 1, 1))

    with pytest.raises(PriceBeginsThatDay):
        let_begin(product, date(2027, 1, 1))
    with pytest.raises(PriceEndsBeforeItBegins):
        let_begin(product, date(2026, 2, 1), date(2026, 1, 31))
    with pytest.raises(PricesOverlap):
        let_begin(product, date(2026, 1, 1), date(2027, 1, 1))

    assert spans(product) == [(date(2027, 1, 1), None)]
