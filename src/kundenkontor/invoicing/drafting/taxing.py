"""The VAT of a line: the tax rule, cached, with the sentence in the customer's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from kundenkontor.invoicing.issuing.lines import Tax
from kundenkontor.invoicing.issuing.reasons import (
    PostalCodeUnknown,
    RateMissing,
    Unissuable,
    VatIdElsewhere,
    VatIdToCheck,
)
from kundenkontor.parties.facts import BuyerFacts, SellerFacts
from kundenkontor.taxes.notes import exemption_reason
from kundenkontor.taxes.queries import rate_table
from kundenkontor.taxes.rates import RateTable
from kundenkontor.taxes.rules import CustomerTaxStatus, Parked, SellerTaxStatus, decide_vat
from kundenkontor.taxes.territories import RATE_AREAS, vat_country
from kundenkontor.taxes.vat_ids import issuing_state


def tax_for(seller: SellerFacts) -> Callable[[BuyerFacts, date], Tax]:
    """A function that decides a line's VAT by the last day of its service period, or raises Unissuable.

    Keep it for one run, not longer: it remembers the rates as they are now.
    """
    rate_of = rate_table()
    is_split = any(kind == "jungholz_mittelberg" for kind, _, _ in seller.tax_settings)
    by_postal_code = frozenset(RATE_AREAS) - (frozenset() if is_split else {"AT"})  # § 10 Abs. 4 UStG (AT)
    decided: dict[tuple[CustomerTaxStatus, str], dict[date, Tax | Parked]] = {}
    current: BuyerFacts | None = None  # a buyer's lines are taxed one after the other
    of_current: dict[date, Tax | Parked] = {}

    def tax(buyer: BuyerFacts, period_end: date) -> Tax:
        nonlocal current, of_current
        if buyer is not current:
            current, of_current = buyer, decided.setdefault((_status_of(buyer, by_postal_code), buyer.language), {})
        taxed = of_current.get(period_end)
        if taxed is None:
            status = _status_of(buyer, by_postal_code)
            taxed = of_current[period_end] = _decide(seller, status, buyer.language, period_end, rate_of)
        if isinstance(taxed, Parked):
            raise _reason(taxed, buyer, period_end)
        return taxed

    return tax


def _reason(parked: Parked, buyer: BuyerFacts, period_end: date) -> Unissuable:
    if parked.code == "rate_missing":
        return RateMissing(country=buyer.country, on=period_end)
    if parked.code == "postal_code_unknown":
        return PostalCodeUnknown(postal_code=buyer.postal_code, country=buyer.country)
    kinds = {"check_vat_id": VatIdToCheck, "vat_id_elsewhere": VatIdElsewhere}
    return kinds[parked.code](vat_id=buyer.vat_id)


def _status_of(buyer: BuyerFacts, by_postal_code: frozenset[str]) -> CustomerTaxStatus:
    """Postal code and city only where they decide, so that few different statuses recur."""
    is_special = buyer.country in by_postal_code
    is_special = is_special or vat_country(buyer.country, buyer.postal_code, buyer.city) != buyer.country
    postal_code, city = (buyer.postal_code, buyer.city) if is_special else ("", "")
    state, issued_by = buyer.vat_id_state, issuing_state(buyer.vat_id)
    return CustomerTaxStatus(buyer.country, postal_code, city, buyer.is_taxable_person, state, issued_by)


def _decide(
    seller: SellerFacts, customer: CustomerTaxStatus, language: str, period_end: date, rate_of: RateTable
) -> Tax | Parked:
    status = SellerTaxStatus(
        country=seller.country,
        is_small_business=seller.has("small_business", period_end),
        uses_oss=seller.has("destination_rate", period_end) or seller.has("oss", period_end),
        is_in_jungholz_or_mittelberg=seller.has("jungholz_mittelberg", period_end),
    )
    decision = decide_vat(status, customer, period_end, rate_of)
    if isinstance(decision, Parked):
        return decision
    reason = exemption_reason(decision, seller.country, language)
    return Tax(decision.category, decision.rate, decision.country, decision.reason_code, reason)
