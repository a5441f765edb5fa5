"""CSV files to typed rows, with problems named by line and field."""
