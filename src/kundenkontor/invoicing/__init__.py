"""Issued documents: numbering, totals, corrections, open items, rendering. An issued document never changes.

``commands.issue_invoices`` is the only way to issue; one invoice is a list of one.
"""
