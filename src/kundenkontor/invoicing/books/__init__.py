"""Sums over documents."""
