"""Choosing documents for a download."""
