"""What is sold: products in groups, their VAT nature and dated list prices."""
