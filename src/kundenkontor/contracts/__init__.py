"""Customers' running services: terms, prices with a date, billing periods counted from the start date."""
