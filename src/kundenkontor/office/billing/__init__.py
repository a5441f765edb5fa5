"""Billing runs, what they parked, and one-off items."""
