"""Papers: what goes out to people as a file. Rendering, files, delivery and the send ledger know papers only.

A kind of paper is declared by the package that owns its rows (``kinds.py``); the invoice is the first.
"""
