"""Which documents a reference names, and that they are settled first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from kundenkontor.payments.allocating import allocate, is_named
from tests.support.builders import TODAY


@pytest.mark.feature("M48")
@pytest.mark.parametrize(
    ("number", "reference", "named"),
    [
        ("RE2026000123", "Kunde 1234 / Rechnung RE2026000123", True),
        ("RE2026000123", "RF18 RE20 2600 0123", True),
        ("RE2026000123", "re-2026-000123 danke", True),
        ("RE2026000012", "RE2026000123", False),
        ("12345", "Kunde 1234 / Rechnung 12345", True),
        ("1234", "Rechnung 12345", False),
        ("345", "Rechnung 12345", False),
    ],
)
def test_a_reference_names_a_document(number: str, reference: str, named: bool) -> None:
    assert is_named(number, reference) is named


@dataclass
class Open:
    """What allocating asks of an item; the first one is due first."""

    number: str
    pk: int
    open_amount: Decimal = Decimal(10)
    due_date: date = TODAY


@pytest.mark.parametrize(
    ("reference", "settled"),
    [
        ("RE2026000003 11001", ["RE2026000003"]),  # the customer's number behind it
        ("RE2026000003 01.11.2026", ["RE2026000003"]),
        ("re-2026-000003 11001", ["RE2026000003"]),
        ("RF18 RE20 2600 0003 11001", ["RE2026000003"]),
        ("RE2026000002 RE2026000003 11001", ["RE2026000002", "RE2026000003"]),
        ("RE20260000031", ["RE2026000001"]),  # another number
        ("XRE2026000003 1", ["RE2026000001"]),
        ("RE12 345", ["RE12345"]),
        ("RE12 vom 3.4.", ["RE12"]),
    ],
)
def test_a_named_document_comes_first_whatever_digits_stand_behind_it(reference: str, settled: list[str]) -> None:
    numbers = ("RE2026000001", "RE2026000002", "RE2026000003", "RE12", "RE12345")
    owed = [Open(number, pk) for pk, number in enumerate(numbers)]
    parts = allocate(Decimal(10 * len(settled)), reference, owed)
    assert [numbers[pk] for pk, _ in parts] == settled
