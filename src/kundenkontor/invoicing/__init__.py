"""Documents: drafts, numbering, totals, corrections, and what stands on their papers. An issued document never changes.

``issuing.commands.issue_invoices`` is the only way to issue; one invoice is a list of one.
"""
