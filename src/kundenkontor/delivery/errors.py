"""Refusals of delivery."""

from kundenkontor.kernel.errors import DomainError, message


class AddressNotStored(DomainError):
    """Documents go to addresses of the customer only, never to one that somebody types."""

    code = "address_not_stored"
    field = "to"
    template = message("Please choose one of the stored contacts; {address} is none of them.")


class NothingToRetry(DomainError):
    code = "delivery_not_parked"
    template = message("This document was not put aside; it was sent or waits for its PDF.")


class NoAddress(DomainError):
    """Why a document is put aside; its code stands in ``Delivery.parked_reason``."""

    code = "no_address"
    template = message("The customer has no e-mail address.")


class LetterFailed(DomainError):
    """Why a document is put aside; the log says what happened."""

    code = "letter_failed"
    template = message("The mail of this document could not be written; please tell whoever runs this portal.")


class TakenBackUnsent(DomainError):
    """Why a document is put aside; its code stands in ``Delivery.parked_reason``."""

    code = "taken_back_unsent"
    template = message("Taken back before it was sent.")


class AlreadySent(DomainError):
    code = "already_sent"
    template = message("{number} was already sent; please cancel it, so that its recipient is told.")
