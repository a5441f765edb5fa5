"""Payments of the customer."""
