"""Invoices that staff write by hand."""
