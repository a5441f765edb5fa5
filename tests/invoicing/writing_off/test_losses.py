"""What is lost per VAT case, and what comes back of it: to the cent. Pure."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.invoicing.books.receipts import Amounts
from kundenkontor.invoicing.writing_off.losses import Case, Losses, bad_debt, losses_of, regained, vat
from kundenkontor.kernel.money import ZERO, round_cents
from kundenkontor.ledger.commands import BAD_DEBT, ROUNDING

cents = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)
nets = st.dictionaries(st.sampled_from([7, 10, 19, 20]), cents, min_size=1)


def rest_of(net: dict[int, Decimal]) -> tuple[dict[Case, Amounts], Decimal]:
    rest = {("S", Decimal(rate), "AT"): Amounts(base, round_cents(base * rate / 100)) for rate, base in net.items()}
    return rest, sum((base + tax for base, tax in rest.values()), ZERO)


def whole_of(rest: dict[Case, Amounts]) -> Losses:
    found = {bad_debt(case): base for case, (base, _) in rest.items()}
    found |= {vat(case): tax for case, (_, tax) in rest.items() if tax}
    return found


@given(nets)
def test_of_what_nobody_paid_all_is_lost_case_by_case(net: dict[int, Decimal]) -> None:
    rest, owed = rest_of(net)

    assert losses_of(rest, owed, owed, {}) == whole_of(rest)


@given(nets, st.integers(1, 99))
def test_what_was_paid_keeps_its_vat_and_a_loss_is_what_is_open(net: dict[int, Decimal], percent: int) -> None:
    rest, owed = rest_of(net)
    paid = round_cents(owed * percent / 100)

    lost = losses_of(rest, owed, owed - paid, {})

    assert sum(lost.values(), ZERO) == owed - paid
    for case, (base, tax) in rest.items():
        assert lost.get(vat(case), ZERO) == tax - round_cents(tax * paid / owed)
        assert lost.get(bad_debt(case), ZERO) == base - round_cents(base * paid / owed)
    assert abs(lost.get(ROUNDING, ZERO)) <= Decimal("0.02") * len(rest)


@given(nets, st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_what_comes_back_in_parts_is_the_loss(net: dict[int, Decimal], weights: list[int]) -> None:
    rest, owed = rest_of(net)
    lost, before, back = losses_of(rest, owed, owed, {}), ZERO, dict[object, Decimal]()
    for index, _ in enumerate(weights, 1):
        upto = round_cents(owed * sum(weights[:index]) / sum(weights))
        part = regained(lost, before, upto - before) if upto > before else {}
        assert sum(part.values(), ZERO) == upto - before
        for key, amount in part.items():
            back[key] = back.get(key, ZERO) + amount
        before = upto

    assert {key: amount for key, amount in back.items() if amount} == lost


@given(nets, st.integers(1, 99))
def test_lost_twice_is_never_more_than_the_document(net: dict[int, Decimal], percent: int) -> None:
    """Money came back in part, was booked, and the rest of the loss stands while that money is returned again."""
    rest, owed = rest_of(net)
    first = losses_of(rest, owed, owed, {})
    came = round_cents(owed * percent / 100) or Decimal("0.01")
    back = regained(first, ZERO, came)
    standing = {key: amount - back.get(key, ZERO) for key, amount in first.items()}
    standing |= {key: -amount for key, amount in back.items() if key not in first}

    second = losses_of(rest, owed, came, standing)

    both = {key: standing.get(key, ZERO) + second.get(key, ZERO) for key in {**standing, **second}}
    assert {key: amount for key, amount in both.items() if amount} == whole_of(rest)


def test_what_was_refunded_of_a_payment_taken_back_by_the_bank_has_no_vat() -> None:
    rest, owed = rest_of({20: Decimal(10)})

    lost = losses_of(rest, owed, owed + 5, {})

    assert lost[BAD_DEBT] == 5
    assert sum(lost.values()) == owed + 5
