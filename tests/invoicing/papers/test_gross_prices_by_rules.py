"""The official rules accept documents with prices agreed with VAT, and their corrections."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kundenkontor.einvoicing.checks import find_violations
from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.einvoicing.rules import OfficialRules
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.freezing import freeze_invoices
from tests.support.books import check_books
from tests.support.builders import CLARA, TODAY, alpenhost, bob, issue, line


@pytest.mark.django_db
@pytest.mark.invariant("I-T1")
def test_spread_cents_sums_of_many_pieces_and_corrections_without_a_net_amount_keep_the_official_rules() -> None:
    invoice = issue(
        bob(alpenhost()),
        *[line("8.325", agreed_gross=Decimal("9.99")) for _ in range(5)],
        line("0.084034", quantity="30000", agreed_gross=Decimal("3025.20")),
        line("10", discount="33.33", agreed_gross=Decimal("8.00")),
        *[line("0.008333", agreed_gross=Decimal("0.01")) for _ in range(3)],
        line("7.77", rate=Decimal(10), agreed_gross=Decimal("8.55")),
    )
    assert invoice.lines.get(position=6).base_quantity == 30_000
    for parts in ([LineCorrection(10, quantity=Decimal(1))], [LineCorrection(1, days=7), LineCorrection(6, days=1)]):
        correct_invoice(invoice, parts, reason="x", on=TODAY, actor=CLARA)
    cancel_invoice(invoice, bill_again=False, reason="x", on=TODAY, actor=CLARA)

    assert check_books() == []
    documents = freeze_invoices(list(Invoice.objects.values_list("pk", flat=True)))
    with OfficialRules() as rules:
        for frozen in documents.values():
            assert find_violations(frozen.invoice) == []
            assert [row for row in rules.check(write_cii(frozen.invoice)) if row.flag == "fatal"] == []
