"""Cancelling and correcting documents."""
