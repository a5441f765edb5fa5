"""Documents: list, page, drafts, corrections, sending."""
