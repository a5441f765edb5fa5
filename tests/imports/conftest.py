"""Builders for import tests: the example sets, small files, a seller."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kundenkontor.parties.models import Seller

EXAMPLES = Path(__file__).parent.parent / "data" / "import"
TODAY = date(2026, 11, 23)

FileReader = Callable[[str], bytes]


@pytest.fixture
def example() -> FileReader:
    """The bytes of an example file, by path below the examples."""
    return lambda path: (EXAMPLES / path).read_bytes()


@pytest.fixture
def seller(db: None) -> Seller:
    return Seller.objects.create(
        name="Nordlicht Hosting GmbH",
        short_name="nordlicht",
        street="Hauptplatz 1",
        postal_code="1010",
        city="Wien",
        country="AT",
        email="rechnung@nordlicht.example",
    )
