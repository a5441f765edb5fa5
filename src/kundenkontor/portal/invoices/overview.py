"""The overview in front of downloaded documents: what lists show of each, and whether its files are there."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kundenkontor.invoicing.selecting.choice import ChosenDocument
from kundenkontor.invoicing.selecting.words import MISSING
from kundenkontor.portal.rows import EXPORTED
from kundenkontor.web.forms import reader_language
from kundenkontor.web.lists.exports import csv_lines
from kundenkontor.web.lists.tables import Column, exported


def write_overview(documents: Sequence[ChosenDocument]) -> bytes:
    """As CSV, in the reader's language; the frozen bytes are part of the archive."""
    head, rows = exported([*EXPORTED, Column(_("Files"), _files_of)], documents)
    return "".join(csv_lines(head, rows, reader_language())).encode()


def _files_of(document: ChosenDocument) -> str:
    if document.files == "there":
        return ", ".join(kind.upper() for kind in document.kinds)
    return str(MISSING[document.files])
