"""Countries by code and name."""

from __future__ import annotations

import pytest

from kundenkontor.imports.reading.values import parse_country
from kundenkontor.kernel.countries import COUNTRIES, country_name, country_names, find_country


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


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("BA", ("Bosnia and Herzegovina", "Bosnia & Herzegovina", "Bosnien & Herzegowina", "Bosnien", "BIH")),
        ("TT", ("Trinidad and Tobago", "Trinidad UND Tobago", "TTO")),
        ("MD", ("Republik Moldau", "Moldau", "Moldawien", "MDA")),
        ("CI", ("Elfenbeinküste", "Ivory Coast", "Côte d’Ivoire", "Cote d'Ivoire")),
        ("VA", ("Vatikan", "Vatikanstadt", "Vatican City")),
        ("DE", ("DEU", "GER", "ger", "BR Deutschland")),
        ("GR", ("EL", "GRC", "Griechenland")),
        ("", ("SUN", "ANT", "und", "&", "Kanaren")),
    ],
)
def test_a_country_is_known_by_its_longer_codes_and_the_usual_forms_of_its_name(
    code: str, written: tuple[str, ...]
) -> None:
    assert {text: find_country(text) for text in written} == dict.fromkeys(written, code)


def test_no_short_form_is_a_name_of_another_country() -> None:
    for language in ("de", "en"):
        for code, name in country_names(language).items():
            assert (find_country(name), find_country(code)) == (code, code)
            assert find_country(name.replace("&", "and" if language == "en" else "und")) == code
