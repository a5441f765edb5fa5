"""Everything that changes documents: issuing, correcting, numbering, storing files."""

from kundenkontor.invoicing.commands.files import find_file, get_or_render, render_invoices
from kundenkontor.invoicing.commands.issuing import IssuedInvoice, issue_invoices
from kundenkontor.invoicing.commands.numbering import set_series
from kundenkontor.invoicing.commands.sampling import sample_rules

__all__ = [
    "IssuedInvoice",
    "find_file",
    "get_or_render",
    "issue_invoices",
    "render_invoices",
    "sample_rules",
    "set_series",
]
