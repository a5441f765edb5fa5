"""Why a line costs what it costs, in the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kundenkontor.invoicing.issuing.totals import line_allowance, line_net_amount
from kundenkontor.invoicing.models import InvoiceLine
from kundenkontor.invoicing.papers.explaining import explain_line, explain_on_paper

HALF: dict[str, Any] = {"quantity": "15", "base": "30", "unit": "DAY", "period_start": date(2026, 11, 16)}


def line(price: str, *, quantity: str = "1", base: str = "1", discount: str = "0", **changes: Any) -> InvoiceLine:
    """An issued line of November 2026, not stored."""
    amounts = Decimal(quantity), Decimal(price), Decimal(discount), Decimal(base)
    values: dict[str, Any] = {
        "kind": "manual",
        "net_amount": line_net_amount(*amounts),
        "allowance_amount": line_allowance(*amounts),
        "vat_rate": Decimal(20),
        "period_start": date(2026, 11, 1),
        "period_end": date(2026, 11, 30),
    }
    measured = dict(zip(("quantity", "net_price", "discount_percent", "base_quantity"), amounts, strict=True))
    return InvoiceLine(**(values | measured | changes))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (line("19.90"), "01.11.2026 – 30.11.2026: 1 × 19,90 EUR = 19,90 EUR"),
        (
            line("19.90", discount="10"),
            "01.11.2026 – 30.11.2026: 1 × 19,90 EUR, abzüglich 10 % Rabatt (−1,99 EUR) = 17,91 EUR",
        ),
        (
            line("29.00", **HALF),
            "16.11.2026 – 30.11.2026: anteilig 15 von 30 Tagen zu 29,00 EUR für den ganzen Zeitraum = 14,50 EUR",
        ),
        (
            line("29.00", **(HALF | {"quantity": "45"})),
            "16.11.2026 – 30.11.2026: anteilig 15 von 30 Tagen × 3 zu 29,00 EUR für den ganzen Zeitraum = 43,50 EUR",
        ),
        (
            line("29.00", **(HALF | {"quantity": "7.5"})),
            "16.11.2026 – 30.11.2026: anteilig 15 von 30 Tagen × 0,5 zu 29,00 EUR für den ganzen Zeitraum = 7,25 EUR",
        ),
        (
            line("2521.00", quantity="30000", base="30000"),
            "01.11.2026 – 30.11.2026: 30.000 × 2.521,00 EUR je 30.000 = 2.521,00 EUR",
        ),
        (
            line("12.00", agreed_gross=Decimal("12.00"), vat_rate=Decimal(0)),
            "01.11.2026 – 30.11.2026: 1 × 12,00 EUR = 12,00 EUR",
        ),
        (
            line("5.00", agreed_gross=Decimal("6.00"), corrected_position=1),
            "01.11.2026 – 30.11.2026: 1 × 5,00 EUR, das sind 6,00 EUR inkl. USt = 5,00 EUR",
        ),
        (
            line("8.325", kind="set_up", agreed_gross=Decimal("9.99")),
            "01.11.2026 – 30.11.2026: einmalige Einrichtung, 1 × 8,325 EUR, vereinbart 9,99 EUR inkl. USt = 8,33 EUR",
        ),
    ],
)
def test_a_line_explains_itself(row: InvoiceLine, sentence: str) -> None:
    assert explain_line(row, "de").replace("\u00a0", " ") == sentence


def test_the_paper_says_only_what_its_columns_do_not() -> None:
    assert explain_on_paper(line("19.90", discount="10"), "de") == ""
    cut = line("29.00", **HALF)
    assert "15 of 30 days" in explain_on_paper(cut, "en")
    assert "including VAT" in explain_on_paper(line("29.00", **HALF, agreed_gross=Decimal("17.40")), "en")
    assert "VAT" not in explain_on_paper(line("29.00", agreed_gross=Decimal("29.00"), vat_rate=Decimal(0)), "en")
    named = line("29.00", order_number="PO-7", buyer_reference="Abt. 3")
    assert explain_on_paper(named, "de") == "Ihre Bestellnummer PO-7, Ihre Referenz Abt. 3"
