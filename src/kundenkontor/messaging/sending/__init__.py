"""Handing queued mails over: an outbox row as bytes, the SMTP session, and what became of it."""
