"""Contracts, domains and packages."""
