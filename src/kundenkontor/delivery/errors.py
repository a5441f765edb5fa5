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


# why a document was not sent, by the code in Delivery.parked_reason
PARKED_REASONS = {"no_address": message("The customer has no e-mail address.")}
