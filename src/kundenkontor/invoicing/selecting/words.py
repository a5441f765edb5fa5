"""What a download lacks, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MISSING = {
    "failed": gettext_lazy("missing: the document could not be made, we are looking into it"),
    "damaged": gettext_lazy("missing: the stored document is damaged, we are looking into it"),
    "later": gettext_lazy("missing: the document is not made yet, please try again later"),
}


def name_of_missing() -> str:
    """What the text is called in the archive."""
    return _("MISSING.txt")


def describe_missing(documents: Iterable[tuple[str, str]]) -> str:
    """The text that names documents (number, state) of which a file is missing, and why; empty where all are there."""
    lines = [f"{number}: {MISSING[state]}" for number, state in documents if state in MISSING]
    if not lines:
        return ""
    return "\r\n".join([_("This archive lacks the following documents."), "", *lines, ""])
