"""Double entry: a chart of accounts per seller, journal entries and postings. Insert-only; mistakes are reversed.

House accounts store no balance: a balance is the sum of its postings.
"""
