"""Mail out: an outbox table, and the job that hands its rows to an SMTP server (or the demo's built-in mailbox)."""
