"""Payments, one or many, and open items."""
