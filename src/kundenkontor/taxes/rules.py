"""Which VAT a line carries: electronically supplied services of an EU seller. Pure.

Sources: Art. 44, 58, 59a, 196 Directive 2006/112/EC; § 3a UStG (AT and DE); OSS: Art. 369a ff.; small business:
§ 6 Abs. 1 Z 27 UStG (AT), § 19 UStG (DE). All values are hashable and few, so a caller may cache the decision.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kundenkontor.taxes.territories import JUNGHOLZ_AND_MITTELBERG, rate_area, vat_country

NO_TAX = Decimal(0)  # percent
# an area (``territories.RATE_AREAS``) and a day
RateOf = Callable[[str, date], Decimal | None]


class SellerTaxStatus(NamedTuple):
    """What the rule needs of the seller on the last day of the service period."""

    country: str
    is_small_business: bool
    uses_oss: bool  # rates of the customer's country hold: 10,000 EUR exceeded or waived (Art. 59c)
    is_in_jungholz_or_mittelberg: bool = False


class CustomerTaxStatus(NamedTuple):
    """What the rule needs of the customer: own address, and of its VAT id the state and who issued it.

    ``vat_id_country`` is the member state that issued the VAT id, "" for every other country.
    """

    country: str
    postal_code: str
    city: str
    is_taxable_person: bool
    vat_id_state: str
    vat_id_country: str


class TaxDecision(NamedTuple):
    """Category and rate; whose VAT; VATEX code ("" for none) and the key of the legal note ("" for none)."""

    category: str
    rate: Decimal
    country: str
    reason_code: str
    note_key: str


class Parked(NamedTuple):
    """The line must not be billed before somebody acts; never silently either way (I-T4)."""

    code: str


def decide_vat(
    seller: SellerTaxStatus, customer: CustomerTaxStatus, period_end: date, rate_of: RateOf
) -> TaxDecision | Parked:
    """Decide by the last day of the service period.

    Third country (and territories outside the VAT area): O. Home: standard rate, small business E. Other EU country:
    checked VAT id AE (parked if no member state or the seller's own issued it); unchecked: parked; consumers and
    others: the rate of the customer's country from the day the seller exceeded or waived 10,000 EUR (Art. 59c), else
    the seller's home rate (small business: E). A part of the country with a rate of its own has that one; parked where
    the postal code does not say.
    """
    country = vat_country(customer.country, customer.postal_code, customer.city)
    if country is None:
        return TaxDecision("O", NO_TAX, "", "VATEX-EU-O", "outside_scope")
    if country != seller.country:
        if customer.is_taxable_person and customer.vat_id_state == "unchecked":
            return Parked("check_vat_id")
        if customer.is_taxable_person and customer.vat_id_state == "checked":
            if customer.vat_id_country in ("", seller.country):
                return Parked("vat_id_elsewhere")
            return TaxDecision("AE", NO_TAX, country, "VATEX-EU-AE", "reverse_charge")
        if seller.uses_oss:
            return _standard(country, _area(country, seller, customer), period_end, rate_of)
    if seller.is_small_business:
        return TaxDecision("E", NO_TAX, seller.country, "", "small_business")
    area = _area(country, seller, customer) if country == seller.country else _home_area(seller)
    return _standard(seller.country, area, period_end, rate_of)


def _area(country: str, seller: SellerTaxStatus, customer: CustomerTaxStatus) -> str | None:
    """Whose rate holds where the customer lives. § 10 Abs. 4 UStG (AT) is for sellers established there alone."""
    if country == "AT" and not seller.is_in_jungholz_or_mittelberg:
        return country
    return rate_area(country, customer.postal_code)


def _home_area(seller: SellerTaxStatus) -> str:
    return JUNGHOLZ_AND_MITTELBERG if seller.is_in_jungholz_or_mittelberg else seller.country


def _standard(country: str, area: str | None, period_end: date, rate_of: RateOf) -> TaxDecision | Parked:
    if area is None:
        return Parked("postal_code_unknown")
    rate = rate_of(area, period_end)
    return Parked("rate_missing") if rate is None else TaxDecision("S", rate, country, "", "")
