"""Parts of member states that lie outside the VAT area, by postal code. Pure.

Art. 6 Directive 2006/112/EC: Helgoland and Büsingen (DE), Ceuta, Melilla and the Canary Islands (ES), Livigno (IT),
Mount Athos (GR), Åland (FI), French territories of Art. 349 and 355 TFEU. Northern Ireland is a third country for
services (Protocol, Annex 3); Monaco and the Isle of Man are countries of their own here and follow the country code.
"""

from __future__ import annotations

from functools import lru_cache

# country -> prefixes of postal codes (digits only)
OUTSIDE_VAT_AREA: dict[str, tuple[str, ...]] = {
    "DE": ("27498", "78266"),
    "ES": ("35", "38", "51", "52"),
    "IT": ("23041",),  # 23030 was shared with other communes until 2018: staff decide
    "GR": ("63086", "63087"),
    "FI": ("22",),
    "FR": ("971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988"),
}


@lru_cache(maxsize=65536)
def is_outside_vat_area(country: str, postal_code: str) -> bool:
    """Whether an address in a member state lies in a territory where its VAT law does not apply."""
    prefixes = OUTSIDE_VAT_AREA.get(country)
    if prefixes is None:
        return False
    digits = "".join(char for char in postal_code if char.isdigit())
    return digits.startswith(prefixes)
