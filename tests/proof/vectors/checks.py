"""One function per vector file: it computes what the file's rule states and compares. No Django here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from kundenkontor.contracts.periods import Period, periods_due
from kundenkontor.invoicing.issuing.totals import calculate_totals, line_net_amount
from kundenkontor.kernel.references import creditor_reference
from kundenkontor.taxes.rates import seed_rates
from kundenkontor.taxes.rules import CustomerTaxStatus, Parked, SellerTaxStatus, decide_vat

Case = dict[str, Any]
RATES = seed_rates()
MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12} | {f"{n}-yearly": 12 * n for n in range(2, 11)}
NO_DISCOUNT = Decimal(0)


class VectorLine(NamedTuple):
    """A line as the totals see it."""

    net_amount: Decimal
    vat_category: str
    vat_rate: Decimal


def check_totals(case: Case) -> None:
    lines = []
    for given in case["lines"]:
        quantity, net_price, discount = (Decimal(given[key]) for key in ("quantity", "net_price", "discount_percent"))
        net_amount = line_net_amount(quantity, net_price, discount)
        assert str(net_amount) == given["expect_net_amount"]
        lines.append(VectorLine(net_amount, given["vat_category"], Decimal(given["vat_rate"])))

    totals = calculate_totals(lines)

    breakdown = [
        {
            "vat_category": group.category,
            "vat_rate": str(group.rate),
            "taxable_amount": str(group.taxable_amount),
            "tax_amount": str(group.tax_amount),
        }
        for group in totals.vat_breakdown
    ]
    assert {
        "vat_breakdown": breakdown,
        "total_without_vat": str(totals.total_without_vat),
        "total_vat": str(totals.total_vat),
        "total_with_vat": str(totals.total_with_vat),
    } == case["expect"]


def optional_date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def amount_of(period: Period, case: Case) -> Decimal:
    discount_until = optional_date(case["discount_until"])
    is_discounted = case["discount_percent"] is not None and (discount_until is None or period.start <= discount_until)
    discount = Decimal(case["discount_percent"]) if is_discounted else NO_DISCOUNT
    net_price = Decimal(case["net_price"])
    if period.is_cut:
        return line_net_amount(Decimal(period.days), net_price, discount, Decimal(period.whole_days))
    return line_net_amount(Decimal(1), net_price, discount)


def check_periods(case: Case) -> None:
    due = periods_due(
        date.fromisoformat(case["start_date"]),
        MONTHS[case["period"]],
        billed_until=date.fromisoformat(case["billed_until"]),
        end_date=optional_date(case["end_date"]),
        first_start=optional_date(case["cut_over_date"]),
    )
    found = [
        {
            "period_start": period.start.isoformat(),
            "period_end": period.end.isoformat(),
            "amount": str(amount_of(period, case)),
        }
        for period in due
    ]
    assert found == case["expect"]


def check_taxes(case: Case) -> None:
    seller, customer = case["seller"], case["customer"]
    period_end = date.fromisoformat(case["service_period_end"])
    oss_from = optional_date(seller["oss_from"])
    decision = decide_vat(
        SellerTaxStatus(seller["country"], seller["small_business"], oss_from is not None and oss_from <= period_end),
        CustomerTaxStatus(
            customer["country"], "", "", customer["taxable_person"], customer["vat_id_state"], customer["country"]
        ),
        period_end,
        RATES,
    )
    if isinstance(decision, Parked):
        assert case["expect"] == {"vat_category": "park", "vat_rate": None, "reason": words(decision.code)}
        return
    expected = case["expect"]
    assert decision.category == expected["vat_category"]
    assert decision.rate == Decimal(expected["vat_rate"])
    assert (decision.reason_code or words(decision.note_key) or None) == expected["reason"]


def words(code: str) -> str:
    """A code of ours in the words of the vectors: check_vat_id is "check VAT id"."""
    return code.replace("_", " ").replace("vat id", "VAT id")


def check_references(case: Case) -> None:
    assert creditor_reference(case["number"]) == case["expect_rf"]


CHECKS: dict[str, Callable[[Case], None]] = {
    "totals": check_totals,
    "periods": check_periods,
    "taxes": check_taxes,
    "references": check_references,
}
