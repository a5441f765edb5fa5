"""The VAT of a line in a run: the tax rule, cached, with the sentence in the customer's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from kundenkontor.billing.drafting import ParkedLine, Taxed
from kundenkontor.invoicing.refusals import Refusal
from kundenkontor.parties.facts import BuyerFacts, SellerFacts
from kundenkontor.taxes.notes import exemption_reason
from kundenkontor.taxes.queries import rate_table
from kundenkontor.taxes.rules import CustomerTaxStatus, Parked, SellerTaxStatus, decide_vat


def tax_for(seller: SellerFacts) -> Callable[[BuyerFacts, date], Taxed]:
    """A function that decides a line's VAT by the last day of its service period. Keep it for one run, not longer:
    it remembers the rates as they are now."""
    rate_of = rate_table()

    @lru_cache(maxsize=100_000)
    def decide(customer: CustomerTaxStatus, vat_id: str, language: str, period_end: date) -> Taxed:
        status = SellerTaxStatus(
            country=seller.country,
            is_small_business=seller.has("small_business", period_end),
            uses_oss=seller.has("oss", period_end),
        )
        decision = decide_vat(status, customer, period_end, rate_of)
        if isinstance(decision, Parked):
            params = {"vat_id": vat_id, "country": customer.country, "on": period_end.isoformat()}
            raise ParkedLine(Refusal(decision.code, "customer.vat_id", params))
        reason = exemption_reason(decision, seller.country, language)
        return Taxed(decision.category, decision.rate, decision.country, decision.reason_code, reason)

    def tax(buyer: BuyerFacts, period_end: date) -> Taxed:
        status = CustomerTaxStatus(buyer.country, buyer.postal_code, buyer.is_taxable_person, buyer.vat_id_state)
        return decide(status, buyer.vat_id, buyer.language, period_end)

    return tax


