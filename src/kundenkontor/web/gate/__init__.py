"""Who may call a view, once-only submits, limits, refusals."""
