"""Refusals of the shared web layer."""

from kundenkontor.kernel.errors import DomainError, message


class KeyUsedForOtherRequest(DomainError):
    """I-M5: one key, one request."""

    code = "idempotency_key_reused"
    template = message("This form was already sent with other values. Please open it again.")
