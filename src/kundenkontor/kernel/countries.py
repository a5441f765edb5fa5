"""Countries: the codes of ISO 3166-1 and their names in the Unicode CLDR. Pure; the language is a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale

from kundenkontor.kernel.formats import is_german
from kundenkontor.kernel.texts import fold

# two letters in the CLDR, but no country: unions, outlying parts of others, codes for tests
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])
# the CLDR's own short names, which Babel leaves out
_SHORT_NAMES = {"de": {"HK": "Hongkong", "MO": "Macau"}, "en": {"HK": "Hong Kong", "MO": "Macao"}}


@cache
def country_names(language: str) -> Mapping[str, str]:
    """Every country's name by its code; German for ``de`` and its regions, else English."""
    known = "de" if is_german(language) else "en"
    named = {code: name for code, name in Locale(known).territories.items() if len(code) == 2}
    return {code: name for code, name in named.items() if code not in _NO_COUNTRIES} | _SHORT_NAMES[known]


COUNTRIES = frozenset(country_names("en"))
# how people write countries beside their code and the CLDR's names: plates, VAT ids, older and longer names
_OTHER_NAMES = {
    "AT": ("A", "Republik Österreich"), "BE": ("B",), "BY": ("Weißrussland",),
    "CH": ("Schweizerische Eidgenossenschaft",),
    "CZ": ("Czech Republic", "Tschechische Republik", "Tschechei"), "DE": ("D", "BRD", "Bundesrepublik Deutschland"),
    "ES": ("E",), "FR": ("F",), "GB": ("UK", "Great Britain", "Großbritannien", "England", "Schottland", "Scotland",
    "Wales", "Nordirland", "Northern Ireland"), "GR": ("EL",), "HU": ("H",), "IE": ("IRL", "Republik Irland"),
    "IT": ("I",), "KR": ("Korea", "South Korea"), "LI": ("FL",), "LU": ("L",), "MK": ("Mazedonien", "Macedonia"),
    "NL": ("Holland", "The Netherlands"), "NO": ("N",), "PT": ("P",),
    "RU": ("Russische Föderation", "Russian Federation"),
    "SE": ("S",), "SI": ("SLO",), "SK": ("Slowakische Republik", "Slovak Republic"), "TR": ("Turkey", "Türkei"),
    "US": ("USA", "United States of America", "Vereinigte Staaten von Amerika"),
}  # fmt: skip


@cache
def _codes_by_name() -> Mapping[str, str]:
    names = {fold(name): code for language in ("de", "en") for code, name in country_names(language).items()}
    return names | {fold(name): code for code, others in _OTHER_NAMES.items() for name in others}


def find_country(text: str) -> str:
    """The code of a country, from its code, its German or English name or a usual short form; "" for no country."""
    code = text.strip().upper()
    return code if code in COUNTRIES else _codes_by_name().get(fold(text), "")


def country_name(code: str, language: str) -> str:
    """The name of an ISO 3166-1 alpha-2 code, or the code itself if nobody assigned it."""
    return country_names(language).get(code, code)
