"""Sellers, customers, their contacts and addresses, and the frozen snapshots that documents refer to."""
