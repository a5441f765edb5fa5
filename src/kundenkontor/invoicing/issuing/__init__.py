"""Drafts become numbered documents, in one transaction."""
