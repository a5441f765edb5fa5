"""Bringing customers and contracts in from a provider's CSV files, and making realistic files for tests.

``reading`` turns bytes into typed rows and named problems; ``planning`` compares the rows with what is
known and decides new, changed, unchanged or refused; ``writing`` writes a plan in one transaction. A preview is a
plan that is not written. The same files twice change nothing.
"""
