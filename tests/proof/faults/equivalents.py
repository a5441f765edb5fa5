"""Drawn faults that no test can see, because what they change has no effect; looked at one by one."""

from __future__ import annotations

# file below src/kundenkontor, function, kind → why
EQUIVALENTS: dict[tuple[str, str, str], str] = {}
