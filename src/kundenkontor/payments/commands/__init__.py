"""Everything that changes payments: receiving, booking, undoing, and spending what a customer has left over."""

from kundenkontor.payments.commands.balances import offset_balance, refund_balance
from kundenkontor.payments.commands.receiving import IncomingPayment, book_payments, receive_payments
from kundenkontor.payments.commands.reversing import reverse_payment
from kundenkontor.payments.commands.undoing import undo_allocation

__all__ = [
    "IncomingPayment",
    "book_payments",
    "offset_balance",
    "receive_payments",
    "refund_balance",
    "reverse_payment",
    "undo_allocation",
]
