"""Receivables that cannot be collected, and what arrives of them after all (§ 17 UStG DE, § 16 UStG AT)."""
