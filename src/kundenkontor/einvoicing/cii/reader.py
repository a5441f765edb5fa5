"""CII into the semantic invoice: one reader for our own files and everybody else's."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from lxml import etree

from kundenkontor.einvoicing.errors import NotAnInvoice, TermInvalid
from kundenkontor.einvoicing.model import (
    Address,
    CreditTransfer,
    DocumentAllowance,
    Invoice,
    Line,
    Party,
    PrecedingInvoice,
    VatBreakdown,
)
from kundenkontor.einvoicing.parsing import parse_xml
from kundenkontor.kernel.money import ZERO

_RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_NAMESPACES = {
    "rsm": _RSM,
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_OBJECT_REFERENCE = "ram:AdditionalReferencedDocument[ram:TypeCode='130']/ram:IssuerAssignedID"


def read_cii(xml: bytes) -> Invoice:
    """Read a CII invoice of any Factur-X profile or XRechnung; texts lose white space at both ends.

    What the semantic model lacks is left out. Profiles without lines give no lines, and BT-106 is
    then BT-109. Raises XmlRefused: NotAnInvoice for another root, TermInvalid for a date
    or amount that is none or a total that is missing.
    """
    root = parse_xml(xml)
    if root.tag != f"{{{_RSM}}}CrossIndustryInvoice":
        raise NotAnInvoice(root=str(root.tag)[:100])
    return _invoice(root)


def _invoice(root: etree._Element) -> Invoice:
    context, document = (_child(root, "rsm:ExchangedDocumentContext"), _child(root, "rsm:ExchangedDocument"))
    transaction = _child(root, "rsm:SupplyChainTradeTransaction")
    agreement = _child(transaction, "ram:ApplicableHeaderTradeAgreement")
    settlement = _child(transaction, "ram:ApplicableHeaderTradeSettlement")
    totals = _child(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    currency = _text(settlement, "ram:InvoiceCurrencyCode")
    period_start, period_end = _period(settlement, "BT-73", "BT-74")
    delivered = "ram:ApplicableHeaderTradeDelivery/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime"
    means = settlement.findall("ram:SpecifiedTradeSettlementPaymentMeans", _NAMESPACES)
    without_vat = _required_amount(totals, "ram:TaxBasisTotalAmount", "BT-109")
    return Invoice(
        number=_text(document, "ram:ID"),
        issue_date=_required_date(document, "ram:IssueDateTime", "BT-2"),
        type_code=_text(document, "ram:TypeCode"),
        currency=currency,
        seller=_party(_child(agreement, "ram:SellerTradeParty")),
        buyer=_party(_child(agreement, "ram:BuyerTradeParty")),
        lines=tuple(map(_line, transaction.findall("ram:IncludedSupplyChainTradeLineItem", _NAMESPACES))),
        vat_breakdown=tuple(map(_vat_row, settlement.findall("ram:ApplicableTradeTax", _NAMESPACES))),
        total_line_amount=_amount(totals, "ram:LineTotalAmount", "BT-106", without_vat),
        total_without_vat=without_vat,
        total_vat=_total_vat(totals, currency),
        total_with_vat=_required_amount(totals, "ram:GrandTotalAmount", "BT-112"),
        amount_due=_required_amount(totals, "ram:DuePayableAmount", "BT-115"),
        paid_amount=_amount(totals, "ram:TotalPrepaidAmount", "BT-113"),
        rounding_amount=_amount(totals, "ram:RoundingAmount", "BT-114"),
        due_date=_first_date(settlement, "ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime", "BT-9"),
        buyer_reference=_text(agreement, "ram:BuyerReference"),
        order_number=_text(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
        contract_number=_text(agreement, "ram:ContractReferencedDocument/ram:IssuerAssignedID"),
        cost_centre=_text(settlement, "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
        notes=_texts(document, "ram:IncludedNote/ram:Content"),
        payment_terms="\n".join(_texts(settlement, "ram:SpecifiedTradePaymentTerms/ram:Description")),
        period_start=period_start,
        period_end=period_end,
        delivery_date=_first_date(transaction, delivered, "BT-72"),
        allowances=tuple(map(_allowance, settlement.findall("ram:SpecifiedTradeAllowanceCharge", _NAMESPACES))),
        preceding_invoices=_preceding_invoices(settlement),
        payment_means_code=_text(means[0], "ram:TypeCode") if means else "",
        payment_reference=_text(settlement, "ram:PaymentReference"),
        credit_transfers=tuple(transfer for node in means for transfer in _credit_transfers(node)),
        specification=_text(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
        business_process=_text(context, "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"),
    )


def _party(node: etree._Element) -> Party:
    uri = node.find("ram:URIUniversalCommunication/ram:URIID", _NAMESPACES)
    electronic_address = _text(node, "ram:URIUniversalCommunication/ram:URIID")
    contact = _child(node, "ram:DefinedTradeContact")
    return Party(
        name=_text(node, "ram:Name"),
        address=_address(_child(node, "ram:PostalTradeAddress")),
        vat_id=_tax_registration(node, "VA"),
        tax_number=_tax_registration(node, "FC"),
        identifier=_text(node, "ram:ID") or _text(node, "ram:GlobalID"),
        registration=_text(node, "ram:SpecifiedLegalOrganization/ram:ID"),
        additional_legal_information=_text(node, "ram:Description"),
        electronic_address=electronic_address,
        electronic_address_scheme=str(uri.get("schemeID", "")) if uri is not None and electronic_address else "",
        contact_name=_text(contact, "ram:PersonName") or _text(contact, "ram:DepartmentName"),
        contact_phone=_text(contact, "ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
        contact_email=_text(contact, "ram:EmailURIUniversalCommunication/ram:URIID"),
    )


def _address(node: etree._Element) -> Address:
    return Address(
        line_one=_text(node, "ram:LineOne"),
        line_two=_text(node, "ram:LineTwo"),
        line_three=_text(node, "ram:LineThree"),
        city=_text(node, "ram:CityName"),
        postal_code=_text(node, "ram:PostcodeCode"),
        country=_text(node, "ram:CountryID"),
    )


def _tax_registration(party: etree._Element, scheme: str) -> str:
    return _text(party, f"ram:SpecifiedTaxRegistration/ram:ID[@schemeID='{scheme}']")


def _line(node: etree._Element) -> Line:
    product, settlement = (_child(node, "ram:SpecifiedTradeProduct"), _child(node, "ram:SpecifiedLineTradeSettlement"))
    price = _child(node, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice")
    quantity = _child(node, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    total = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    period_start, period_end = _period(settlement, "BT-134", "BT-135")
    allowance_amount, allowance_percent, allowance_reason = _line_allowance(settlement)
    return Line(
        id=_text(node, "ram:AssociatedDocumentLineDocument/ram:LineID"),
        name=_text(product, "ram:Name"),
        quantity=_decimal((quantity.text or "").strip() or "0", "BT-129"),
        unit=str(quantity.get("unitCode", "")),
        net_price=_amount(price, "ram:ChargeAmount", "BT-146"),
        net_amount=_amount(settlement, total, "BT-131"),
        vat_category=_text(settlement, "ram:ApplicableTradeTax/ram:CategoryCode"),
        vat_rate=_amount(settlement, "ram:ApplicableTradeTax/ram:RateApplicablePercent", "BT-152", Decimal(0)),
        base_quantity=_amount(price, "ram:BasisQuantity", "BT-149", Decimal(1)),
        description=_text(product, "ram:Description"),
        article_number=_text(product, "ram:SellerAssignedID"),
        note="\n".join(_texts(node, "ram:AssociatedDocumentLineDocument/ram:IncludedNote/ram:Content")),
        period_start=period_start,
        period_end=period_end,
        cost_centre=_text(settlement, "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
        object_identifier=_text(settlement, _OBJECT_REFERENCE),
        allowance_amount=allowance_amount,
        allowance_percent=allowance_percent,
        allowance_reason=allowance_reason,
    )


def _line_allowance(settlement: etree._Element) -> tuple[Decimal, Decimal | None, str]:
    """Sum BG-27 into one allowance; charges (BG-28) count against it, so the line still adds up."""
    rows = [_allowance(row) for row in settlement.findall("ram:SpecifiedTradeAllowanceCharge", _NAMESPACES)]
    amount = sum((-row.amount if row.is_charge else row.amount for row in rows), ZERO)
    percent = rows[0].percent if len(rows) == 1 and not rows[0].is_charge else None
    if not amount and percent is None:
        return ZERO, None, ""
    return amount, percent, "; ".join(row.reason for row in rows if row.reason)


def _allowance(node: etree._Element) -> DocumentAllowance:
    return DocumentAllowance(
        amount=_amount(node, "ram:ActualAmount", "BT-92"),
        vat_category=_text(node, "ram:CategoryTradeTax/ram:CategoryCode"),
        vat_rate=_amount(node, "ram:CategoryTradeTax/ram:RateApplicablePercent", "BT-96", Decimal(0)),
        base_amount=_optional_amount(node, "ram:BasisAmount", "BT-93"),
        percent=_optional_amount(node, "ram:CalculationPercent", "BT-94"),
        reason=_text(node, "ram:Reason") or _text(node, "ram:ReasonCode"),
        is_charge=_text(node, "ram:ChargeIndicator/udt:Indicator") in ("true", "1"),
    )


def _vat_row(node: etree._Element) -> VatBreakdown:
    return VatBreakdown(
        category=_text(node, "ram:CategoryCode"),
        rate=_amount(node, "ram:RateApplicablePercent", "BT-119", Decimal(0)),
        taxable_amount=_amount(node, "ram:BasisAmount", "BT-116"),
        tax_amount=_amount(node, "ram:CalculatedAmount", "BT-117"),
        exemption_code=_text(node, "ram:ExemptionReasonCode"),
        exemption_reason=_text(node, "ram:ExemptionReason"),
    )


def _total_vat(totals: etree._Element, currency: str) -> Decimal:
    """BT-110 is the total in the invoice currency; a second one (BT-111) may stand in the accounting currency."""
    rows = totals.findall("ram:TaxTotalAmount", _NAMESPACES)
    in_currency = [row for row in rows if row.get("currencyID", currency) == currency] or rows
    return _decimal((in_currency[0].text or "").strip(), "BT-110") if in_currency else ZERO


def _preceding_invoices(settlement: etree._Element) -> tuple[PrecedingInvoice, ...]:
    """BG-3. A reference without its date says too little to be one and is left out."""
    found = []
    for row in settlement.findall("ram:InvoiceReferencedDocument", _NAMESPACES):
        issue_date = _first_date(row, "ram:FormattedIssueDateTime", "BT-26")
        if issue_date is not None:
            found.append(PrecedingInvoice(number=_text(row, "ram:IssuerAssignedID"), issue_date=issue_date))
    return tuple(found)


def _credit_transfers(means: etree._Element) -> list[CreditTransfer]:
    accounts = means.findall("ram:PayeePartyCreditorFinancialAccount", _NAMESPACES)
    bic = _text(means, "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID")
    return [
        CreditTransfer(
            iban=_text(account, "ram:IBANID") or _text(account, "ram:ProprietaryID"),
            account_name=_text(account, "ram:AccountName"),
            bic=bic,
        )
        for account in accounts
    ]


def _period(node: etree._Element, start_term: str, end_term: str) -> tuple[date | None, date | None]:
    start = _first_date(node, "ram:BillingSpecifiedPeriod/ram:StartDateTime", start_term)
    return start, _first_date(node, "ram:BillingSpecifiedPeriod/ram:EndDateTime", end_term)


_ABSENT = etree.Element("absent")


def _child(node: etree._Element, path: str) -> etree._Element:
    """The first match, or an element in which nothing is found."""
    found = node.find(path, _NAMESPACES)
    return _ABSENT if found is None else found


def _text(node: etree._Element, path: str) -> str:
    return (node.findtext(path, "", _NAMESPACES) or "").strip()


def _texts(node: etree._Element, path: str) -> tuple[str, ...]:
    texts = ((found.text or "").strip() for found in node.findall(path, _NAMESPACES))
    return tuple(text for text in texts if text)


def _required_date(node: etree._Element, path: str, term: str) -> date:
    found = _first_date(node, path, term)
    if found is None:
        raise TermInvalid(term=term, text="")
    return found


def _first_date(node: etree._Element, path: str, term: str) -> date | None:
    """Read the first date there (format 102, YYYYMMDD; with hyphens also tolerated), None where there is none."""
    for wrapper in node.findall(path, _NAMESPACES):
        text = "".join(str(part) for part in wrapper.itertext()).strip()
        if text:
            return _parse_date(text, term)
    return None


def _parse_date(text: str, term: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    raise TermInvalid(term=term, text=text[:40])


def _required_amount(node: etree._Element, path: str, term: str) -> Decimal:
    return _decimal(_text(node, path), term)


def _amount(node: etree._Element, path: str, term: str, default: Decimal = ZERO) -> Decimal:
    text = _text(node, path)
    return _decimal(text, term) if text else default


def _optional_amount(node: etree._Element, path: str, term: str) -> Decimal | None:
    text = _text(node, path)
    return _decimal(text, term) if text else None


def _decimal(text: str, term: str) -> Decimal:
    """Read an xs:decimal; exponents, NaN and more than 18 digits on a side are refused."""
    if not _DECIMAL.fullmatch(text):
        raise TermInvalid(term=term, text=text[:40])
    return Decimal(text)
