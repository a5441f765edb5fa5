"""Refusals of the business clock and of the chain."""

from kundenkontor.kernel.errors import DomainError, message


class ClockIsReal(DomainError):
    code = "clock_is_real"
    template = message("In production the business date is today’s date and cannot be moved.")


class ClockCannotGoBack(DomainError):
    code = "clock_cannot_go_back"
    template = message("The business date can only move forward.")


class SealKeyMissing(DomainError):
    """Nothing is sealed without a key: a chain that went on with another one would excuse whoever took the first."""

    code = "seal_key_missing"
    template = message("The key of the event chain is missing or damaged: {file}.")
