"""Everything that changes payments: receiving, booking, reversing, and spending what a customer has left over."""

from kundenkontor.payments.commands.balances import offset_balance, refund_balance
from kundenkontor.payments.commands.booking import book_payment, record_payment
from kundenkontor.payments.commands.reversing import reverse_payment

__all__ = ["book_payment", "offset_balance", "record_payment", "refund_balance", "reverse_payment"]
