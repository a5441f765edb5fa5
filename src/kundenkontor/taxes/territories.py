"""Whose VAT area an address lies in: country code and postal code decide, for Livigno and Campione the city too. Pure.

Outside the area though part of a member state (Art. 6 Directive 2006/112/EC): Helgoland and Büsingen (DE), Ceuta,
Melilla and the Canary Islands (ES), Livigno and Campione d'Italia (IT), Mount Athos (GR), Åland (FI), the French
territories of Art. 349 and 355 TFEU; Greenland writes Danish postal codes and is no part of the Union (DK). Some write
a country code of their own (AX, GP, RE, GL, …): no member state, so outside as well. Campione and Büsingen have Swiss
postal codes too.

Inside: Monaco counts as France (Art. 7). The Isle of Man counts as the United Kingdom (Art. 7), so it is a third
country, and so is Northern Ireland for services: only goods stay in the area (Protocol on Ireland/Northern Ireland,
Annex 3), whether written GB with a BT code or XI.
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
_NO_DIGIT = re.compile(r"[^0-9]")


@lru_cache(maxsize=65536)
def vat_country(country: str, postal_code: str, city: str) -> str | None:
    """The member state (ISO 3166) whose VAT law holds at an address, or None for a third country or territory."""
    state = COUNTS_AS.get(country, country)
    if state not in EU_COUNTRIES:
        return None
    outside = OUTSIDE_VAT_AREA.get(country)
    if outside is None:
        return state
    digits = _NO_DIGIT.sub("", postal_code)
    is_outside = outside.fullmatch(digits) or (
        country == "IT" and OUTSIDE_IN_ITALY.fullmatch(f"{digits} {city.strip().lower()}")
    )
    return None if is_outside else state
