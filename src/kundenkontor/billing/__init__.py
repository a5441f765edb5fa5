"""Charges become drafts, drafts become invoices: runs with preview, chunks, parked customers, completeness.

Chained charges make sure that a contract's periods neither overlap nor leave a gap and are billed once.
"""
