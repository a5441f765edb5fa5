"""Refusals of payments."""

from kundenkontor.kernel.errors import DomainError, message


class AmountNotPositive(DomainError):
    code = "amount_not_positive"
    field = "amount"
    template = message("The amount must be more than nothing.")


class NotReceivedYet(DomainError):
    """VAT on receipt follows this day: a mistyped year would keep it out of every return until then."""

    code = "not_received_yet"
    field = "received_on"
    template = message("Money cannot have been received after today.")


class ItemNotFound(DomainError):
    """Also for an item of another customer: what is not theirs does not exist."""

    code = "open_item_not_found"
    field = "allocations"
    template = message("This open item does not exist.")


class AllocationTooLarge(DomainError):
    code = "allocation_too_large"
    field = "allocations"
    template = message("Only {available:EUR} of {number} are open.")


class PaymentExceeded(DomainError):
    code = "payment_exceeded"
    field = "allocations"
    template = message("More was allocated than the {amount:EUR} that were paid.")


class BookedLater(DomainError):
    code = "booked_later"
    field = "allocations"
    template = message("A payment is allocated when it is booked.")


class AlreadyBooked(DomainError):
    code = "already_booked"
    template = message("This payment is already booked.")


class AlreadyReversed(DomainError):
    code = "already_reversed"
    template = message("This payment is already reversed.")


class AllocationUndone(DomainError):
    code = "allocation_undone"
    template = message("This allocation is already undone.")


class BalanceMoved(DomainError):
    """Somebody offset it, or corrected what its payment settled, while that was being undone."""

    code = "balance_moved"
    template = message("What this payment settled has just changed; please try again.")


class BalanceTooSmall(DomainError):
    code = "balance_too_small"
    field = "amount"
    template = message("Only {available:EUR} of the balance are left.")
