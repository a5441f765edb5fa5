"""What letters say about documents, from their frozen snapshots: a mail says what the document says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.invoicing.papers.freezing import Content, form_of
from kundenkontor.kernel.references import payment_purpose
from kundenkontor.messaging.letters.document import DocumentLetter
from kundenkontor.messaging.letters.forwarded_document import ForwardedDocument
from kundenkontor.messaging.letters.letter import BankDetails
from kundenkontor.messaging.letters.reminder import OverdueReminder, RemindedDocument, Reminder, UpcomingReminder

REMINDERS: dict[str, type[Reminder]] = {"upcoming": UpcomingReminder, "overdue": OverdueReminder}


def file_name(invoice: Invoice) -> str:
    """Numbers are capitals and digits, so they are file names as they are."""
    return f"{invoice.number}.pdf"


def document_letter(invoice: Invoice, correction: Correction | None) -> DocumentLetter:
    return DocumentLetter(
        title=form_of(invoice, correction).title[invoice.language],
        number=invoice.number,
        issued=invoice.issue_date,
        amount_due=invoice.amount_due,
        currency=invoice.currency,
        asks_for_money=invoice.kind.asks_for_money,
        due=invoice.due_date,
        account=_account_of(invoice),
        reference=invoice.payment_reference,
        purpose=_purpose_of(invoice),
    )


def forwarded_document(invoice: Invoice, correction: Correction | None) -> ForwardedDocument:
    customer = _customer_of(invoice)
    return ForwardedDocument(
        title=form_of(invoice, correction).title[invoice.language],
        number=invoice.number,
        issued=invoice.issue_date,
        customer_name=customer["company"] or f"{customer['first_name']} {customer['last_name']}".strip(),
        customer_number=customer["number"],
    )


def reminder_letter(kind: str, rows: Sequence[tuple[Invoice, Decimal]]) -> Reminder:
    """``rows`` are invoices of one customer with their open amounts."""
    documents = tuple(
        RemindedDocument(
            number=invoice.number,
            issued=invoice.issue_date,
            due=invoice.due_date,
            open_amount=open_amount,
            currency=invoice.currency,
            purpose=_purpose_of(invoice),
        )
        for invoice, open_amount in rows
    )
    return REMINDERS[kind](documents=documents, account=_account_of(rows[0][0]))


def _customer_of(invoice: Invoice) -> Content:
    content: Content = invoice.customer_snapshot.content
    return content


def _purpose_of(invoice: Invoice) -> str:
    return payment_purpose(_customer_of(invoice)["number"], invoice.number)


def _account_of(invoice: Invoice) -> BankDetails | None:
    """The first account of the document; only the printed one counts (M47)."""
    for account in invoice.seller_snapshot.content["bank_accounts"][:1]:
        return BankDetails(account_name=account["account_name"], iban=account["iban"], bic=account["bic"])
    return None
