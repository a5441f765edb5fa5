"""The invoice on paper: its frozen values, its strings, its template."""
