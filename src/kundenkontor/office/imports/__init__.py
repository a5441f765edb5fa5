"""Uploads of CSV files: preview, progress, outcome."""
