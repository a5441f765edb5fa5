"""Countries: the codes of ISO 3166-1 and their names in the Unicode CLDR. Pure; the language is a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale

# two letters in the CLDR, but no country: unions, outlying parts of others, codes for tests
_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])
# the CLDR's own short names, which Babel leaves out
_SHORT_NAMES = {"de": {"HK": "Hongkong", "MO": "Macau"}, "en": {"HK": "Hong Kong", "MO": "Macao"}}


@cache
def country_names(language: str) -> Mapping[str, str]:
    """Every country's name by its code; German for ``de`` and its regions, else English."""
    known = "de" if language.startswith("de") else "en"
    named = {code: name for code, name in Locale(known).territories.items() if len(code) == 2}
    return {code: name for code, name in named.items() if code not in _NO_COUNTRIES} | _SHORT_NAMES[known]


COUNTRIES = frozenset(country_names("en"))


def country_name(code: str, language: str) -> str:
    """The name of an ISO 3166-1 alpha-2 code, or the code itself if nobody assigned it."""
    return country_names(language).get(code, code)
