"""Our quick checks against the official rules: break a valid invoice in one way and ask both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from kundenkontor.einvoicing.checks import Violation, find_violations
from kundenkontor.einvoicing.cii import write_cii
from kundenkontor.einvoicing.codes import CodeList, is_code
from kundenkontor.einvoicing.model import CreditTransfer, Invoice, PrecedingInvoice
from kundenkontor.einvoicing.rules import OfficialRules, RuleSet
from tests.einvoicing.builders import ADA, BOB, EXAMPLES, SELLER, breakdown_of, invoice, line
from tests.einvoicing.strategies import invoices

S = EXAMPLES["at-domestic"]
AE = EXAMPLES["de-reverse-charge"]
OUT = EXAMPLES["ch-outside-scope"]
E = EXAMPLES["small-business"]
Z = invoice(line(1, "10.00", category="Z", rate="0"))
CREDIT = EXAMPLES["credit-note"]
DISCOUNT = EXAMPLES["discounts-and-cut-period"]

IMPLIED = {
    "BR-CL-03": "the currency again, at the totals",
    "BR-CL-14": "an empty country is also an unknown one",
    "BR-CL-18": "an empty category is also an unknown one",
    "BR-CO-17": "the tax of a category without tax is also not its base times its rate",
    "BR-CO-23": "BR-42 in other words",
    "BR-O-12": "BR-O-11 seen from the lines",
    "BR-S-09": "BR-CO-17 in other words",
}
STRICTER = {
    "BR-CO-10": "the official sum is rounded",
    "BR-CO-04": "the CII rule asks for the element, which an empty category has",
    "BR-CO-14": "the official sum is rounded",
    "BR-CO-17": "the official rule allows a difference of one unit",
    "BR-S-08": "the official sum is rounded",
    "BR-CO-25": "missing in the CII rules",
    "BR-S-01": "we ask per rate",
    "KK-CREDIT-POSITIVE": "our own",
    "KK-CREDIT-REFERENCE": "our own",
    "PEPPOL-EN16931-R120": "not asked by EN 16931",
    "PEPPOL-EN16931-R121": "not asked by EN 16931",
}


def first_line(whole: Invoice, **changes: Any) -> Invoice:
    return replace(whole, lines=(replace(whole.lines[0], **changes), *whole.lines[1:]))


def first_row(whole: Invoice, **changes: Any) -> Invoice:
    return replace(whole, vat_breakdown=(replace(whole.vat_breakdown[0], **changes), *whole.vat_breakdown[1:]))


def seller(whole: Invoice, **changes: Any) -> Invoice:
    return replace(whole, seller=replace(whole.seller, **changes))


def buyer(whole: Invoice, **changes: Any) -> Invoice:
    return replace(whole, buyer=replace(whole.buyer, **changes))


ONE = Decimal("1.00")
BROKEN: dict[str, tuple[Invoice, str]] = {
    "no specification": (replace(S, specification=""), "BR-01"),
    "no number": (replace(S, number=""), "BR-02"),
    "unknown type": (replace(S, type_code="999"), "BR-CL-01"),
    "unknown currency": (replace(S, currency="XXY"), "BR-CL-04"),
    "no line": (replace(S, lines=()), "BR-16"),
    "period backwards": (replace(S, period_end=date(2026, 10, 1)), "BR-29"),
    "no seller name": (seller(S, name=" "), "BR-06"),
    "no seller country": (seller(S, address=replace(SELLER.address, country="")), "BR-09"),
    "no buyer name": (buyer(S, name=""), "BR-07"),
    "no buyer country": (buyer(S, address=replace(ADA.address, country="")), "BR-11"),
    "unknown country": (buyer(S, address=replace(ADA.address, country="XX")), "BR-CL-14"),
    "no address scheme, seller": (seller(S, electronic_address_scheme=""), "BR-62"),
    "no address scheme, buyer": (buyer(S, electronic_address="x@y.example"), "BR-63"),
    "unknown address scheme": (buyer(S, electronic_address="x", electronic_address_scheme="ZZ"), "BR-CL-25"),
    "seller VAT id without country": (seller(S, vat_id="1U12345675"), "BR-CO-09"),
    "buyer VAT id without country": (buyer(S, vat_id="99"), "BR-CO-09"),
    "seller without identity": (seller(E, identifier=""), "BR-CO-26"),
    "seller with VAT id only, outside scope": (seller(OUT, registration=""), "BR-CO-26"),
    "unknown way of payment": (replace(S, payment_means_code="XX"), "BR-CL-16"),
    "account without IBAN": (replace(S, credit_transfers=(CreditTransfer(iban=""),)), "BR-50"),
    "no terms": (replace(S, due_date=None, payment_terms=""), "BR-CO-25"),
    "corrected invoice without number": (
        replace(CREDIT, preceding_invoices=(PrecedingInvoice(number="", issue_date=date(2026, 1, 1)),)),
        "BR-55",
    ),
    "correction of nothing": (replace(CREDIT, preceding_invoices=()), "KK-CREDIT-REFERENCE"),
    "negative credit note": (
        invoice(line(1, "5.00", quantity="-1"), type_code="381", preceding_invoices=CREDIT.preceding_invoices),
        "KK-CREDIT-POSITIVE",
    ),
    "line without id": (first_line(S, id=""), "BR-21"),
    "line without name": (first_line(S, name=""), "BR-25"),
    "unknown unit": (first_line(S, unit="Stück"), "BR-CL-23"),
    "no unit": (first_line(S, unit=""), "BR-CL-23"),
    "negative price": (first_line(S, net_price=Decimal(-1)), "BR-27"),
    "line period backwards": (first_line(S, period_end=date(2026, 1, 1)), "BR-30"),
    "discount without reason": (first_line(DISCOUNT, allowance_reason=""), "BR-42"),
    "base quantity zero": (first_line(S, base_quantity=Decimal(0)), "PEPPOL-EN16931-R121"),
    "wrong line amount": (first_line(S, net_amount=ONE), "PEPPOL-EN16931-R120"),
    "wrong sum of lines": (replace(S, total_line_amount=ONE), "BR-CO-10"),
    "wrong net total": (replace(S, total_without_vat=ONE), "BR-CO-13"),
    "wrong tax total": (replace(S, total_vat=ONE), "BR-CO-14"),
    "wrong gross total": (replace(S, total_with_vat=ONE), "BR-CO-15"),
    "wrong amount due": (replace(S, amount_due=ONE), "BR-CO-16"),
    "forgotten payment": (replace(S, paid_amount=ONE), "BR-CO-16"),
    "forgotten rounding": (replace(S, rounding_amount=Decimal("0.01")), "BR-CO-16"),
    "three places due": (replace(S, amount_due=Decimal("1.001")), "BR-DEC-18"),
    "three places in a line": (first_line(S, net_amount=Decimal("29.701")), "BR-DEC-23"),
    "three places in the base": (first_row(S, taxable_amount=Decimal("89.001")), "BR-DEC-19"),
    "three places in the tax": (first_row(S, tax_amount=Decimal("8.901")), "BR-DEC-20"),
    "no breakdown": (replace(S, vat_breakdown=()), "BR-CO-18"),
    "unknown category": (first_row(S, category="X"), "BR-CL-18"),
    "line without category": (first_line(S, vat_category=""), "BR-CO-04"),
    "line of unknown category": (first_line(S, vat_category="X"), "BR-CL-18"),
    "category twice": (replace(E, vat_breakdown=E.vat_breakdown * 2), "BR-E-01"),
    "category missing": (
        replace(
            invoice(line(1, "10.00"), line(2, "5.00", category="AE", rate="0"), buyer=BOB),
            vat_breakdown=breakdown_of([line(1, "10.00")]),
        ),
        "BR-AE-01",
    ),
    "wrong rate": (first_row(S, rate=Decimal(7)), "BR-S-08"),
    "wrong tax": (first_row(S, tax_amount=Decimal("50.00")), "BR-CO-17"),
    "taxed with reason": (first_row(S, exemption_reason="x"), "BR-S-10"),
    "zero rated with reason": (first_row(Z, exemption_reason="x"), "BR-Z-10"),
    "unknown exemption": (first_row(AE, exemption_code="VATEX-XX"), "BR-CL-22"),
    "rate of a category without": (first_row(AE, rate=Decimal(5)), "BR-CO-17"),
    "taxed line without rate": (first_line(S, vat_rate=Decimal(0)), "BR-S-05"),
    "seller without tax id, S": (seller(S, vat_id="", tax_number=""), "BR-S-02"),
    "seller without tax id, E": (seller(E, tax_number=""), "BR-E-02"),
    "seller without tax id, Z": (seller(Z, vat_id="", tax_number=""), "BR-Z-02"),
    "seller without tax id, AE": (seller(AE, vat_id="", tax_number=""), "BR-AE-02"),
    "buyer without VAT id, AE": (buyer(AE, vat_id=""), "BR-AE-02"),
    "outside scope beside others": (invoice(line(1, "10.00"), line(2, "5.00", category="O", rate="0")), "BR-O-11"),
    **{
        f"reason missing, {name}": (first_row(whole, exemption_code="", exemption_reason=""), f"BR-{name}-10")
        for name, whole in {"AE": AE, "E": E, "O": OUT}.items()
    },
    **{
        f"tax without rate, {name}": (first_row(whole, tax_amount=ONE), f"BR-{name}-09")
        for name, whole in {"AE": AE, "E": E, "O": OUT, "Z": Z}.items()
    },
    **{
        f"wrong base, {name}": (first_row(whole, taxable_amount=ONE), f"BR-{name}-08")
        for name, whole in {"S": S, "AE": AE, "E": E, "O": OUT, "Z": Z}.items()
    },
    **{
        f"line with rate, {name}": (first_line(whole, vat_rate=Decimal(5)), f"BR-{name}-05")
        for name, whole in {"AE": AE, "E": E, "Z": Z}.items()
    },
}


@pytest.mark.invariant("I-T1")
@pytest.mark.parametrize("case", BROKEN)
def test_what_the_official_rules_find_is_found_before(case: str, official_rules: OfficialRules) -> None:
    broken, rule_id = BROKEN[case]
    report = official_rules.check(write_cii(broken), rule_sets=[RuleSet.EN16931_CII])
    official = {row.rule_id for row in report if row.flag == "fatal"}
    own = {violation.rule_id for violation in find_violations(broken)}

    assert rule_id in own
    assert rule_id in official | STRICTER.keys()
    assert official - own <= IMPLIED.keys()
    assert own - official <= STRICTER.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_valid_example_breaks_no_rule(name: str) -> None:
    assert find_violations(EXAMPLES[name]) == []


@given(invoices())
@settings(deadline=None)
def test_an_invoice_that_adds_up_breaks_no_rule(whole: Invoice) -> None:
    assert find_violations(whole) == []


@pytest.mark.invariant("I-T1")
@given(invoices())
@settings(deadline=None)
def test_a_cent_more_in_any_total_is_found(whole: Invoice) -> None:
    cent = Decimal("0.01")
    for name in ("total_line_amount", "total_without_vat", "total_vat", "total_with_vat", "amount_due", "paid_amount"):
        assert find_violations(replace(whole, **{name: getattr(whole, name) + cent}))


def test_a_violation_names_the_term_and_the_line() -> None:
    broken = first_line(S, unit="Stück")

    assert find_violations(broken) == [Violation("BR-CL-23", "BT-130", "The unit is missing or unknown.", line_id="1")]


def test_the_published_lists_hold_the_codes_that_we_write() -> None:
    """The numbers of the lists change with the profile; here a wrong one is seen."""
    known = {
        CodeList.DOCUMENT_TYPE: ["380", "381", "384", "386"],
        CodeList.COUNTRY: ["AT", "DE", "CH", "XI"],
        CodeList.UNIT: ["C62", "DAY", "MON", "ANN", "HUR", "4L"],
        CodeList.VAT_CATEGORY: ["S", "Z", "E", "AE", "O"],
        CodeList.ELECTRONIC_ADDRESS_SCHEME: ["EM", "9930", "9914"],
        CodeList.CURRENCY: ["EUR", "CHF"],
        CodeList.PAYMENT_MEANS: ["30", "58", "48", "59"],
        CodeList.VATEX: ["VATEX-EU-AE", "VATEX-EU-O"],
    }
    unknown = [(kind.name, code) for kind, codes in known.items() for code in codes if not is_code(code, kind)]

    assert unknown == []
    assert not is_code("AT", CodeList.CURRENCY)
