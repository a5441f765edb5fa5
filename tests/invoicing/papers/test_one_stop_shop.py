"""A document with another country's VAT says so; no other document does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.papers.freezing import freeze_invoices
from tests.support.builders import alpenhost, bob, issue, line

FINNISH = {"rate": Decimal("25.5"), "country": "FI"}


def notes(language: str, note: str = "", **changes: Any) -> tuple[str, ...]:
    invoice = issue(bob(alpenhost(), country="FI", language=language), line(**changes), note=note)
    return freeze_invoices([invoice.pk])[invoice.pk].invoice.notes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", "Umsatzsteuer des Bestimmungslandes Finnland, abgeführt über den One-Stop-Shop (OSS)"),
        ("en", "VAT of the country of destination, Finland, paid through the One-Stop-Shop (OSS)"),
    ],
)
def test_oss_vat_is_named_with_its_country_before_the_own_note(language: str, expected: str) -> None:
    assert notes(language, "Danke.", **FINNISH) == (expected, "Danke.")


@pytest.mark.django_db
def test_the_sellers_own_vat_needs_no_such_note() -> None:
    assert notes("de") == ()
