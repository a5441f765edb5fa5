"""Refusals of issuing and correcting."""

from __future__ import annotations

from collections.abc import Sequence

from kundenkontor.kernel.errors import DomainError, message


class IssueDateTooEarly(DomainError):
    code = "issue_date_too_early"
    field = "issue_date"
    template = message("The last document of this kind was issued on {last}; an earlier date is not possible.")


class RestoredNotReleased(DomainError):
    """Whoever restored an older state has to say what was sent since: numbers would be given twice."""

    code = "restored_not_released"
    template = message(
        "The database was restored from an older state. Nothing is issued until somebody has said which numbers were"
        " sent last: Office, Integrity."
    )


class NothingToRelease(DomainError):
    code = "nothing_to_release"
    template = message("Issuing is released already.")


class ReasonMissing(DomainError):
    code = "release_reason_missing"
    field = "reason"
    template = message("Please write down what happened.")


class LastNumberTooLow(DomainError):
    code = "last_number_too_low"
    template = message("The document {number} is here; the last number sent cannot be a lower one.")


class GapTooLarge(DomainError):
    code = "gap_too_large"
    template = message("{number} is more than a million numbers away from the last document.")


class PatternInvalid(DomainError):
    code = "number_pattern_invalid"
    field = "pattern"
    template = message("A number pattern has capitals and digits, {{year}} and {{number}}, and at most 21 characters.")


class SeriesHasDocuments(DomainError):
    code = "series_has_documents"
    field = "next_number"
    template = message("Documents were already issued in this series; its next number can no longer be set.")


class NumberAlreadyGiven(DomainError):
    code = "number_already_given"
    field = "pattern"
    template = message("The number {number} was already given to another document.")


class SeriesMeet(DomainError):
    code = "number_series_meet"
    field = "pattern"
    template = message("Numbers of this pattern could equal those of another series of this seller, {pattern}.")


class SeriesOfAnother(DomainError):
    """Two sellers would give the same numbers: lawful, but seldom meant."""

    code = "series_of_another"
    field = "is_shared"
    template = message("{seller} gives such numbers, too ({pattern}). Please say that this is wanted.")


class NextNumberTooLow(DomainError):
    code = "next_number_too_low"
    field = "next_number"
    template = message("{number} was already given; the next number must be above it.")


class DraftsRefused(DomainError):
    """The last guard of ``issue_invoices``: callers ask ``find_refusals`` first and park what it names."""

    code = "drafts_refused"
    template = message("This document cannot be issued: {reasons}")

    def __init__(self, refusals: Sequence[DomainError]) -> None:
        super().__init__()
        self.refusals = refusals

    def shown(self) -> dict[str, str]:
        return {"reasons": "; ".join(str(refusal) for refusal in self.refusals[:10])}


class AlreadyCancelled(DomainError):
    code = "already_cancelled"
    template = message("Document {number} is already cancelled.")


class NotCorrectable(DomainError):
    code = "not_correctable"
    template = message("Document {number} is itself a correction and cannot be corrected.")


class WrittenOff(DomainError):
    code = "written_off"
    template = message("{number} is written off; please take that back first, on the day of the correction.")


class NothingToWriteOff(DomainError):
    code = "nothing_to_write_off"
    template = message("Nothing of {number} is open that could be written off.")


class LossOutOfTime(DomainError):
    code = "loss_out_of_time"
    field = "lost_on"
    template = message("This day can be from {since} to {until}.")


class LossAlreadyRegained(DomainError):
    code = "loss_already_regained"
    field = "amount"
    template = message("At most {available:EUR} of what was written off can be owed again.")


class CorrectionTooLarge(DomainError):
    code = "correction_too_large"
    field = "lines"
    template = message("Line {position} can be corrected by at most {available}.")


class DaysTakenBackAlready(DomainError):
    code = "days_taken_back_already"
    field = "lines"
    template = message("Days of line {position} from {first} to {last} were already taken back in part.")


class CorrectionsExceedDocument(DomainError):
    code = "corrections_exceed_document"
    field = "lines"
    template = message(
        "All corrections together would exceed {number} by {excess:EUR}; please take back its negative lines, too."
    )


class NothingToCorrect(DomainError):
    code = "nothing_to_correct"
    field = "lines"
    template = message("Please choose at least one line and an amount to correct.")


class DraftGone(DomainError):
    code = "draft_gone"
    template = message("This draft was already issued or discarded.")


class DraftChanged(DomainError):
    """Somebody saved other lines since the page was opened: what was typed or read was about the former ones."""

    code = "draft_changed"
    template = message("This draft was changed meanwhile. Please look at it again.")


class ForeignLine(DomainError):
    code = "foreign_line"
    field = "lines"
    template = message("A line names a contract or a charge that does not belong to this draft.")


class NothingSelected(DomainError):
    code = "nothing_selected"
    template = message("There is no document in this selection.")


class ChargeBilledMeanwhile(DomainError):
    """A line was taken out of a draft, left to a run, and put back."""

    code = "charge_billed_meanwhile"
    field = "lines"
    template = message("A period of this draft was billed by a run meanwhile. Please remove its line.")
