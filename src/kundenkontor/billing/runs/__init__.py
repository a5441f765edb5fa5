"""Billing runs: preview, chunks, parked customers."""
