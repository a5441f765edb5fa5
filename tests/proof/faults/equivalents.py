"""Drawn faults that no test can see, because what they change has no effect; looked at one by one."""

from __future__ import annotations

# file below src/kundenkontor, function, kind → why
EQUIVALENTS: dict[tuple[str, str, str], str] = {
    ("catalog/models.py", "<module>", "swapped constant"): "range(12, 122, 12) ends with 120, too",
    ("portal/services/services.py", "_billed", "dropped filter"): "more documents are read, the same are shown",
    ("payments/commands/balances.py", "arrival_of", "dropped filter"): "the balance named beside is its customer's",
    ("office/mail/urls.py", "<module>", "swapped constant"): "two entries with one number stay in their order",
}
