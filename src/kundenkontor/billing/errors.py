"""Refusals of billing runs."""

from kundenkontor.kernel.errors import DomainError, message


class RunNotPreviewed(DomainError):
    code = "run_not_previewed"
    template = message("This run has no finished preview that could be confirmed.")


class PreviewChanged(DomainError):
    code = "preview_changed"
    template = message("Since the preview {changes} changed. Please look at the new preview.")


class AnotherRunIsRunning(DomainError):
    code = "another_run_is_running"
    template = message("Another run of this seller is still running.")


class BilledUntilFarAway(DomainError):
    """A year typed wrong: every contract would be billed for decades, or parked."""

    code = "billed_until_far_away"
    field = "billed_until"
    template = message("A run bills at most {days} days ahead.")


class IssueDateInFuture(DomainError):
    """Numbers follow dates: until that day nothing else of the series could be issued, nor a parked customer billed."""

    code = "issue_date_in_future"
    field = "issue_date"
    template = message("The date of the invoices must not lie in the future.")


class IssueDateFarAway(DomainError):
    """A month or year typed wrong: those invoices would belong to a VAT return that was filed long ago."""

    code = "issue_date_far_away"
    field = "issue_date"
    template = message("The date of the invoices must not be more than {days} days away from today.")


class RunNotReleasable(DomainError):
    code = "run_not_releasable"
    template = message("Amounts are released before a run is confirmed, or after it has finished.")


class RunNotDiscardable(DomainError):
    code = "run_not_discardable"
    template = message("A confirmed run cannot be discarded.")


class OneOffAlreadyBilled(DomainError):
    code = "one_off_already_billed"
    template = message("“{name}” was already billed and can no longer be discarded.")
