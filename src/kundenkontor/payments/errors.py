"""Refusals of payments."""

from collections.abc import Sequence

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


class SucceededLater(DomainError):
    code = "succeeded_later"
    field = "succeeded_on"
    template = message("A provider cannot pay out money before it has it.")


class ReceiptUnusual(DomainError):
    """A mistyped year would correct a return of long ago."""

    code = "receipt_unusual"
    field = "is_confirmed"
    template = message("This day lies before the first document of {customer}, or more than a year back. Is it right?")


class MovedTooEarly(DomainError):
    """Money cannot leave before it came, nor after today."""

    code = "moved_too_early"
    field = "returned_on"
    template = message("Money can have been returned from {since} to {until}.")


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


class FarAboveOpen(DomainError):
    """An amount with a digit too many, or paid twice."""

    code = "far_above_open"
    template = message("{rest:EUR} more than is open would stay as a balance.")


class NamesDocumentOfAnother(DomainError):
    code = "names_document_of_another"
    template = message("The reference names {number}, a document of {customer}.")


class NamesSettledDocument(DomainError):
    code = "names_settled_document"
    template = message("The reference names {number}, of which nothing is open.")


class NamesDocumentLeftOpen(DomainError):
    """Another of the customer's documents than those that the payment goes to."""

    code = "names_document_left_open"
    template = message("The reference names {number}, of which this payment settles nothing.")


class NamesAnotherCustomer(DomainError):
    code = "names_another_customer"
    template = message("The reference names {customer}.")


class PaymentOdd(DomainError):
    """Booked only once somebody has said that it is right."""

    code = "payment_odd"
    field = "is_meant"
    template = message("Please look at this and tick that it is right: {reasons}")

    def __init__(self, oddities: Sequence[DomainError]) -> None:
        super().__init__()
        self.oddities = oddities

    def shown(self) -> dict[str, str]:
        return {"reasons": " ".join(dict.fromkeys(str(one) for one in self.oddities))}
