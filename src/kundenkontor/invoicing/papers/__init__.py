"""Frozen documents and their stored files."""
