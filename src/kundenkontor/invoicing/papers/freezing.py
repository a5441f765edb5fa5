"""The frozen document of issued invoices, from their own rows and the two snapshots; nothing that may change is read.

Set-based: six queries for any number of documents, meant for batches of up to 500.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import read_file
from kundenkontor.einvoicing import model
from kundenkontor.invoicing.models import Correction, DocumentReference, Invoice, InvoiceLine, VatBreakdown
from kundenkontor.invoicing.papers.explaining import explain_on_paper, name_on_paper
from kundenkontor.kernel.countries import country_name
from kundenkontor.kernel.formats import format_date
from kundenkontor.kernel.kinds import Form
from kundenkontor.kernel.references import payment_purpose
from kundenkontor.parties.models import PartySnapshot
from kundenkontor.printing.invoice.frozen import (
    BankAccount,
    FrozenDocument,
    Language,
    LegalFooter,
    Letterhead,
    LineGroup,
    LineText,
    QrMode,
)
from kundenkontor.taxes.notes import one_stop_shop_note

Content = Mapping[str, Any]
_WORDS: dict[Language, dict[str, str]] = {
    "de": {
        "contract": "Vertrag",
        "one_off": "Einmalige Leistungen",
        "cancellation": "Wir stornieren die genannte Rechnung in voller Höhe.",
        "cancellation_of_rest": "Wir stornieren den nach früheren Korrekturen verbleibenden Betrag der genannten"
        " Rechnung.",
        "correction": "Wir korrigieren die genannte Rechnung um die folgenden Beträge.",
        "settled": "Der Betrag wird mit der genannten Rechnung verrechnet; was Sie schon bezahlt haben, schreiben wir"
        " Ihrem Kundenkonto als Saldo gut.",
        "terms": "Fällig sofort nach Erhalt, zahlbar ohne Abzug spätestens am {date}. Bitte verwenden Sie nur die hier"
        " angegebene Bankverbindung und geben Sie die Zahlungsreferenz oder den Verwendungszweck an.",
        "discount": "Rabatt",
        "care_of": "c/o",
    },
    "en": {
        "contract": "Contract",
        "one_off": "One-time services",
        "cancellation": "We cancel the invoice named above in full.",
        "cancellation_of_rest": "We cancel what earlier corrections left of the invoice named above.",
        "correction": "We correct the invoice named above by the following amounts.",
        "settled": "The amount is set off against the invoice named above; what you have already paid is kept for you"
        " as a balance on your customer account.",
        "terms": "Due on receipt, payable without deduction by {date} at the latest. Please use only the bank account"
        " named here and state the payment reference or purpose.",
        "discount": "Discount",
        "care_of": "c/o",
    },
}


@dataclass(slots=True)
class _Rows:
    """Everything read for a batch."""

    invoices: Sequence[Invoice]
    lines: dict[int, list[InvoiceLine]] = field(default_factory=lambda: defaultdict(list))
    vat: dict[int, list[VatBreakdown]] = field(default_factory=lambda: defaultdict(list))
    references: dict[int, list[DocumentReference]] = field(default_factory=lambda: defaultdict(list))
    snapshots: dict[int, Content] = field(default_factory=dict)
    corrections: dict[int, Correction] = field(default_factory=dict)
    logos: dict[str, bytes] = field(default_factory=dict)


def freeze_invoices(invoice_ids: Sequence[int]) -> dict[int, FrozenDocument]:
    """The frozen documents by invoice id. Raises InconsistentDocument for rows that contradict each other."""
    rows = _read(invoice_ids)
    return {invoice.pk: freeze(invoice, rows) for invoice in rows.invoices}


def _read(invoice_ids: Sequence[int]) -> _Rows:
    invoices = list(Invoice.objects.filter(pk__in=invoice_ids).order_by("pk"))
    rows = _Rows(invoices)
    for line in InvoiceLine.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "position"):
        rows.lines[line.invoice_id].append(line)
    for row in VatBreakdown.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "position"):
        rows.vat[row.invoice_id].append(row)
    references = DocumentReference.objects.select_related("referenced").filter(invoice_id__in=invoice_ids)
    for reference in references.order_by("invoice_id", "position"):
        rows.references[reference.invoice_id].append(reference)
    snapshot_ids = {id_ for invoice in invoices for id_ in (invoice.seller_snapshot_id, invoice.customer_snapshot_id)}
    rows.snapshots = dict(PartySnapshot.objects.filter(pk__in=snapshot_ids).values_list("pk", "content"))
    if any(invoice.kind.corrects for invoice in invoices):
        rows.corrections = Correction.objects.in_bulk(list(invoice_ids))
    hashes = {content["logo"] for content in rows.snapshots.values() if content.get("logo")}
    if hashes:
        rows.logos = {file.sha256: read_file(file) for file in StoredFile.objects.filter(sha256__in=hashes)}
    return rows


def freeze(invoice: Invoice, rows: _Rows) -> FrozenDocument:
    """One document of the batch."""
    seller, customer = rows.snapshots[invoice.seller_snapshot_id], rows.snapshots[invoice.customer_snapshot_id]
    language: Language = "en" if invoice.language == "en" else "de"
    lines = rows.lines[invoice.pk]
    form = form_of(invoice, rows.corrections.get(invoice.pk))
    asks = invoice.kind.asks_for_money
    return FrozenDocument(
        invoice=_semantic(invoice, rows, language),
        language=language,
        form=form.key,
        customer_number=customer["number"],
        recipient=recipient_of(customer, seller["country"], language),
        legal=_legal(seller),
        letterhead=Letterhead(logo=rows.logos.get(seller["logo"], b""), accent=seller["accent_colour"]),
        intro=_says(invoice, rows.references[invoice.pk], form, language)
        if invoice.kind.corrects
        else seller[f"intro_text_{language}"],
        closing=seller[f"closing_text_{language}"] if asks else "",  # it asks for money, or thanks for it
        payment_purpose=payment_purpose(customer["number"], invoice.number) if asks else "",
        rf_reference=invoice.payment_reference if asks else "",
        qr_mode=_qr_mode(seller, invoice),
        groups=_groups(lines, language) if form.key == "collective" else (),
        line_texts=tuple(_line_text(line) for line in lines),
    )


def _says(invoice: Invoice, references: Sequence[DocumentReference], form: Form, language: Language) -> str:
    """What a correction does; a cancellation after partial corrections takes back only what they left."""
    corrected = [row.referenced.amount_due for row in references if row.kind == "corrects"]
    is_rest = invoice.amount_due not in corrected
    return _WORDS[language]["cancellation_of_rest" if form.key == "cancellation" and is_rest else form.key]


def form_of(invoice: Invoice, correction: Correction | None) -> Form:
    """What the document is called: a full correction is a Stornorechnung, a partial one a Rechnungskorrektur."""
    kind = invoice.kind
    is_special = correction is not None and correction.is_full if kind.corrects else invoice.is_collective
    return kind.special if is_special else kind.usual


def _qr_mode(seller: Content, invoice: Invoice) -> QrMode:
    if not invoice.kind.asks_for_money or invoice.amount_due <= 0:
        return "none"
    mode: QrMode = seller["qr_mode"]
    return mode


def _semantic(invoice: Invoice, rows: _Rows, language: Language) -> model.Invoice:
    """The invoice in the terms of EN 16931."""
    seller, customer = rows.snapshots[invoice.seller_snapshot_id], rows.snapshots[invoice.customer_snapshot_id]
    lines = rows.lines[invoice.pk]
    has_payment = invoice.kind.asks_for_money and invoice.amount_due > 0
    contracts = {line.contract_number for line in lines}
    return model.Invoice(
        number=invoice.number,
        issue_date=invoice.issue_date,
        type_code=invoice.type_code,
        currency=invoice.currency,
        seller=_seller(seller),
        buyer=_buyer(customer),
        lines=tuple(_line(line, language, invoice.currency) for line in lines),
        vat_breakdown=tuple(_vat_row(row) for row in rows.vat[invoice.pk]),
        total_line_amount=invoice.total_without_vat,
        total_without_vat=invoice.total_without_vat,
        total_vat=invoice.total_vat,
        total_with_vat=invoice.total_with_vat,
        paid_amount=invoice.prepaid_amount,
        rounding_amount=invoice.rounding_amount,
        amount_due=invoice.amount_due,
        due_date=invoice.due_on,
        buyer_reference=invoice.buyer_reference,
        order_number=invoice.order_number,
        contract_number=contracts.pop() if len(contracts) == 1 else "",
        cost_centre=invoice.cost_centre,
        notes=_notes(invoice, rows.vat[invoice.pk], seller["country"], language),
        payment_terms=_terms(invoice, language),
        period_start=invoice.period_start,
        period_end=invoice.period_end,
        preceding_invoices=tuple(_preceding(row.referenced) for row in rows.references[invoice.pk]),
        payment_reference=invoice.payment_reference if has_payment else "",
        credit_transfers=tuple(_transfer(row) for row in seller["bank_accounts"]) if has_payment else (),
    )


def _notes(
    invoice: Invoice, breakdown: Sequence[VatBreakdown], seller_country: str, language: Language
) -> tuple[str, ...]:
    """BT-22: the document's own note, and whose VAT it carries where that is another country's (OSS)."""
    abroad = sorted({row.country for row in breakdown if row.category == "S" and row.country != seller_country})
    stated = [one_stop_shop_note(country_name(country, language), language) for country in abroad]
    return (*stated, invoice.note) if invoice.note else tuple(stated)


def _terms(invoice: Invoice, language: Language) -> str:
    """BT-20. Due at once, with the last day of the term (M49); only the printed account counts (M47)."""
    words = _WORDS[language]
    if not invoice.kind.asks_for_money:
        return words["settled"]
    if invoice.amount_due <= 0:
        return ""
    return words["terms"].format(date=format_date(invoice.due_date, language))


def _preceding(invoice: Invoice) -> model.PrecedingInvoice:
    return model.PrecedingInvoice(number=invoice.number, issue_date=invoice.issue_date)


def _transfer(account: Content) -> model.CreditTransfer:
    return model.CreditTransfer(iban=account["iban"], account_name=account["account_name"], bic=account["bic"])


def _seller(content: Content) -> model.Party:
    return model.Party(
        name=content["name"],
        address=_address(content),
        vat_id=content["vat_id"],
        tax_number=content["tax_number"],
        identifier="" if content["register_number"] else content["tax_number"],  # a small business has only that one
        registration=content["register_number"],
        additional_legal_information=content["legal_form"],
        electronic_address=content["email"],
        electronic_address_scheme="EM" if content["email"] else "",
        contact_name=content["name"],
        contact_phone=content["phone"],
        contact_email=content["email"],
    )


def _buyer(content: Content) -> model.Party:
    """Name and own address: they decide the tax and stay even where the document goes elsewhere (BT-44, BG-8)."""
    person = _person(content)
    return model.Party(
        name=content["company"] or person,
        address=_address(content),
        vat_id=content["vat_id"],
        identifier=content["number"],
        electronic_address=content["email"],
        electronic_address_scheme="EM" if content["email"] else "",
        contact_name=person if content["company"] else "",
    )


def _person(content: Content) -> str:
    return f"{content['first_name']} {content['last_name']}".strip()


def _address(content: Content) -> model.Address:
    return model.Address(
        line_one=content["street"],
        postal_code=content["postal_code"],
        city=content["city"],
        country=content["country"],
    )


def recipient_of(content: Content, seller_country: str, language: Language) -> tuple[str, ...]:
    """The lines of the address window: the deviating invoice address where there is one (M39)."""
    if content["has_invoice_address"]:
        care_of = content["invoice_care_of"]
        name = content["invoice_name"] or content["company"] or _person(content)
        head = (name, f"{_WORDS[language]['care_of']} {care_of}" if care_of else "", content["invoice_department"])
        prefix = "invoice_"
    else:
        head = (content["company"] or _person(content), _person(content) if content["company"] else "", "")
        prefix = ""
    country = content[f"{prefix}country"] or content["country"]
    town = f"{content[f'{prefix}postal_code']} {content[f'{prefix}city']}".strip()
    abroad = country_name(country, language) if country != seller_country else ""
    return tuple(part for part in (*head, content[f"{prefix}street"], town, abroad) if part)


def _line(line: InvoiceLine, language: Language, currency: str) -> model.Line:
    return model.Line(
        id=str(line.position),
        name=name_on_paper(line, language),
        quantity=line.quantity,
        unit=line.unit,
        net_price=line.net_price,
        net_amount=line.net_amount,
        vat_category=line.vat_category,
        vat_rate=line.vat_rate,
        base_quantity=line.base_quantity,
        description=_description(line),
        article_number=line.article_number,
        note=explain_on_paper(line, language, currency),
        period_start=line.period_start,
        period_end=line.period_end,
        cost_centre=line.cost_centre,
        object_identifier=line.contract_number,
        allowance_amount=line.allowance_amount,
        allowance_percent=line.discount_percent if line.allowance_amount else None,
        allowance_reason=_WORDS[language]["discount"] if line.allowance_amount else "",
    )


def _description(line: InvoiceLine) -> str:
    """BT-154 begins with the domain or package, so that the XML says as much as the paper."""
    if not line.identifier or line.identifier in line.description:
        return line.description
    return ", ".join(filter(None, (line.identifier, line.description)))


def _vat_row(row: VatBreakdown) -> model.VatBreakdown:
    return model.VatBreakdown(
        category=row.category,
        rate=row.rate,
        taxable_amount=row.taxable_amount,
        tax_amount=row.tax_amount,
        exemption_code=row.exemption_code,
        exemption_reason=row.exemption_reason,
    )


def _line_text(line: InvoiceLine) -> LineText:
    return LineText(
        line_id=str(line.position), identifier="" if line.identifier in line.description else line.identifier
    )


def _groups(lines: Sequence[InvoiceLine], language: Language) -> tuple[LineGroup, ...]:
    """The lines of each contract, in the order in which contracts first appear; one-off items without one last."""
    by_contract: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        by_contract.setdefault(line.contract_number, []).append(line)
    ordered = sorted(by_contract.items(), key=lambda item: item[0] == "")
    words = _WORDS[language]
    return tuple(
        LineGroup(
            heading=f"{words['contract']} {number}" if number else words["one_off"],
            line_ids=tuple(str(line.position) for line in group),
        )
        for number, group in ordered
    )


def _legal(content: Content) -> LegalFooter:
    directors = (name.strip() for name in content["managing_directors"].split(","))
    return LegalFooter(
        legal_form=content["legal_form"],
        seat=content["seat"],
        register_number=content["register_number"],
        register_court=content["register_court"],
        managing_directors=tuple(name for name in directors if name),
        tax_number=content["tax_number"],
        vat_id=content["vat_id"],
        bank_accounts=tuple(
            BankAccount(iban=row["iban"], bic=row["bic"], bank_name=row["bank_name"])
            for row in content["bank_accounts"]
        ),
        phone=content["phone"],
        email=content["email"],
        website=content["website"],
    )
