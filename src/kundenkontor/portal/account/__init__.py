"""The customer's first page, help, and the link that sets a password."""
