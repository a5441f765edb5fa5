"""The texts of the mails that carry documents, in the language that is active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.invoicing.papers.freezing import Content, form_of
from kundenkontor.kernel.formats import format_amount, format_day, format_iban
from kundenkontor.kernel.references import payment_purpose
from kundenkontor.messaging.signature import signature
from kundenkontor.parties.models import Seller
from kundenkontor.printing.invoice.frozen import Language


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text of a mail."""

    subject: str
    body: str


def language_of(text: str) -> Language:
    """The languages we write in."""
    return "en" if text == "en" else "de"


def file_name(invoice: Invoice) -> str:
    """Numbers are capitals and digits, so they are file names as they are."""
    return f"{invoice.number}.pdf"


def document_letter(
    invoice: Invoice, seller: Seller, content: Content, customer: Content, correction: Correction | None = None
) -> Letter:
    """ "Ihre Rechnung RE… vom …": amount, due date, where to pay and the purpose; or what a correction takes back.

    ``content`` and ``customer`` are the snapshots of the document, so the mail says what the document says.
    """
    language = language_of(invoice.language)
    title = form_of(invoice, correction).title[language]
    title = title.lower() if language == "en" else title  # it stands within a sentence
    issued = format_day(invoice.issue_date, language)
    subject = _("Your {title} {number} of {date}").format(title=title, number=invoice.number, date=issued)
    opening = _("attached you find your {title} {number} of {date} as PDF; it also contains the invoice data as XML.")
    parts = [
        _("Good day,"),
        opening.format(title=title, number=invoice.number, date=issued),
        _amounts(invoice, content, customer, language),
        _("With kind regards"),
        signature(seller),
    ]
    return Letter(subject, "\n\n".join(part for part in parts if part) + "\n")


def _amounts(invoice: Invoice, content: Content, customer: Content, language: Language) -> str:
    amount = format_amount(invoice.amount_due, invoice.currency, language)
    if not invoice.kind.asks_for_money:
        text = _("Amount: {amount}. It is set off against the original invoice; you need not do anything.")
        return text.format(amount=amount)
    if invoice.amount_due <= 0:
        return _("Nothing has to be paid.")
    rows = [
        (_("Amount due"), amount),
        (_("Due on"), format_day(invoice.due_date, language)),
        *_bank_rows(content),
        (_("Payment reference"), invoice.payment_reference),
        (_("Purpose"), payment_purpose(customer["number"], invoice.number)),
    ]
    return table(rows)


def _bank_rows(content: Content) -> list[tuple[str, str]]:
    """The first account of the document; only the printed one counts (M47)."""
    for account in content["bank_accounts"][:1]:
        iban = format_iban(account["iban"]).replace("\u00a0", " ")
        return [(_("Payee"), account["account_name"]), ("IBAN", iban), ("BIC", account["bic"])]
    return []


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Label and value per line; empty ones are left out."""
    return "\n".join(f"{label}: {value}" for label, value in rows if value)


def forward_letter(invoice: Invoice, seller: Seller, customer: Content, correction: Correction | None = None) -> Letter:
    """To the customer's own bookkeeping."""
    language = language_of(invoice.language)
    title = form_of(invoice, correction).title[language]
    issued = format_day(invoice.issue_date, language)
    name = customer["company"] or f"{customer['first_name']} {customer['last_name']}".strip()
    subject = _("{title} {number} of {date}").format(title=title, number=invoice.number, date=issued)
    text = _("{title} {number} of {date} for {name} (customer number {customer}) was forwarded to you as PDF.")
    sentence = text.format(title=title, number=invoice.number, date=issued, name=name, customer=customer["number"])
    return Letter(subject, "\n\n".join([_("Good day,"), sentence, signature(seller)]) + "\n")


def reminder_letter(kind: str, rows: Sequence[tuple[Invoice, str]], seller: Seller, number: str) -> Letter:
    """Before the due date, or the Zahlungserinnerung after it; ``rows`` are invoices with their open amounts.

    No fee, no interest, no threat: it is a reminder.
    """
    language = language_of(rows[0][0].language)
    if kind == "upcoming":
        subject = _("Payment due soon: {numbers}")
        opening = _("a friendly note that payment for the following documents will be due soon:")
    else:
        subject = _("Payment reminder: {numbers}")
        opening = _("we have not yet received your payment for the following documents. Perhaps it was overlooked:")
    items = [
        _("{number} of {issued}: {amount} open, due on {due}").format(
            number=invoice.number,
            issued=format_day(invoice.issue_date, language),
            amount=amount,
            due=format_day(invoice.due_date, language),
        )
        + "\n  "
        + table([(_("Purpose"), payment_purpose(number, invoice.number))])
        for invoice, amount in rows
    ]
    numbers = ", ".join(invoice.number for invoice, _amount in rows[:3]) + (" …" if len(rows) > 3 else "")
    parts = [
        _("Good day,"),
        opening,
        "\n".join(items),
        table(_bank_rows(rows[0][0].seller_snapshot.content)),
        _("If you have already paid, please disregard this mail."),
        _("With kind regards"),
        signature(seller),
    ]
    return Letter(subject.format(numbers=numbers), "\n\n".join(part for part in parts if part) + "\n")
