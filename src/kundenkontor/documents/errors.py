"""Refusals of stored files."""

from kundenkontor.kernel.errors import DomainError, message


class FileDamaged(DomainError):
    """The stored bytes are missing or are not those that were written."""

    code = "file_damaged"
    template = message("The stored file {sha256} is missing or damaged.")


class RangeNotSatisfiable(DomainError):
    code = "range_not_satisfiable"
    template = message("The download has only {length} bytes.")
