"""Refusals of the business clock."""

from kundenkontor.kernel.errors import DomainError, message


class ClockIsReal(DomainError):
    code = "clock_is_real"
    template = message("In production the business date is today’s date and cannot be moved.")


class ClockCannotGoBack(DomainError):
    code = "clock_cannot_go_back"
    template = message("The business date can only move forward.")
