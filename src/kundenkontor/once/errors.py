"""What happens to a key that was used before."""

from __future__ import annotations

from kundenkontor.kernel.errors import DomainError, message
from kundenkontor.once.answers import Answer


class KeyUsedForOtherRequest(DomainError):
    """I-M5: one key, one request."""

    code = "idempotency_key_reused"
    template = message(
        "This form was sent before with other values; that stands, and this was not done."
        " Send it again if it is to happen as well."
    )


class AlreadyDone(Exception):
    """Not an error: the effect exists, and this is the answer it was given."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
