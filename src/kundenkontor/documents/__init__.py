"""Stored bytes, addressed by SHA-256: written once, never changed. Owners keep link rows; nothing here knows them."""
