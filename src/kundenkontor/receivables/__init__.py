"""Claims: what customers owe, and what is owed back to them. A claim is an open item; its postings are its amount.

What it is for (a document, a payment's rest) lies above and names the item; nothing here names what it is for. Items
are locked in id order before anything moves them; a customer's totals are kept by the same transaction (I-M3).
"""
