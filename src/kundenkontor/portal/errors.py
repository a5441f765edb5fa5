"""Refusals of the portal."""

from __future__ import annotations

from kundenkontor.kernel.errors import DomainError, message


class NothingSelected(DomainError):
    code = "nothing_selected"
    template = message("There is no document in this selection.")
