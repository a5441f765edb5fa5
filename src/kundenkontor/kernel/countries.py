"""Countries: the codes of ISO 3166-1 and their names in the Unicode CLDR. Pure; the language is a parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

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
# how people write countries beside their codes and the CLDR's names: plates, VAT ids, older, shorter and longer names
_OTHER_NAMES = {
    "AE": ("VAE", "UAE"), "AT": ("A", "Republik Österreich"), "AX": ("Åland",), "BA": ("Bosnien", "Bosnia"),
    "BE": ("B",), "BY": ("Weißrussland",), "CD": ("DR Kongo", "DR Congo", "Demokratische Republik Kongo"),
    "CG": ("Republik Kongo",), "CH": ("Schweizerische Eidgenossenschaft",),
    "CI": ("Elfenbeinküste", "Ivory Coast"), "CN": ("VR China", "Volksrepublik China"), "CV": ("Kap Verde",),
    "CZ": ("Czech Republic", "Tschechische Republik", "Tschechei"),
    "DE": ("D", "GER", "BRD", "BR Deutschland", "Bundesrepublik Deutschland"),
    "ES": ("E",), "FR": ("F",), "GB": ("UK", "Great Britain", "Großbritannien", "England", "Schottland", "Scotland",
    "Wales", "Nordirland", "Northern Ireland"), "GR": ("EL",), "HU": ("H",),
    "IE": ("IRL", "Republik Irland", "Republic of Ireland"), "IT": ("I",),
    "KR": ("Korea", "South Korea", "Republik Korea"), "LI": ("FL",), "LU": ("L",),
    "MD": ("Moldau", "Moldawien", "Republic of Moldova"), "MK": ("Mazedonien", "Macedonia"),
    "MM": ("Burma", "Birma"), "NL": ("Holland", "The Netherlands"), "NO": ("N",), "PS": ("Palästina", "Palestine"),
    "PT": ("P",), "RU": ("RUS", "Russische Föderation", "Russian Federation"), "SE": ("S",), "SI": ("SLO",),
    "SK": ("Slowakische Republik", "Slovak Republic"), "SZ": ("Swasiland", "Swaziland"),
    "TL": ("Osttimor", "East Timor"), "TR": ("Turkey", "Türkei"),
    "US": ("USA", "United States of America", "Vereinigte Staaten von Amerika"), "VA": ("Vatikan", "Vatican"),
}  # fmt: skip
_AND = re.compile(r" und | and |&", re.IGNORECASE)


@cache
def _codes_by_name() -> Mapping[str, str]:
    names = {_folded(name): code for language in ("de", "en") for code, name in country_names(language).items()}
    return names | {_folded(name): code for code, others in _OTHER_NAMES.items() for name in others}


@cache
def _long_codes() -> Mapping[str, str]:
    """The three letters of ISO 3166-1 alpha-3, which the CLDR keeps as aliases."""
    aliases = get_global("territory_aliases").items()  # of a state that fell apart to several
    return {alias: codes[0] for alias, codes in aliases if len(alias) == 3 and len(codes) == 1}


def _folded(text: str) -> str:
    """``Bosnia & Herzegovina`` is ``Bosnia and Herzegovina``."""
    return fold(_AND.sub(" ", text))


def find_country(text: str) -> str:
    """The code of a country, from its codes, its German or English name or a usual short form; "" for no country."""
    code = text.strip().upper()
    return code if code in COUNTRIES else _codes_by_name().get(_folded(text)) or _long_codes().get(code, "")


def country_name(code: str, language: str) -> str:
    """The name of an ISO 3166-1 alpha-2 code, or the code itself if nobody assigned it."""
    return country_names(language).get(code, code)
