"""Drafts that are filled from charges."""
