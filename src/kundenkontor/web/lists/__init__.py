"""Lists: filters, keyset pages, tables, exports."""
