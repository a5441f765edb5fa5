"""Whose VAT area an address lies in, and the area of its rate: country code and postal code decide, for Livigno and
Campione the city too. Pure.

Outside the area though part of a member state (Art. 6 Directive 2006/112/EC): Helgoland and Büsingen (DE), Ceuta,
Melilla and the Canary Islands (ES), Livigno and Campione d'Italia (IT), Mount Athos (GR), Åland (FI), the French
territories of Art. 349 and 355 TFEU; Greenland writes Danish postal codes and is no part of the Union (DK). Some write
a country code of their own (AX, GP, RE, GL, …): no member state, so outside as well. Campione and Büsingen have Swiss
postal codes too.

Inside: Monaco counts as France (Art. 7). The Isle of Man counts as the United Kingdom (Art. 7), so it is a third
country, and so is Northern Ireland for services: only goods stay in the area (Protocol on Ireland/Northern Ireland,
Annex 3), whether written GB with a BT code or XI. Jungholz and Mittelberg are Austria, though they have German postal
codes as well.

Areas with a rate of their own: Madeira and the Azores (Art. 105 Directive 2006/112/EC), Jungholz and Mittelberg
(Art. 104; § 10 Abs. 4 UStG AT).
"""

from __future__ import annotations

import re
from functools import lru_cache

EU_COUNTRIES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
     "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)  # fmt: skip

# EL is how VAT ids write Greece
COUNTS_AS = {"MC": "FR", "EL": "GR"}

# country -> the postal codes outside its VAT area, digits only
OUTSIDE_VAT_AREA = {
    "DE": re.compile(r"27498|78266|8238"),
    "DK": re.compile(r"39\d\d"),
    "ES": re.compile(r"(35|38|51|52)\d{3}"),
    "FI": re.compile(r"22\d{3}"),
    "FR": re.compile(r"97[1-8]\d\d|98[46-9]\d\d"),
    "GR": re.compile(r"63086|63087"),
    "IT": re.compile(r"23041|22061|6911"),
}
# 23030 and 22060 were shared with communes inside; Campione alone may be the one on Lake Garda
OUTSIDE_IN_ITALY = re.compile(r".*(livigno|campione d.italia).*|22060 campione")
# country -> the postal codes of places that lie in another one
LIES_IN = {"DE": (re.compile(r"87491|8756[789]"), "AT")}

AZORES, MADEIRA, JUNGHOLZ_AND_MITTELBERG = "PT-20", "PT-30", "AT-JM"  # ISO 3166-2; Austria's two have no code there
# member state -> the areas of its rates by postal code, digits only; whatever else is written there is not known
RATE_AREAS: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "PT": (
        (re.compile(r"(9[0-3]\d\d|9400)(\d{3})?"), MADEIRA),
        (re.compile(r"(9[5-8]\d\d|99[0-7]\d|9980)(\d{3})?"), AZORES),
        (re.compile(r"[1-8]\d{3}(\d{3})?"), "PT"),
    ),
    "AT": (
        (re.compile(r"6691|699[123]|87491|8756[789]"), JUNGHOLZ_AND_MITTELBERG),
        (re.compile(r"[1-9]\d{3}"), "AT"),
    ),
}
_NO_DIGIT = re.compile(r"[^0-9]")


@lru_cache(maxsize=65536)
def vat_country(country: str, postal_code: str, city: str) -> str | None:
    """The member state (ISO 3166) whose VAT law holds at an address, or None for a third country or territory."""
    state = COUNTS_AS.get(country, country)
    if state not in EU_COUNTRIES:
        return None
    digits = _NO_DIGIT.sub("", postal_code)
    if country in LIES_IN and LIES_IN[country][0].fullmatch(digits):
        return LIES_IN[country][1]
    outside = OUTSIDE_VAT_AREA.get(country)
    if outside is None:
        return state
    is_outside = outside.fullmatch(digits) or (
        country == "IT" and OUTSIDE_IN_ITALY.fullmatch(f"{digits} {city.strip().lower()}")
    )
    return None if is_outside else state


@lru_cache(maxsize=65536)
def rate_area(state: str, postal_code: str) -> str | None:
    """The area whose rates hold at a postal code of a member state: the state, or a part of it with a rate of its own.

    None where parts have their own and the postal code is none that is known there.
    """
    areas = RATE_AREAS.get(state)
    if areas is None:
        return state
    digits = _NO_DIGIT.sub("", postal_code)
    return next((area for pattern, area in areas if pattern.fullmatch(digits)), None)
