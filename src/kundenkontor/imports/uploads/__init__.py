"""Files that somebody uploaded: kept for a preview, taken in by the worker, thrown away."""
