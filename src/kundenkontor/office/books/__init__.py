"""The books: outgoing invoices and open items."""
