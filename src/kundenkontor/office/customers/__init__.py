"""Customers, their contacts, their wishes about their data, and their VAT ids."""
