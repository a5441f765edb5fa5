"""What money taxes of a document and its corrections, step by step and to the cent. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.invoicing.books.receipts import Amounts, Family, Move, taxed_by_moves
from kundenkontor.kernel.money import ZERO, round_cents

DAY = date(2026, 11, 1)
DOCUMENT, CORRECTION = 1, 2
Rows = dict[int, Amounts]


def gross(rows: Rows) -> Decimal:
    return sum((base + tax for base, tax in rows.values()), ZERO)


def rows_of(nets: dict[int, Decimal]) -> Rows:
    return {rate: Amounts(net, round_cents(net * rate / 100)) for rate, net in nets.items()}


def move(amount: str | Decimal, document: int = DOCUMENT) -> Move:
    return Move(document, Decimal(amount), False, DAY, DAY)


ISSUED = Move(CORRECTION, ZERO, True, DAY, DAY)


def total(family: Family[int]) -> Rows:
    """What is taxed after all moves."""
    found: Rows = {}
    for _, changes in taxed_by_moves(family):
        for rate, (base, tax) in changes.items():
            before = found.get(rate, Amounts(ZERO, ZERO))
            found[rate] = Amounts(before.base + base, before.tax + tax)
    return {rate: amounts for rate, amounts in found.items() if any(amounts)}


cents = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)
nets = st.dictionaries(st.sampled_from([7, 10, 19, 20]), cents, min_size=1)


@given(nets, st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_parts_of_a_payment_add_up_to_the_document(net: dict[int, Decimal], weights: list[int]) -> None:
    rows = rows_of(net)
    whole, paid, moves = gross(rows), ZERO, []
    for index, _ in enumerate(weights, 1):
        upto = round_cents(whole * sum(weights[:index]) / sum(weights))
        moves.append(move(upto - paid))
        paid = upto

    assert total(Family(DOCUMENT, whole, rows, {}, moves)) == rows


@given(nets, st.data())
def test_an_unpaid_correction_taxes_nothing_and_what_is_left_is_taxed_when_it_is_paid(
    net: dict[int, Decimal], data: st.DataObject
) -> None:
    rows = rows_of(net)
    taken = {rate: data.draw(st.decimals(0, amount, places=2), label=str(rate)) for rate, amount in net.items()}
    corrected = {
        rate: Amounts(base, rows[rate].tax - round_cents((net[rate] - base) * rate / 100))
        for rate, base in taken.items()
    }
    whole, back = gross(rows), gross(corrected)
    cleared = [ISSUED, move(back), move(back, CORRECTION)]
    corrections = {CORRECTION: (back, corrected)}
    assert total(Family(DOCUMENT, whole, rows, corrections, cleared)) == {}

    left = {rate: Amounts(rows[rate].base - base, rows[rate].tax - tax) for rate, (base, tax) in corrected.items()}
    rest = move(whole - back)
    assert total(Family(DOCUMENT, whole, rows, corrections, [*cleared, rest])) == _without_nothing(left)


@given(nets, st.data())
def test_a_paid_document_stays_taxed_until_what_was_corrected_is_given_out(
    net: dict[int, Decimal], data: st.DataObject
) -> None:
    rows = rows_of(net)
    rate = data.draw(st.sampled_from(sorted(net)))
    corrected = {rate: rows[rate]}
    whole, back = gross(rows), gross(corrected)
    paid = [move(whole), ISSUED]
    corrections = {CORRECTION: (back, corrected)}
    assert total(Family(DOCUMENT, whole, rows, corrections, paid)) == rows

    given_out = move(back, CORRECTION)
    left = {other: amounts for other, amounts in rows.items() if other != rate}
    assert total(Family(DOCUMENT, whole, rows, corrections, [*paid, given_out])) == left


def test_a_correction_leaves_what_was_paid_to_the_rates_that_are_still_owed() -> None:
    rows = rows_of({20: Decimal(100), 10: Decimal(100)})
    corrected = {10: rows[10]}
    half = [move("115.00"), ISSUED, move("110.00"), move("110.00", CORRECTION)]
    family = Family(DOCUMENT, Decimal("230.00"), rows, {CORRECTION: (Decimal("110.00"), corrected)}, half)

    assert total(family) == {20: Amounts(Decimal("95.83"), Decimal("19.17"))}


def _without_nothing(rows: Rows) -> Rows:
    return {rate: amounts for rate, amounts in rows.items() if any(amounts)}
