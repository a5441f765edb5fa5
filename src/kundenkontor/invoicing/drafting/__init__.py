"""What lines cost and how they are taxed: periods of contracts, and invoices that staff write by hand."""
