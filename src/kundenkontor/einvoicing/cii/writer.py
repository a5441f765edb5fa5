"""The semantic invoice as CII. Written as text, in the order the schema wants: four times faster than a tree.

Optional terms that are empty leave no element (PEPPOL-EN16931-R008); mandatory ones are always
written, so that the rules, not the writer, object to what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

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

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<rsm:CrossIndustryInvoice"
    ' xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"'
    ' xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"'
    ' xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100"'
    ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">'
)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
_SPECIAL = re.compile('[&<>"\r]|[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')
_ACCOUNT_MEANS = frozenset({"30", "58"})  # credit transfers, which need an account (BR-61)
_OBJECT_TYPE = "130"  # UNTDID 1001: the invoiced object that BT-128 names


def write_cii(invoice: Invoice) -> bytes:
    """Write the invoice as UTF-8 CII; the same invoice gives the same bytes.

    Category O leaves out the VAT ids of both parties and the rates (BR-O-02, BR-O-05). Amounts
    are written with at least two places, quantities and prices without trailing zeros.
    """
    parts = [
        _HEAD,
        _context(invoice),
        _document(invoice),
        "<rsm:SupplyChainTradeTransaction>",
        *map(_line, invoice.lines),
        _agreement(invoice),
        _delivery(invoice),
        _settlement(invoice),
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>\n",
    ]
    return "".join(parts).encode()


def _context(invoice: Invoice) -> str:
    process = _wrap("ram:BusinessProcessSpecifiedDocumentContextParameter", _text("ram:ID", invoice.business_process))
    guideline = f"<ram:ID>{_escape(invoice.specification)}</ram:ID>"
    return (
        f"<rsm:ExchangedDocumentContext>{process}<ram:GuidelineSpecifiedDocumentContextParameter>{guideline}"
        "</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>"
    )


def _document(invoice: Invoice) -> str:
    notes = "".join(_wrap("ram:IncludedNote", _text("ram:Content", note)) for note in invoice.notes)
    return (
        f"<rsm:ExchangedDocument><ram:ID>{_escape(invoice.number)}</ram:ID>"
        f"<ram:TypeCode>{_escape(invoice.type_code)}</ram:TypeCode>"
        f"{_date('ram:IssueDateTime', invoice.issue_date)}{notes}</rsm:ExchangedDocument>"
    )


def _line(line: Line) -> str:
    unit = _escape(line.unit)
    base = f'<ram:BasisQuantity unitCode="{unit}">{_number(line.base_quantity)}</ram:BasisQuantity>'
    return (
        f"<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{_escape(line.id)}</ram:LineID>"
        f"{_wrap('ram:IncludedNote', _text('ram:Content', line.note))}</ram:AssociatedDocumentLineDocument>"
        f"<ram:SpecifiedTradeProduct>{_text('ram:SellerAssignedID', line.article_number)}"
        f"<ram:Name>{_escape(line.name)}</ram:Name>{_text('ram:Description', line.description)}"
        f"</ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice>"
        f"<ram:ChargeAmount>{_number(line.net_price)}</ram:ChargeAmount>{base if line.base_quantity != 1 else ''}"
        f"</ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        f'<ram:BilledQuantity unitCode="{unit}">{_number(line.quantity)}</ram:BilledQuantity>'
        f"</ram:SpecifiedLineTradeDelivery>{_line_settlement(line)}</ram:IncludedSupplyChainTradeLineItem>"
    )


def _line_settlement(line: Line) -> str:
    return (
        f"<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:CategoryCode>{_escape(line.vat_category)}</ram:CategoryCode>{_rate(line.vat_category, line.vat_rate)}"
        f"</ram:ApplicableTradeTax>{_period(line.period_start, line.period_end)}{_line_allowance(line)}"
        f"<ram:SpecifiedTradeSettlementLineMonetarySummation>"
        f"<ram:LineTotalAmount>{_amount(line.net_amount)}</ram:LineTotalAmount>"
        f"</ram:SpecifiedTradeSettlementLineMonetarySummation>{_object_reference(line.object_identifier)}"
        f"{_account(line.cost_centre)}</ram:SpecifiedLineTradeSettlement>"
    )


def _line_allowance(line: Line) -> str:
    """BG-27. The base amount BT-137 goes with a percentage, so that a reader can compute it again."""
    if not line.allowance_amount and line.allowance_percent is None:
        return ""
    base = line.net_amount + line.allowance_amount if line.allowance_percent is not None else None
    return _allowance(
        is_charge=False,
        amount=line.allowance_amount,
        percent=line.allowance_percent,
        base_amount=base,
        reason=line.allowance_reason,
    )


def _object_reference(identifier: str) -> str:
    if not identifier:
        return ""
    return (
        f"<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>{_escape(identifier)}</ram:IssuerAssignedID>"
        f"<ram:TypeCode>{_OBJECT_TYPE}</ram:TypeCode></ram:AdditionalReferencedDocument>"
    )


def _agreement(invoice: Invoice) -> str:
    with_vat_ids = not _is_outside_scope(invoice)
    order = _text("ram:IssuerAssignedID", invoice.order_number)
    contract = _text("ram:IssuerAssignedID", invoice.contract_number)
    return (
        f"<ram:ApplicableHeaderTradeAgreement>{_text('ram:BuyerReference', invoice.buyer_reference)}"
        f"{_seller(invoice.seller, with_vat_ids)}{_buyer(invoice.buyer, with_vat_ids)}"
        f"{_wrap('ram:BuyerOrderReferencedDocument', order)}{_wrap('ram:ContractReferencedDocument', contract)}"
        f"</ram:ApplicableHeaderTradeAgreement>"
    )


def _is_outside_scope(invoice: Invoice) -> bool:
    categories = [line.vat_category for line in invoice.lines] + [row.category for row in invoice.vat_breakdown]
    return "O" in categories


def _seller(party: Party, with_vat_id: bool) -> str:
    """BG-4. Only the seller has legal information (BT-33) and a tax number (BT-32) in this profile."""
    registrations = _tax_registration("FC", party.tax_number)
    if with_vat_id:
        registrations += _tax_registration("VA", party.vat_id)
    description = _text("ram:Description", party.additional_legal_information)
    return f"<ram:SellerTradeParty>{_party(party, description)}{registrations}</ram:SellerTradeParty>"


def _buyer(party: Party, with_vat_id: bool) -> str:
    registration = _tax_registration("VA", party.vat_id) if with_vat_id else ""
    return f"<ram:BuyerTradeParty>{_party(party)}{registration}</ram:BuyerTradeParty>"


def _party(party: Party, description: str = "") -> str:
    contact = (
        f"{_text('ram:PersonName', party.contact_name)}"
        f"{_wrap('ram:TelephoneUniversalCommunication', _text('ram:CompleteNumber', party.contact_phone))}"
        f"{_wrap('ram:EmailURIUniversalCommunication', _text('ram:URIID', party.contact_email))}"
    )
    return (
        f"{_text('ram:ID', party.identifier)}<ram:Name>{_escape(party.name)}</ram:Name>{description}"
        f"{_wrap('ram:SpecifiedLegalOrganization', _text('ram:ID', party.registration))}"
        f"{_wrap('ram:DefinedTradeContact', contact)}{_address(party.address)}{_electronic_address(party)}"
    )


def _address(address: Address) -> str:
    return (
        f"<ram:PostalTradeAddress>{_text('ram:PostcodeCode', address.postal_code)}"
        f"{_text('ram:LineOne', address.line_one)}{_text('ram:LineTwo', address.line_two)}"
        f"{_text('ram:LineThree', address.line_three)}{_text('ram:CityName', address.city)}"
        f"<ram:CountryID>{_escape(address.country)}</ram:CountryID></ram:PostalTradeAddress>"
    )


def _electronic_address(party: Party) -> str:
    if not party.electronic_address:
        return ""
    scheme = f' schemeID="{_escape(party.electronic_address_scheme)}"' if party.electronic_address_scheme else ""
    uri = f"<ram:URIID{scheme}>{_escape(party.electronic_address)}</ram:URIID>"
    return f"<ram:URIUniversalCommunication>{uri}</ram:URIUniversalCommunication>"


def _tax_registration(scheme: str, identifier: str) -> str:
    if not identifier:
        return ""
    inner = f'<ram:ID schemeID="{scheme}">{_escape(identifier)}</ram:ID>'
    return f"<ram:SpecifiedTaxRegistration>{inner}</ram:SpecifiedTaxRegistration>"


def _delivery(invoice: Invoice) -> str:
    if invoice.delivery_date is None:
        return "<ram:ApplicableHeaderTradeDelivery/>"
    occurrence = _date("ram:OccurrenceDateTime", invoice.delivery_date)
    event = _wrap("ram:ActualDeliverySupplyChainEvent", occurrence)
    return f"<ram:ApplicableHeaderTradeDelivery>{event}</ram:ApplicableHeaderTradeDelivery>"


def _settlement(invoice: Invoice) -> str:
    return (
        f"<ram:ApplicableHeaderTradeSettlement>{_text('ram:PaymentReference', invoice.payment_reference)}"
        f"<ram:InvoiceCurrencyCode>{_escape(invoice.currency)}</ram:InvoiceCurrencyCode>"
        f"{_payment_means(invoice.payment_means_code, invoice.credit_transfers)}"
        f"{''.join(map(_vat_row, invoice.vat_breakdown))}{_period(invoice.period_start, invoice.period_end)}"
        f"{''.join(map(_document_allowance, invoice.allowances))}{_terms(invoice)}{_totals(invoice)}"
        f"{''.join(map(_preceding_invoice, invoice.preceding_invoices))}{_account(invoice.cost_centre)}"
        f"</ram:ApplicableHeaderTradeSettlement>"
    )


def _payment_means(code: str, transfers: Iterable[CreditTransfer]) -> str:
    """BG-16, once per account. A credit transfer without an account says nothing and is left out."""
    type_code = f"<ram:TypeCode>{_escape(code)}</ram:TypeCode>"
    accounts = "".join(
        f"<ram:SpecifiedTradeSettlementPaymentMeans>{type_code}<ram:PayeePartyCreditorFinancialAccount>"
        f"<ram:IBANID>{_escape(transfer.iban)}</ram:IBANID>{_text('ram:AccountName', transfer.account_name)}"
        f"</ram:PayeePartyCreditorFinancialAccount>"
        f"{_wrap('ram:PayeeSpecifiedCreditorFinancialInstitution', _text('ram:BICID', transfer.bic))}"
        f"</ram:SpecifiedTradeSettlementPaymentMeans>"
        for transfer in transfers
    )
    if accounts or not code or code in _ACCOUNT_MEANS:
        return accounts
    return _wrap("ram:SpecifiedTradeSettlementPaymentMeans", type_code)


def _vat_row(row: VatBreakdown) -> str:
    return (
        f"<ram:ApplicableTradeTax><ram:CalculatedAmount>{_amount(row.tax_amount)}</ram:CalculatedAmount>"
        f"<ram:TypeCode>VAT</ram:TypeCode>{_text('ram:ExemptionReason', row.exemption_reason)}"
        f"<ram:BasisAmount>{_amount(row.taxable_amount)}</ram:BasisAmount>"
        f"<ram:CategoryCode>{_escape(row.category)}</ram:CategoryCode>"
        f"{_text('ram:ExemptionReasonCode', row.exemption_code)}{_rate(row.category, row.rate)}"
        f"</ram:ApplicableTradeTax>"
    )


def _document_allowance(allowance: DocumentAllowance) -> str:
    tax = (
        f"<ram:CategoryTradeTax><ram:TypeCode>VAT</ram:TypeCode>"
        f"<ram:CategoryCode>{_escape(allowance.vat_category)}</ram:CategoryCode>"
        f"{_rate(allowance.vat_category, allowance.vat_rate)}</ram:CategoryTradeTax>"
    )
    return _allowance(
        is_charge=allowance.is_charge,
        amount=allowance.amount,
        percent=allowance.percent,
        base_amount=allowance.base_amount,
        reason=allowance.reason,
        tax=tax,
    )


def _allowance(
    *,
    is_charge: bool,
    amount: Decimal,
    percent: Decimal | None,
    base_amount: Decimal | None,
    reason: str,
    tax: str = "",
) -> str:
    calculation = "" if percent is None else f"<ram:CalculationPercent>{_number(percent)}</ram:CalculationPercent>"
    base = "" if base_amount is None else f"<ram:BasisAmount>{_amount(base_amount)}</ram:BasisAmount>"
    return (
        f"<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator>"
        f"<udt:Indicator>{'true' if is_charge else 'false'}</udt:Indicator></ram:ChargeIndicator>{calculation}{base}"
        f"<ram:ActualAmount>{_amount(amount)}</ram:ActualAmount>{_text('ram:Reason', reason)}{tax}"
        f"</ram:SpecifiedTradeAllowanceCharge>"
    )


def _terms(invoice: Invoice) -> str:
    due = _date("ram:DueDateDateTime", invoice.due_date) if invoice.due_date else ""
    return _wrap("ram:SpecifiedTradePaymentTerms", _text("ram:Description", invoice.payment_terms) + due)


def _totals(invoice: Invoice) -> str:
    tax = f'<ram:TaxTotalAmount currencyID="{_escape(invoice.currency)}">{_amount(invoice.total_vat)}'
    return (
        f"<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        f"<ram:LineTotalAmount>{_amount(invoice.total_line_amount)}</ram:LineTotalAmount>"
        f"{_allowance_totals(invoice)}"
        f"<ram:TaxBasisTotalAmount>{_amount(invoice.total_without_vat)}</ram:TaxBasisTotalAmount>"
        f"{tax}</ram:TaxTotalAmount>{_optional_amount('ram:RoundingAmount', invoice.rounding_amount)}"
        f"<ram:GrandTotalAmount>{_amount(invoice.total_with_vat)}</ram:GrandTotalAmount>"
        f"{_optional_amount('ram:TotalPrepaidAmount', invoice.paid_amount)}"
        f"<ram:DuePayableAmount>{_amount(invoice.amount_due)}</ram:DuePayableAmount>"
        f"</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
    )


def _allowance_totals(invoice: Invoice) -> str:
    """BT-108 and BT-107, each where there is such a row at all, be its amount zero (BR-CO-11, BR-CO-12)."""
    if not invoice.allowances:
        return ""
    kinds = {row.is_charge for row in invoice.allowances}
    charged = f"<ram:ChargeTotalAmount>{_amount(invoice.charge_total)}</ram:ChargeTotalAmount>"
    allowed = f"<ram:AllowanceTotalAmount>{_amount(invoice.allowance_total)}</ram:AllowanceTotalAmount>"
    return (charged if True in kinds else "") + (allowed if False in kinds else "")


def _preceding_invoice(preceding: PrecedingInvoice) -> str:
    return (
        f"<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{_escape(preceding.number)}</ram:IssuerAssignedID>"
        f"{_date('ram:FormattedIssueDateTime', preceding.issue_date, 'qdt')}</ram:InvoiceReferencedDocument>"
    )


def _account(cost_centre: str) -> str:
    return _wrap("ram:ReceivableSpecifiedTradeAccountingAccount", _text("ram:ID", cost_centre))


def _period(start: date | None, end: date | None) -> str:
    if start is None and end is None:
        return ""
    first = _date("ram:StartDateTime", start) if start else ""
    last = _date("ram:EndDateTime", end) if end else ""
    return f"<ram:BillingSpecifiedPeriod>{first}{last}</ram:BillingSpecifiedPeriod>"


def _rate(category: str, rate: Decimal) -> str:
    return "" if category == "O" else f"<ram:RateApplicablePercent>{_number(rate)}</ram:RateApplicablePercent>"


def _date(tag: str, day: date, prefix: str = "udt") -> str:
    text = day.isoformat().replace("-", "")
    return f'<{tag}><{prefix}:DateTimeString format="102">{text}</{prefix}:DateTimeString></{tag}>'


def _wrap(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>" if inner else ""


def _text(tag: str, text: str) -> str:
    return f"<{tag}>{_escape(text)}</{tag}>" if text else ""


def _optional_amount(tag: str, value: Decimal) -> str:
    return f"<{tag}>{_amount(value)}</{tag}>" if value else ""


def _escape(text: str) -> str:
    """Escape markup; characters that XML 1.0 cannot hold become U+FFFD, visibly."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], "\ufffd"), text)


def _amount(value: Decimal) -> str:
    """At least two places; more are written as they are, so that BR-DEC rules can object."""
    whole, _, decimals = format(value + 0, "f").partition(".")
    return f"{whole}.{decimals:0<2}"


def _number(value: Decimal) -> str:
    text = format(value + 0, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
