"""Taking a plan in."""
