"""Payment references: our own ISO 11649 against python-stdnum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from kundenkontor.kernel.references import creditor_reference, payment_purpose

NUMBERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=21)


@given(NUMBERS)
def test_every_reference_passes_an_independent_check(number: str) -> None:
    reference = creditor_reference(number)

    assert iso11649.is_valid(reference)
    assert reference[4:] == number


@given(st.text("0123456789", min_size=1, max_size=21), st.data())
def test_a_wrong_digit_is_noticed(number: str, data: st.DataObject) -> None:
    reference = creditor_reference(number)
    place = data.draw(st.integers(4, len(reference) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda char: char != reference[place]))

    assert not iso11649.is_valid(reference[:place] + other + reference[place + 1 :])


def test_only_letters_and_digits_of_the_number_count() -> None:
    assert creditor_reference("re-2026/000123") == creditor_reference("RE2026000123")


@pytest.mark.parametrize("number", ["", "–/–", "A" * 22, "Ω"])
def test_a_number_that_fits_no_reference_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="no creditor reference"):
        creditor_reference(number)


def test_the_purpose_names_customer_and_document() -> None:
    assert payment_purpose("1234", "12345") == "Kunde 1234 / Rechnung 12345"
