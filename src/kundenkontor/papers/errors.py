"""Why a paper cannot be handed out now, in words for whoever waits for it; and why a damaged one is not made again."""

from __future__ import annotations

from kundenkontor.kernel.errors import DomainError, message


class DocumentNotReady(DomainError):
    """Its files are being made."""

    code = "document_not_ready"
    template = message("The document {number} is being made. It will be there in a moment.")


class PaperNotReady(DomainError):
    """What somebody wants to look at needs longer than he is let wait."""

    code = "paper_not_ready"
    template = message("The page is still being set. Please try again in a moment.")


class DocumentNotMade(DomainError):
    """Its files could not be made; staff see it among what was not rendered."""

    code = "document_not_made"
    template = message("The document {number} could not be made. We know about it and look into it.")


class DocumentDamaged(DomainError):
    """Its stored file is missing or damaged and could not be made again; staff see it among the damaged files."""

    code = "document_damaged"
    template = message("The stored document {number} is damaged. We know about it and look into it.")


class NoDocument(DomainError):
    """A damaged file that is no paper's: nothing says how it would be made again."""

    code = "damaged_no_document"
    template = message("This file is no document that could be made again. Please restore it from the backup.")


class OtherBytes(DomainError):
    """Made again, a paper came out differently, by another version of the program for example."""

    code = "damaged_other_bytes"
    template = message(
        "Made again, {number} has other bytes than were stored. Please restore the file from the backup."
    )
