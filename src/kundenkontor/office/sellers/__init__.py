"""Sellers with their bank accounts, number series and tax settings."""
