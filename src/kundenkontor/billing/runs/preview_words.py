"""A preview in words, in the reader's language: for the office, the command line and the letter to staff."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kundenkontor.billing.preview import Preview
from kundenkontor.billing.words import SUMS
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.kernel.errors import DomainError


def reason_names() -> dict[str, str]:
    """The short name of everything that parks a customer, by its code."""
    kinds = DomainError.by_code.items()
    return {code: kind.short() for code, kind in kinds if issubclass(kind, Unissuable) and kind.label}


def reasons_of(preview: Preview) -> list[tuple[int, str]]:
    """Number of customers and short reason of everything that parks; a customer may have several reasons."""
    found = sorted(preview.parked_reasons.items(), key=lambda item: -item[1])
    return [(count, DomainError.by_code[code].short()) for code, count in found]


def paragraphs_of(preview: Preview) -> Iterator[str]:
    """What to know before confirming: who is parked and why, warnings, the difference from the last run."""
    parked = [f"{count} × {reason}" for count, reason in reasons_of(preview)]
    if parked:
        yield "\n".join([_("Parked customers by reason:"), *parked])
    warnings = [f"{warned.count} × {warned.reason.warning_sentence}" for warned in preview.warnings]
    if warnings:
        yield "\n".join([_("Customers with a warning, which are billed all the same:"), *warnings])
    if preview.last_run:
        changes = [
            f"{SUMS[key]}: {before} → {after} ({after - before:+})"
            for key, before, after in preview.last_run.sums.changes_to(preview.sums)
        ]
        yield "\n".join([_("Difference from the last run:"), *(changes or [_("The sums are the same.")])])
