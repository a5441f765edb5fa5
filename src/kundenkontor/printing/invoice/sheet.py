"""From a frozen document to the strings on the paper; the template only places them."""

from __future__ import annotations

from typing import Any

from kundenkontor.einvoicing.model import Address, Invoice, Party
from kundenkontor.kernel.formats import format_date, format_iban, format_money, format_period
from kundenkontor.printing.fonts import printable
from kundenkontor.printing.invoice.footer import footer_columns
from kundenkontor.printing.invoice.frozen import FrozenDocument
from kundenkontor.printing.invoice.lines import line_table
from kundenkontor.printing.invoice.sums import totals_of, vat_table
from kundenkontor.printing.invoice.wording import words

Rows = list[list[str]]


def lay_out(document: FrozenDocument) -> dict[str, Any]:
    """All that the template prints but for the lines: formatted, translated, in characters the fonts have."""
    invoice, language = document.invoice, document.language
    sheet = {
        "language": language,
        "labels": dict(words(language)),
        "title": document.title or document.words.title[language],
        "number": invoice.number,
        "seller": invoice.seller.name,
        "watermark": words(language)["draft"].upper() if document.is_draft else "",
        "subject": refers_to(document),
        "accent": document.letterhead.accent,
        "sender": sender_line(invoice.seller),
        "recipient": list(document.recipient),
        "information": information(document),
        "service_recipient": service_recipient(document),
        "address_in_full": address_in_full(document),
        "glance": at_a_glance(document),
        "intro": paragraphs(document.intro),
        "vat": vat_table(invoice, language),
        "totals": totals_of(document),
        "payment": payment_rows(document),
        "qr_alt": qr_description(document),
        "notes": notes_of(invoice),
        "closing": paragraphs(document.closing),
        "footer": footer_columns(invoice.seller, document.legal, language),
    }
    return {key: _printable(value) for key, value in sheet.items()}


def lay_out_lines(document: FrozenDocument) -> dict[str, Any]:
    """The table of lines, apart: typst hashes the sheet each time that it is handed on."""
    return {key: _printable(value) for key, value in line_table(document).items()}


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    return value


def paragraphs(text: str) -> list[str]:
    """Split at empty lines; a single line break stays in its paragraph."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def sender_line(seller: Party) -> str:
    """The small return address above the recipient (DIN 5008)."""
    return " · ".join(filter(None, (seller.name, *_address_parts(seller.address))))


def _address_parts(address: Address) -> tuple[str, ...]:
    town = f"{address.postal_code} {address.city}".strip()
    return (address.line_one, address.line_two, address.line_three, town)


def refers_to(document: FrozenDocument) -> str:
    """Number and date of the corrected document (BT-25, BT-26)."""
    pattern = words(document.language)["refers_to"]
    return ", ".join(
        pattern.format(number=earlier.number, date=format_date(earlier.issue_date, document.language))
        for earlier in document.invoice.preceding_invoices
    )


def information(document: FrozenDocument) -> Rows:
    """The block beside the address: what a bookkeeper types first."""
    invoice, language = document.invoice, document.language
    labels = words(language)
    head = "correction_" if document.is_correction else ""
    due = invoice.due_date if document.kind.asks_for_money and invoice.amount_due > 0 else None
    rows = [
        [labels[f"{head}number"], invoice.number],
        [labels["correction_date" if head else "issue_date"], format_date(invoice.issue_date, language)],
        service_period(invoice, document),
        [labels["customer_number"], document.customer_number],
        [labels["due_date"], format_date(due, language) if due else ""],
        *([labels["preceding"], earlier.number] for earlier in invoice.preceding_invoices[:1]),
        [labels["buyer_vat_id"], invoice.buyer.vat_id],
        [labels["order_number"], invoice.order_number],
        [labels["buyer_reference"], invoice.buyer_reference],
        [labels["cost_centre"], invoice.cost_centre],
        [labels["contract"], "" if document.groups else invoice.contract_number],
    ]
    return [row for row in rows if row[1]]


def service_period(invoice: Invoice, document: FrozenDocument) -> list[str]:
    """Of the document (BG-14), its lines from first to last day, or the day of delivery."""
    starts = [line.period_start for line in invoice.lines if line.period_start]
    ends = [line.period_end for line in invoice.lines if line.period_end]
    start = invoice.period_start or min(starts, default=invoice.delivery_date)
    end = invoice.period_end or max(ends, default=invoice.delivery_date)
    label = "service_date" if start == end else "service_period"
    return [words(document.language)[label], format_period(start, end, document.language)]


def service_recipient(document: FrozenDocument) -> str:
    """Name and own address of the buyer (BG-8) where the window shows another one (§ 11 UStG)."""
    buyer = document.invoice.buyer
    window = {" ".join(line.split()) for line in document.recipient}
    parts = [" ".join(part.split()) for part in (buyer.name, *_address_parts(buyer.address)) if part]
    abroad = buyer.address.country != document.invoice.seller.address.country
    country = [buyer.address.country] if abroad else []
    return "" if window.issuperset(parts) else ", ".join([*parts, *country])


def address_in_full(document: FrozenDocument) -> list[str]:
    """Label and text that stand below where the window is too small for the address and shows it shortened."""
    label = "postal_address" if service_recipient(document) else "recipient_of_service"
    return [words(document.language)[label], ", ".join(document.recipient)]


def at_a_glance(document: FrozenDocument) -> Rows:
    """The two or three facts a reader looks for; the first one is set large."""
    invoice, language = document.invoice, document.language
    labels = words(language)
    rows = [[document.words.amount[language], format_money(invoice.amount_due, invoice.currency, language)]]
    if document.is_correction:
        return [*rows, *_preceding_rows(document)]
    if invoice.amount_due <= 0:
        return [*rows, [labels["payment"], labels["nothing_to_pay"]]]
    if invoice.due_date:
        rows.append([labels["due_date"], format_date(invoice.due_date, language)])
    if document.rf_reference:
        rows.append([labels["reference"], format_iban(document.rf_reference)])
    return rows


def _preceding_rows(document: FrozenDocument) -> Rows:
    labels = words(document.language)
    return [
        row
        for earlier in document.invoice.preceding_invoices[:1]
        for row in (
            [labels["preceding"], earlier.number],
            [labels["preceding_date"], format_date(earlier.issue_date, document.language)],
        )
    ]


def payment_rows(document: FrozenDocument) -> Rows:
    """Where to pay; empty when there is nothing to pay or no account to pay to."""
    invoice, language = document.invoice, document.language
    labels = words(language)
    if not document.asks_for_transfer:
        return []
    account = invoice.credit_transfers[0]
    rows = [
        [labels["account_holder"], account.account_name or invoice.seller.name],
        [labels["iban"], format_iban(account.iban)],
        [labels["bic"], account.bic],
        [labels["amount"], format_money(invoice.amount_due, invoice.currency, language)],
        [labels["reference"], format_iban(document.rf_reference)],
        [labels["purpose"], document.payment_purpose],
    ]
    return [row for row in rows if row[1]]


def qr_description(document: FrozenDocument) -> str:
    """The code in words, for those who do not see it."""
    invoice = document.invoice
    amount = format_money(invoice.amount_due, invoice.currency, document.language)
    iban = invoice.credit_transfers[0].iban if invoice.credit_transfers else ""
    return words(document.language)["qr_alt"].format(amount=amount, iban=iban)


def notes_of(invoice: Invoice) -> list[str]:
    """Tax notes first (BT-120), then the document's own, each once."""
    reasons = [row.exemption_reason for row in invoice.vat_breakdown]
    return list(dict.fromkeys(filter(None, [*reasons, *invoice.notes, invoice.payment_terms])))
