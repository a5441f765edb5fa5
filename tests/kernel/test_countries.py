"""Countries by code and name."""

from __future__ import annotations

import pytest

from kundenkontor.imports.reading.values import parse_country
from kundenkontor.kernel.countries import COUNTRIES, country_name, country_names


def test_every_code_of_iso_3166_is_a_country_and_no_other() -> None:
    """249 are assigned; a new edition of the CLDR brings others too."""
    assert len(COUNTRIES) == 249
    assert COUNTRIES.isdisjoint({"EU", "UN", "XK", "ZZ", "CQ"})
    assert country_names("de").keys() == country_names("en-gb").keys() == COUNTRIES


@pytest.mark.parametrize(
    ("code", "german", "english"),
    [("AT", "Österreich", "Austria"), ("HK", "Hongkong", "Hong Kong"), ("ZZ", "ZZ", "ZZ")],
)
def test_countries_are_named_in_the_readers_language(code: str, german: str, english: str) -> None:
    assert country_name(code, "de") == german
    assert country_name(code, "en") == english


def test_an_import_takes_codes_and_both_names() -> None:
    for written in ("DK", "Dänemark", "daenemark", "Denmark"):
        assert parse_country(written) == "DK"
    assert parse_country("Czech Republic") == "CZ"
