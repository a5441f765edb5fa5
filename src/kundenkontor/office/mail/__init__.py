"""Outbox, send ledger and the demo's mailbox."""
