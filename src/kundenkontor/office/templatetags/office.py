"""What the office's templates need beside the shared components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import template

from kundenkontor.events.names import event_words

register = template.Library()
register.filter("event_words", event_words)


@register.filter
def paired(cells: Sequence[Any], rows: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """The cells of each row together with the row itself."""
    return zip(cells, rows, strict=True)
