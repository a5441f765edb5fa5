"""Refusals of the office's own."""

from kundenkontor.kernel.errors import DomainError, message


class NotParked(DomainError):
    code = "not_parked"
    template = message("This customer is no longer parked.")


class JobNotFailed(DomainError):
    code = "job_not_failed"
    template = message("This job has not failed; it needs no retry.")


class JobWaitsAlready(DomainError):
    code = "job_waits_already"
    template = message("Another job of this kind waits already; that one will do.")


class ChoiceChanged(DomainError):
    """Nobody vouches for a VAT id that he was not shown."""

    code = "choice_changed"
    template = message("Customers or VAT ids have changed since this page was opened. Please choose them again.")


class OtherSum(DomainError):
    """What is typed comes to another sum than its page showed."""

    code = "other_sum"
    template = message("The sum is now {sum:EUR}. Please look at it and issue the correction again.")


class TooManyShown(DomainError):
    """What is done to a filtered list is written down row by row."""

    code = "too_many_shown"
    template = message("The list shows more than {most}. Please narrow it, or take off the filters to mean all.")
