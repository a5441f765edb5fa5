"""One function per vector file: it computes what the file's rule states and compares. No Django here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from kundenkontor.contracts.periods import Period, periods_due
from kundenkontor.invoicing.issuing.gross import GroupKey, net_of, payable_of, spread_net
from kundenkontor.invoicing.issuing.totals import Totals, calculate_totals, line_net_amount
from kundenkontor.kernel.money import ZERO
from kundenkontor.kernel.references import creditor_reference
from kundenkontor.taxes.rules import CustomerTaxStatus, Parked, SellerTaxStatus, decide_vat
from tests.taxes.seeds import seed_rates

Case = dict[str, Any]
RATES = seed_rates()
MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12} | {f"{n}-yearly": 12 * n for n in range(2, 11)}
NO_DISCOUNT = Decimal(0)
MAINLAND = {"PT": "1000-001"}  # the vectors name no postal codes


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


class Left(NamedTuple):
    """A line of a document with prices of both kinds: its net amount, or what was agreed with VAT."""

    net: Decimal | None
    gross: Decimal | None
    rate: Decimal


def sums_of(lines: list[Left]) -> tuple[list[Decimal], Totals, Decimal]:
    """Net amounts of the lines, totals and payable amount."""
    nets = [ZERO if line.net is None else line.net for line in lines]
    agreed: dict[GroupKey, Decimal] = {}
    for rate in {line.rate for line in lines if line.gross is not None}:
        of_rate = [
            (index, line.gross) for index, line in enumerate(lines) if line.gross is not None and line.rate == rate
        ]
        agreed["S", rate] = sum((gross for _, gross in of_rate), ZERO)
        parts = spread_net(net_of(agreed["S", rate], rate), [gross for _, gross in of_rate], rate)
        for (index, _), part in zip(of_rate, parts, strict=True):
            nets[index] = part
    totals = calculate_totals([(net, "S", line.rate) for net, line in zip(nets, lines, strict=True)])
    return nets, totals, payable_of(totals, agreed)


def check_gross(case: Case) -> None:
    def amount(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    lines = [Left(amount(line["net"]), amount(line["gross"]), Decimal(line["vat_rate"])) for line in case["lines"]]
    nets, totals, payable = sums_of(lines)

    assert {
        "line_net_amounts": [str(net) for net in nets],
        "vat_breakdown": [
            {"vat_rate": str(row.rate), "taxable_amount": str(row.taxable_amount), "tax_amount": str(row.tax_amount)}
            for row in totals.vat_breakdown
        ],
        "total_with_vat": str(totals.total_with_vat),
        "payable": str(payable),
        "rounding_amount": str(payable - totals.total_with_vat),
    } == case["expect"]
    left = dict(enumerate(lines))
    for correction in case["corrections"]:
        del left[correction["line"]]
        _, totals_left, payable_left = sums_of(list(left.values()))
        back = [before - after for before, after in zip(totals[1:], totals_left[1:], strict=True)]
        assert (
            correction
            | {
                "total_without_vat": str(back[0]),
                "total_vat": str(back[1]),
                "payable": str(payable - payable_left),
                "rounding_amount": str(payable - payable_left - back[2]),
            }
            == correction
        )
        totals, payable = totals_left, payable_left


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
            customer["country"],
            MAINLAND.get(customer["country"], ""),
            "",
            customer["taxable_person"],
            customer["vat_id_state"],
            customer["country"],
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
    "gross": check_gross,
    "periods": check_periods,
    "taxes": check_taxes,
    "references": check_references,
}
