"""The one table of what can happen: the stable name of every event, what it is about, and its words.

Adding an event is one constant here, and its German in the fragment; ``record_events`` takes nothing else. What
follows from an event stands in ``reactions``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True, eq=False)
class EventName:
    """``name`` is stored, sealed and never renamed. ``subject`` is the kind of row the event's subject id points to.

    ``is_public``: customers' systems may be told (web hooks, exports), so its payload is a promise: it grows, and any
    other change is a new ``version``.
    """

    name: str
    subject: str
    words: _StrPromise
    is_public: bool = False
    version: int = 1

    def __str__(self) -> str:
        return self.name


ACCESS_ASKED_FOR_ALL = EventName("access.asked_for_all", "seller", _("Access for all without a login asked for"))
ACCESS_EMAIL_CHANGED = EventName("access.email_changed", "user", _("E-mail address of a login changed"))
ACCESS_MEMBERSHIP_ADDED = EventName("access.membership_added", "user", _("Access to a customer given"))
ACCESS_MEMBERSHIP_REMOVED = EventName("access.membership_removed", "user", _("Access to a customer taken"))
ACCESS_PASSWORD_SET = EventName("access.password_set", "user", _("Password set"))
ACCESS_ROLE_CHANGED = EventName("access.role_changed", "user", _("Role changed"))
ACCESS_SENT = EventName("access.sent", "user", _("Access data sent"))
ACCESS_USER_CREATED = EventName("access.user_created", "user", _("Login created"))
ACCESS_USER_DEACTIVATED = EventName("access.user_deactivated", "user", _("Login locked"))
ACCESS_USER_REACTIVATED = EventName("access.user_reactivated", "user", _("Login unlocked"))
BALANCE_OFFSET = EventName("balance.offset", "allocation", _("Balance offset"), is_public=True)
BALANCE_OFFSET_REVERSED = EventName(
    "balance.offset_reversed", "allocation", _("Offset of a balance undone"), is_public=True
)
BALANCE_REFUNDED = EventName("balance.refunded", "refund", _("Balance refunded"), is_public=True)
BANK_ACCOUNT_SAVED = EventName("bank_account.saved", "seller", _("Bank account saved"))
BILLING_ISSUING_ASKED = EventName("billing.issuing_asked", "billing_run", _("Billing run handed over for issuing"))
BILLING_PREVIEW_ASKED = EventName("billing.preview_asked", "billing_run", _("Preview of a billing run asked for"))
BILLING_RETRY_ASKED = EventName("billing.retry_asked", "billing_run", _("Parked customers billed again"))
BILLING_RUN_CONFIRMED = EventName("billing.run_confirmed", "billing_run", _("Billing run confirmed"))
BILLING_RUN_DISCARDED = EventName("billing.run_discarded", "billing_run", _("Billing run discarded"))
BILLING_RUN_FINISHED = EventName("billing.run_finished", "billing_run", _("Billing run finished"))
BILLING_RUN_STARTED = EventName("billing.run_started", "billing_run", _("Billing run started"))
BILLING_SAFETY_BOUND_RELEASED = EventName("billing.safety_bound_released", "billing_run", _("Safety bound released"))
CLOCK_MOVED = EventName("clock.moved", "", _("Business clock moved"))
CONTACT_ADDED = EventName("contact.added", "customer", _("Contact added"))
CONTACT_CHANGED = EventName("contact.changed", "customer", _("Contact changed"))
CONTACT_CHOSEN_FOR_INVOICES = EventName("contact.chosen_for_invoices", "customer", _("Contact for invoices chosen"))
CONTACT_REMOVED = EventName("contact.removed", "customer", _("Contact removed"))
CONTRACT_CHANGED = EventName("contract.changed", "contract", _("Contract changed"), is_public=True)
CONTRACT_CREATED = EventName("contract.created", "contract", _("Contract created"), is_public=True)
CONTRACT_END_TAKEN_BACK = EventName(
    "contract.end_taken_back", "contract", _("End of a contract taken back"), is_public=True
)
CONTRACT_ENDED = EventName("contract.ended", "contract", _("Contract ended"), is_public=True)
CONTRACT_PRICE_CHANGED = EventName("contract.price_changed", "contract", _("Contract price changed"), is_public=True)
CONTRACT_PRICE_WITHDRAWN = EventName(
    "contract.price_withdrawn", "contract", _("Contract price withdrawn"), is_public=True
)
CONTRACT_UPDATED = EventName("contract.updated", "contract", _("Contract changed by an import"), is_public=True)
CUSTOMER_CHANGE_REQUEST_ACCEPTED = EventName(
    "customer.change_request_accepted", "customer", _("Change of data accepted")
)
CUSTOMER_CHANGE_REQUEST_REFUSED = EventName("customer.change_request_refused", "customer", _("Change of data refused"))
CUSTOMER_CHANGE_REQUEST_WITHDRAWN = EventName(
    "customer.change_request_withdrawn", "customer", _("Change of data withdrawn")
)
CUSTOMER_CHANGE_REQUESTED = EventName("customer.change_requested", "customer", _("Change of data requested"))
CUSTOMER_CHANGED = EventName("customer.changed", "customer", _("Customer changed"), is_public=True)
CUSTOMER_COLLECTIVE_CHOSEN = EventName("customer.collective_chosen", "customer", _("Kind of invoice chosen"))
CUSTOMER_CREATED = EventName("customer.created", "customer", _("Customer created"), is_public=True)
CUSTOMER_UPDATED = EventName("customer.updated", "customer", _("Customer changed by an import"), is_public=True)
DATABASE_RESTORED = EventName("database.restored", "restoration", _("Older state of the database noted"))
DELIVERY_ASKED = EventName("delivery.asked", "billing_run", _("Sending of a billing run asked for"))
DELIVERY_PARKED = EventName("delivery.parked", "paper", _("Document not sent"))
DEMO_CREATED = EventName("demo.created", "seller", _("Demo data created"))
DOCUMENTS_SELECTED = EventName("documents.selected", "selection", _("Documents picked for a download"))
DRAFT_CHANGED = EventName("draft.changed", "draft", _("Draft changed"))
DRAFT_CREATED = EventName("draft.created", "draft", _("Draft created"))
DRAFT_DISCARDED = EventName("draft.discarded", "draft", _("Draft discarded"))
DRAFT_ISSUED = EventName("draft.issued", "invoice", _("Draft issued"))
FILE_MEND_ASKED = EventName("file.mend_asked", "file", _("Mending of a damaged file asked for"))
IMPORT_CONFIRMED = EventName("import.confirmed", "import_upload", _("Import confirmed"))
IMPORT_FINISHED = EventName("import.finished", "import_run", _("Import finished"))
INTEGRITY_CHECK_ASKED = EventName("integrity.check_asked", "", _("Integrity check asked for"))
INTEGRITY_CHECKED = EventName("integrity.checked", "", _("Integrity checked"))
JOB_RESTARTED = EventName("job.restarted", "", _("Failed job started again"))
INVOICE_CANCELLED = EventName("invoice.cancelled", "invoice", _("Invoice cancelled"), is_public=True)
INVOICE_CORRECTED = EventName("invoice.corrected", "invoice", _("Invoice corrected in part"), is_public=True)
INVOICE_ISSUED = EventName("invoice.issued", "invoice", _("Document issued"), is_public=True)
INVOICE_WRITE_OFF_TAKEN_BACK = EventName(
    "invoice.write_off_taken_back", "write_off", _("Write-off taken back"), is_public=True
)
INVOICE_WRITTEN_OFF = EventName("invoice.written_off", "write_off", _("Written off"), is_public=True)
MAIL_RETRIED = EventName("mail.retried", "mail", _("E-mail sent again"))
NUMBER_GAP_DECLARED = EventName("number_gap.declared", "number_series", _("Gap in a number series declared"))
NUMBER_SERIES_CHANGED = EventName("number_series.changed", "number_series", _("Number series changed"))
NUMBERS_RELEASED = EventName("numbers.released", "restoration", _("Issuing released after a restore"))
ONE_OFF_ADDED = EventName("one_off.added", "one_off", _("One-off item added"))
ONE_OFF_DISCARDED = EventName("one_off.discarded", "one_off", _("One-off item discarded"))
# about a paper of any kind: its payload names the kind
PAPER_FORWARDED = EventName("paper.forwarded", "paper", _("Document sent to bookkeeping"))
PAPER_MENDED = EventName("paper.mended", "paper", _("Damaged file of the document made again"))
PAPER_RENDER_ASKED = EventName("paper.render_asked", "paper", _("Files of the document asked for again"))
PAPER_RENDERED = EventName("paper.rendered", "paper", _("Files of the document stored"), is_public=True)
PAPER_SENT = EventName("paper.sent", "paper", _("Document sent"), is_public=True)
PARTY_FROZEN = EventName("party.frozen", "snapshot", _("State for documents frozen"))
PAYMENT_ALLOCATION_REVERSED = EventName(
    "payment.allocation_reversed", "allocation", _("Allocation of a payment undone"), is_public=True
)
PAYMENT_BOOKED = EventName("payment.booked", "payment", _("Payment booked"), is_public=True)
PAYMENT_RECEIVED = EventName("payment.received", "payment", _("Payment received"), is_public=True)
PAYMENT_REVERSED = EventName("payment.reversed", "payment", _("Payment reversed"), is_public=True)
PRODUCT_CHANGED = EventName("product.changed", "product", _("Product changed"))
PRODUCT_CREATED = EventName("product.created", "product", _("Product created"))
PRODUCT_PRICE_ADDED = EventName("product.price_added", "product", _("Product price added"))
REMINDER_UPCOMING = EventName("reminder.upcoming", "invoice", _("Reminder before the due date"), is_public=True)
REMINDER_OVERDUE = EventName("reminder.overdue", "invoice", _("Payment reminder"), is_public=True)
RETURNS_DECLARED = EventName("returns.declared", "declaration", _("Tax returns declared"))
ROWS_SEALED = EventName("rows.sealed", "", _("Rows of a table sealed"))
SEAL_KEY_CHANGED = EventName("seal_key.changed", "", _("New key of the event chain"))
SELLER_CHANGED = EventName("seller.changed", "seller", _("Seller changed"))
SELLER_CREATED = EventName("seller.created", "seller", _("Seller created"))
SELLER_TAX_SETTING_CHANGED = EventName("seller.tax_setting_changed", "seller", _("Tax setting of a seller changed"))
SELLER_VAT_ID_CHECK_ASKED = EventName(
    "seller.vat_id_check_asked", "seller", _("Check of the seller’s VAT id asked for")
)
SELLER_VAT_ID_CHECKED = EventName("seller.vat_id_checked", "seller_vat_id_check", _("VAT id of the seller checked"))
TAX_RATE_ADDED = EventName("tax_rate.added", "tax_rate", _("VAT rate added"))
VAT_ID_CHECK_ASKED = EventName("vat_id.check_asked", "customer", _("VAT id check asked for"))
VAT_ID_CHECKED = EventName("vat_id.checked", "vat_id_check", _("VAT id checked"))

EVENT_NAMES = {event.name: event for event in list(globals().values()) if isinstance(event, EventName)}


def names_about(subject: str) -> list[str]:
    """The names of the events about one kind of row, to find them by subject id."""
    return [event.name for event in EVENT_NAMES.values() if event.subject == subject]


def event_words(name: str) -> str:
    """The event in the reader's language; a stored name that is no longer in the table is shown as it is."""
    event = EVENT_NAMES.get(name)
    return name if event is None else str(event.words)
