"""Why a document could not be rendered."""

from __future__ import annotations

from kundenkontor.kernel.errors import DomainError, message


class RenderingError(DomainError):
    """Base of all refusals here, and what the compiler itself reports."""

    code = "rendering_failed"
    template = message("The document cannot be rendered: {reason}")

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class InconsistentDocument(RenderingError):
    """The frozen values contradict each other; ``part`` names the field."""

    code = "inconsistent_document"
    template = message("Document {number} contradicts itself in {part}.")

    def __init__(self, number: str, part: str) -> None:
        DomainError.__init__(self, number=number, part=part)


class InvalidLogo(RenderingError):
    """A logo that cannot go on a PDF/A page; ``reason`` is a short code."""

    code = "invalid_logo"
    template = message("This picture cannot be used as a logo ({reason}).")


class UnknownTemplate(RenderingError):
    """The document names a template that this version does not hold."""

    code = "unknown_template"
    template = message("There is no document template {reason}.")


class InvalidXml(RenderingError):
    """The XML made from the document fails its schema: a fault of ours, never delivered."""

    code = "invalid_xml"
    template = message("The XML of the invoice does not follow its schema: {reason}")


class WorkerLost(RenderingError):
    """Two worker processes in a row died over this document."""

    code = "worker_lost"
    template = message("The rendering process ended unexpectedly ({reason}).")


class RenderTimedOut(RenderingError):
    """The document was not ready within the time allowed."""

    code = "render_timed_out"
    template = message("The document was not ready within {reason} seconds.")


class PoolClosed(RenderingError):
    """Nothing can be rendered after ``close``."""

    code = "pool_closed"
    template = message("Rendering is shutting down ({reason}).")
