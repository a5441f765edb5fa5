"""Items that are billed once with the next run."""
