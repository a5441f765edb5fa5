"""What is refused when foreign XML or PDF is read, and what can go wrong with the rules process."""

from __future__ import annotations

from kundenkontor.kernel.errors import DomainError, message


class XmlRefused(DomainError, ValueError):
    """The bytes are not XML that we are willing to read; the base class of every such refusal."""

    code = "xml_refused"
    template = message("This XML file can not be read.")


class XmlTooLarge(XmlRefused):
    code = "xml_too_large"
    template = message("The XML file is larger than {limit} bytes or elements.")


class XmlTooDeep(XmlRefused):
    code = "xml_too_deep"
    template = message("The XML file is nested more than {limit} levels deep.")


class XmlHasDoctype(XmlRefused):
    """A DOCTYPE may define entities that grow without bound or read files (XXE); invoices have none."""

    code = "xml_has_doctype"
    template = message("The XML file has a DOCTYPE declaration, which is not allowed.")


class XmlMalformed(XmlRefused):
    code = "xml_malformed"
    template = message("The file is not well-formed XML: {reason}")


class NotAnInvoice(XmlRefused):
    code = "not_an_invoice"
    template = message("The XML file is not a CII invoice; its root element is “{root}”.")


class TermInvalid(XmlRefused):
    """A business term that cannot be read as its type. ``term`` is its number, for example BT-2."""

    code = "term_invalid"
    template = message("“{text}” is not a valid value of {term}.")


class PdfRefused(DomainError, ValueError):
    code = "pdf_refused"
    template = message("This PDF file can not be read.")


class NoInvoiceInPdf(PdfRefused):
    code = "no_invoice_in_pdf"
    template = message("The PDF file holds no electronic invoice.")


class RulesUnavailable(DomainError):
    """The process of the official rules died or could not start; the document was not judged."""

    code = "rules_unavailable"
    template = message("The official rules could not be checked: {reason}")


class RulesTimedOut(RulesUnavailable):
    code = "rules_timed_out"
    template = message("The official rules did not answer within {seconds} seconds.")
