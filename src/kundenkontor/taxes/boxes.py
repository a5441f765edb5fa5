"""Where a VAT return asks for an amount: Kennzahlen of the Austrian UVA (U 30) and the German UStVA 2026. Pure.

Hints for whoever fills the forms in: they change from year to year, and the adviser has the last word.
"""

from __future__ import annotations

from decimal import Decimal

_GERMAN = {"19": "81", "7": "86", "0": "87"}
_AUSTRIAN = {"20": "022", "10": "029", "13": "006", "19": "037"}


def box_of(seller_country: str, category: str, rate: Decimal, country: str) -> str:
    """The Kennzahl of a sum; "" where no return of the seller's country asks for it, or none is known.

    Germany: other rates 35 with their VAT in 36, reverse charge in the Union 21 (§ 18b UStG), what is not taxable at
    home 45. Austria: the sum of all bases is 000; services to other countries stand in the ZM or in the OSS only.
    """
    number = f"{rate.normalize():f}"
    if seller_country == "DE":
        if category == "S" and country == "DE":
            return _GERMAN.get(number, "35/36")
        return {"AE": "21", "O": "45", "S": "45"}.get(category, "")
    if seller_country == "AT" and category == "S" and country == "AT":
        box = _AUSTRIAN.get(number)
        return f"000, {box}" if box else "000"
    return "000, 016" if seller_country == "AT" and category == "E" else ""
