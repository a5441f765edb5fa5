"""Charges of due periods, priced, taxed and gathered into drafts."""
