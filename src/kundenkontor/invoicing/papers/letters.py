"""What letters say about documents, from their frozen snapshots: a mail says what the document says."""

from __future__ import annotations

from kundenkontor.invoicing.issuing.earlier import open_before
from kundenkontor.invoicing.models import Correction, Invoice
from kundenkontor.invoicing.papers.freezing import Content, form_of
from kundenkontor.kernel.references import payment_purpose
from kundenkontor.messaging.letters.document import DocumentLetter
from kundenkontor.messaging.letters.forwarded_document import ForwardedDocument
from kundenkontor.messaging.letters.letter import BankDetails


def delivering_letter(invoice: Invoice, correction: Correction | None) -> DocumentLetter:
    """The mail that brings a document to its customer."""
    return DocumentLetter(
        title=form_of(invoice, correction).title[invoice.language],
        number=invoice.number,
        issued=invoice.issue_date,
        amount_due=invoice.amount_due,
        currency=invoice.currency,
        asks_for_money=invoice.kind.asks_for_money,
        due=invoice.due_date,
        account=account_of(invoice),
        reference=invoice.payment_reference,
        purpose=purpose_of(invoice),
        open_before=open_before(invoice.note),
    )


def forwarding_letter(invoice: Invoice, correction: Correction | None) -> ForwardedDocument:
    """The mail that passes a document on to the customer's bookkeeping."""
    customer = _customer_of(invoice)
    return ForwardedDocument(
        title=form_of(invoice, correction).title[invoice.language],
        number=invoice.number,
        issued=invoice.issue_date,
        customer_name=customer["company"] or f"{customer['first_name']} {customer['last_name']}".strip(),
        customer_number=customer["number"],
    )


def purpose_of(invoice: Invoice) -> str:
    """What a transfer for a document states."""
    return payment_purpose(_customer_of(invoice)["number"], invoice.number)


def account_of(invoice: Invoice) -> BankDetails | None:
    """The first account of the document; only the printed one counts (M47)."""
    for account in invoice.seller_snapshot.content["bank_accounts"][:1]:
        return BankDetails(account_name=account["account_name"], iban=account["iban"], bic=account["bic"])
    return None


def _customer_of(invoice: Invoice) -> Content:
    content: Content = invoice.customer_snapshot.content
    return content
