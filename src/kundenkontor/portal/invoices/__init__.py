"""Documents: list, page, files, selections and ZIP."""
