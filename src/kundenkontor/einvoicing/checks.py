"""The rules of EN 16931 asked in Python on the model: fast enough to ask before every number is drawn.

Never laxer than the official rules on what our writer can produce, and stricter where these
allow a unit of slack (tax amounts, line amounts). Rule ids that begin with KK are our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kundenkontor.einvoicing.codes import CodeList, is_code
from kundenkontor.einvoicing.model import Invoice, Line, Party, VatBreakdown
from kundenkontor.kernel.errors import message
from kundenkontor.kernel.kinds import KINDS
from kundenkontor.kernel.money import CENT, round_cents

_TAXED = "S"
_WITHOUT_TAX = frozenset({"Z", "E", "AE", "O"})
_WITH_REASON = frozenset({"E", "AE", "O"})
_ACCOUNT_MEANS = frozenset({"30", "58"})


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold. ``term`` is the business term to change; ``message`` is a sentence to translate."""

    rule_id: str
    term: str
    message: str
    line_id: str = ""


def find_violations(invoice: Invoice) -> list[Violation]:
    """Ask every rule; empty means that the written XML will pass the official ones."""
    return [
        *_check_document(invoice),
        *_check_party(invoice.seller, _SELLER_RULES),
        *_check_party(invoice.buyer, _BUYER_RULES),
        *_check_vat_ids(invoice),
        *_check_identity(invoice),
        *_check_payment(invoice),
        *_check_correction(invoice),
        *(violation for line in invoice.lines for violation in _check_line(line)),
        *_check_totals(invoice),
        *_check_places(invoice),
        *_check_breakdown(invoice),
        *_check_categories(invoice),
    ]


def _unless(holds: object, rule_id: str, term: str, text: str, line_id: str = "") -> Iterator[Violation]:
    if not holds:
        yield Violation(rule_id, term, text, line_id)


def _check_document(invoice: Invoice) -> Iterator[Violation]:
    yield from _unless(invoice.specification.strip(), "BR-01", "BT-24", message("The specification is missing."))
    yield from _unless(invoice.number.strip(), "BR-02", "BT-1", message("The invoice number is missing."))
    known_type = is_code(invoice.type_code, CodeList.DOCUMENT_TYPE)
    yield from _unless(known_type, "BR-CL-01", "BT-3", message("The document type is unknown."))
    known_currency = is_code(invoice.currency, CodeList.CURRENCY)
    yield from _unless(known_currency, "BR-CL-04", "BT-5", message("The currency is unknown."))
    yield from _unless(invoice.lines, "BR-16", "BG-25", message("The invoice has no line."))
    in_order = _in_order(invoice.period_start, invoice.period_end)
    yield from _unless(in_order, "BR-29", "BT-74", message("The invoicing period ends before it begins."))


def _in_order(start: date | None, end: date | None) -> bool:
    return start is None or end is None or end >= start


@dataclass(frozen=True, slots=True)
class _PartyRules:
    """(rule, term, sentence) of each question that is asked of a party."""

    name: tuple[str, str, str]
    country: tuple[str, str, str]
    scheme: tuple[str, str, str]
    vat_id: tuple[str, str, str]


_SELLER_RULES = _PartyRules(
    name=("BR-06", "BT-27", message("The seller's name is missing.")),
    country=("BR-09", "BT-40", message("The seller's country is missing or unknown.")),
    scheme=("BR-62", "BT-34-1", message("The scheme of the seller's electronic address is missing or unknown.")),
    vat_id=("BR-CO-09", "BT-31", message("The seller's VAT id does not begin with a country code.")),
)
_BUYER_RULES = _PartyRules(
    name=("BR-07", "BT-44", message("The buyer's name is missing.")),
    country=("BR-11", "BT-55", message("The buyer's country is missing or unknown.")),
    scheme=("BR-63", "BT-49-1", message("The scheme of the buyer's electronic address is missing or unknown.")),
    vat_id=("BR-CO-09", "BT-48", message("The buyer's VAT id does not begin with a country code.")),
)


def _check_party(party: Party, rules: _PartyRules) -> Iterator[Violation]:
    yield from _unless(party.name.strip(), *rules.name)
    country = party.address.country
    missing = ("BR-CL-14" if country else rules.country[0], *rules.country[1:])
    yield from _unless(is_code(country, CodeList.COUNTRY), *missing)
    if party.electronic_address:
        scheme = party.electronic_address_scheme
        missing = ("BR-CL-25" if scheme else rules.scheme[0], *rules.scheme[1:])
        yield from _unless(is_code(scheme, CodeList.ELECTRONIC_ADDRESS_SCHEME), *missing)


def _check_vat_ids(invoice: Invoice) -> Iterator[Violation]:
    """The XML of category O holds none."""
    if _has_category(invoice, "O"):
        return
    for party, rules in ((invoice.seller, _SELLER_RULES), (invoice.buyer, _BUYER_RULES)):
        prefix = party.vat_id[:2]
        yield from _unless(not party.vat_id or prefix == "EL" or is_code(prefix, CodeList.COUNTRY), *rules.vat_id)


def _check_identity(invoice: Invoice) -> Iterator[Violation]:
    """The XML of category O holds no VAT id, so something else must identify the seller (BR-CO-26)."""
    seller, outside = invoice.seller, _has_category(invoice, "O")
    identified = seller.identifier or seller.registration or (seller.vat_id and not outside)
    text = message("The seller needs a register number, an identifier or a VAT id.")
    yield from _unless(identified, "BR-CO-26", "BT-30", text)


def _check_payment(invoice: Invoice) -> Iterator[Violation]:
    known = not invoice.payment_means_code or is_code(invoice.payment_means_code, CodeList.PAYMENT_MEANS)
    yield from _unless(known, "BR-CL-16", "BT-81", message("The way of payment is unknown."))
    if invoice.payment_means_code in _ACCOUNT_MEANS:
        with_iban = all(transfer.iban.strip() for transfer in invoice.credit_transfers)
        yield from _unless(with_iban, "BR-50", "BT-84", message("A bank account has no IBAN."))
    terms = invoice.amount_due <= 0 or invoice.due_date is not None or invoice.payment_terms.strip()
    yield from _unless(terms, "BR-CO-25", "BT-9", message("The due date or the payment terms are missing."))


def _check_correction(invoice: Invoice) -> Iterator[Violation]:
    numbered = all(preceding.number.strip() for preceding in invoice.preceding_invoices)
    yield from _unless(numbered, "BR-55", "BT-25", message("The number of the corrected invoice is missing."))
    kind = KINDS.get(invoice.type_code)
    if kind is not None and kind.corrects:
        text = message("A correction must name the invoice that it corrects.")
        yield from _unless(invoice.preceding_invoices, "KK-CREDIT-REFERENCE", "BG-3", text)
    if kind is not None and kind.sign < 0:
        text = message("A credit note has positive amounts.")
        yield from _unless(invoice.total_with_vat >= 0, "KK-CREDIT-POSITIVE", "BT-112", text)


def _check_line(line: Line) -> Iterator[Violation]:
    yield from _unless(line.id.strip(), "BR-21", "BT-126", message("A line has no number."), line.id)
    yield from _unless(line.name.strip(), "BR-25", "BT-153", message("The name of the item is missing."), line.id)
    known_unit = is_code(line.unit, CodeList.UNIT)
    yield from _unless(known_unit, "BR-CL-23", "BT-130", message("The unit is missing or unknown."), line.id)
    yield from _unless(line.net_price >= 0, "BR-27", "BT-146", message("The price is negative."), line.id)
    in_order = _in_order(line.period_start, line.period_end)
    text = message("The period of the line ends before it begins.")
    yield from _unless(in_order, "BR-30", "BT-135", text, line.id)
    has_allowance = bool(line.allowance_amount) or line.allowance_percent is not None
    reasoned = line.allowance_reason.strip() or not has_allowance
    yield from _unless(reasoned, "BR-42", "BT-139", message("The discount has no reason."), line.id)
    yield from _check_line_amount(line)


def _check_line_amount(line: Line) -> Iterator[Violation]:
    text = message("The base quantity of the price must be above zero.")
    if line.base_quantity <= 0:
        yield Violation("PEPPOL-EN16931-R121", "BT-149", text, line.id)
        return
    expected = round_cents(line.quantity * line.net_price / line.base_quantity) - line.allowance_amount
    text = message("The net amount of the line is not quantity times price less discount.")
    yield from _unless(line.net_amount == expected, "PEPPOL-EN16931-R120", "BT-131", text, line.id)


def _check_totals(invoice: Invoice) -> Iterator[Violation]:
    lines = _sum(line.net_amount for line in invoice.lines)
    text = message("The sum of the lines is wrong.")
    yield from _unless(invoice.total_line_amount == lines, "BR-CO-10", "BT-106", text)
    net = invoice.total_line_amount - invoice.allowance_total + invoice.charge_total
    text = message("The total without VAT is wrong.")
    yield from _unless(invoice.total_without_vat == net, "BR-CO-13", "BT-109", text)
    tax = _sum(row.tax_amount for row in invoice.vat_breakdown)
    yield from _unless(invoice.total_vat == tax, "BR-CO-14", "BT-110", message("The total VAT is wrong."))
    gross = invoice.total_without_vat + invoice.total_vat
    text = message("The total with VAT is wrong.")
    yield from _unless(invoice.total_with_vat == gross, "BR-CO-15", "BT-112", text)
    due = invoice.total_with_vat - invoice.paid_amount + invoice.rounding_amount
    yield from _unless(invoice.amount_due == due, "BR-CO-16", "BT-115", message("The payable amount is wrong."))


def _check_places(invoice: Invoice) -> Iterator[Violation]:
    """BR-DEC: amounts have at most two decimal places."""
    text = message("An amount has more than two decimal places.")
    amounts = [
        ("BR-DEC-09", "BT-106", invoice.total_line_amount),
        ("BR-DEC-12", "BT-109", invoice.total_without_vat),
        ("BR-DEC-13", "BT-110", invoice.total_vat),
        ("BR-DEC-14", "BT-112", invoice.total_with_vat),
        ("BR-DEC-16", "BT-113", invoice.paid_amount),
        ("BR-DEC-17", "BT-114", invoice.rounding_amount),
        ("BR-DEC-18", "BT-115", invoice.amount_due),
    ]
    for rule_id, term, amount in amounts:
        yield from _unless(_is_in_cents(amount), rule_id, term, text)
    for row in invoice.vat_breakdown:
        yield from _unless(_is_in_cents(row.taxable_amount), "BR-DEC-19", "BT-116", text)
        yield from _unless(_is_in_cents(row.tax_amount), "BR-DEC-20", "BT-117", text)
    for allowance in invoice.allowances:
        yield from _unless(_is_in_cents(allowance.amount), "BR-DEC-01", "BT-92", text)
    for line in invoice.lines:
        yield from _unless(_is_in_cents(line.net_amount), "BR-DEC-23", "BT-131", text, line.id)
        yield from _unless(_is_in_cents(line.allowance_amount), "BR-DEC-24", "BT-136", text, line.id)


def _is_in_cents(amount: Decimal) -> bool:
    return round_cents(amount) == amount


def _check_breakdown(invoice: Invoice) -> Iterator[Violation]:
    yield from _unless(invoice.vat_breakdown, "BR-CO-18", "BG-23", message("The VAT breakdown is missing."))
    bases = _bases(invoice)
    kind = KINDS.get(invoice.type_code)
    tolerance = CENT if kind is not None and kind.corrects else Decimal(0)
    seen: set[tuple[str, Decimal]] = set()
    for row in invoice.vat_breakdown:
        if not _is_known(row.category):
            yield Violation("BR-CL-18", "BT-118", message("The VAT category is unknown."))
            continue
        key = _group(row.category, row.rate)
        text = message("A VAT category stands twice in the VAT breakdown.")
        yield from _unless(key not in seen, f"BR-{row.category}-01", "BG-23", text)
        seen.add(key)
        text = message("The taxable amount of a VAT category is not the sum of its lines.")
        yield from _unless(row.taxable_amount == bases.get(key), f"BR-{row.category}-08", "BT-116", text)
        yield from _check_tax(row, tolerance)
        yield from _check_reason(row)
    text = message("A VAT category of the lines is missing in the VAT breakdown.")
    for category, _rate in sorted(bases.keys() - seen):
        yield Violation(f"BR-{category}-01", "BG-23", text)


def _bases(invoice: Invoice) -> dict[tuple[str, Decimal], Decimal]:
    """The taxable amount per group, from lines and document allowances; unknown categories stay out."""
    rows = [(line.vat_category, line.vat_rate, line.net_amount) for line in invoice.lines]
    rows += [
        (row.vat_category, row.vat_rate, row.amount if row.is_charge else -row.amount) for row in invoice.allowances
    ]
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for category, rate, amount in rows:
        if _is_known(category):
            key = _group(category, rate)
            bases[key] = bases.get(key, Decimal(0)) + amount
    return bases


def _group(category: str, rate: Decimal) -> tuple[str, Decimal]:
    """Only taxed amounts are grouped by rate; each other category has one group."""
    return category, rate if category == _TAXED else Decimal(0)


def _is_known(category: str) -> bool:
    """The categories that this product uses; the norm has more (K, G, L, M, B)."""
    return category == _TAXED or category in _WITHOUT_TAX


def _check_tax(row: VatBreakdown, tolerance: Decimal) -> Iterator[Violation]:
    """Several corrections of one invoice share its VAT to the cent, so each may be a cent beside its own base."""
    if row.category in _WITHOUT_TAX:
        text = message("A VAT category without tax has a tax amount.")
        yield from _unless(not row.tax_amount, f"BR-{row.category}-09", "BT-117", text)
        yield from _unless(not row.rate, "BR-CO-17", "BT-119", message("A VAT category without tax has a rate."))
        return
    tax = round_cents(row.taxable_amount * row.rate / 100)
    text = message("The tax amount is not the taxable amount times the rate.")
    yield from _unless(abs(row.tax_amount - tax) <= tolerance, "BR-CO-17", "BT-117", text)


def _check_reason(row: VatBreakdown) -> Iterator[Violation]:
    has_reason = bool(row.exemption_code or row.exemption_reason)
    if row.category in _WITH_REASON:
        text = message("The reason why no VAT is charged is missing.")
        yield from _unless(has_reason, f"BR-{row.category}-10", "BT-120", text)
    else:
        text = message("A taxed VAT category must not have an exemption reason.")
        yield from _unless(not has_reason, f"BR-{row.category}-10", "BT-120", text)
    known = not row.exemption_code or is_code(row.exemption_code, CodeList.VATEX)
    yield from _unless(known, "BR-CL-22", "BT-121", message("The exemption code is unknown."))


def _check_categories(invoice: Invoice) -> Iterator[Violation]:
    """What the categories in use ask of the lines and of the parties."""
    for line in invoice.lines:
        yield from _check_line_category(line)
    categories = {line.vat_category for line in invoice.lines}
    seller, buyer = invoice.seller, invoice.buyer
    for category in sorted(categories & {"S", "Z", "E", "AE"}):
        text = message("The seller's VAT id or tax number is missing.")
        yield from _unless(seller.vat_id or seller.tax_number, f"BR-{category}-02", "BT-31", text)
    if "AE" in categories:
        text = message("Reverse charge needs the VAT ids of both parties.")
        yield from _unless(seller.vat_id, "BR-AE-02", "BT-31", text)
        yield from _unless(buyer.vat_id, "BR-AE-02", "BT-48", text)
    if _has_category(invoice, "O"):
        alone = categories | {row.category for row in invoice.vat_breakdown} == {"O"}
        text = message("A line outside the scope of VAT must stand alone on its invoice.")
        yield from _unless(alone, "BR-O-11", "BT-151", text)


def _check_line_category(line: Line) -> Iterator[Violation]:
    if line.vat_category == _TAXED:
        text = message("A taxed line needs a rate above zero.")
        yield from _unless(line.vat_rate > 0, "BR-S-05", "BT-152", text, line.id)
    elif line.vat_category in _WITHOUT_TAX:
        text = message("A line without tax must have the rate zero.")
        yield from _unless(not line.vat_rate, f"BR-{line.vat_category}-05", "BT-152", text, line.id)
    else:
        rule_id = "BR-CL-18" if line.vat_category else "BR-CO-04"
        yield Violation(rule_id, "BT-151", message("The VAT category is unknown."), line.id)


def _has_category(invoice: Invoice, category: str) -> bool:
    in_lines = any(line.vat_category == category for line in invoice.lines)
    return in_lines or any(row.category == category for row in invoice.vat_breakdown)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
