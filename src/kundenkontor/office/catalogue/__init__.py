"""Products, prices and VAT rates."""
