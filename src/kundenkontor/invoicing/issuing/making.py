"""What cannot be made, known before a number is drawn: an issued document always gets its files. Pure.

Not asked of corrections: what was issued must be correctable, whatever stands on it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kundenkontor.invoicing.issuing import reasons
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.lines import DraftLine
from kundenkontor.invoicing.issuing.reasons import Unissuable
from kundenkontor.printing.letters import undrawable

MOST_LINES = 4000  # of a document: about a minute of typesetting on a busy machine


def find_unmakeable(draft: InvoiceDraft) -> Iterator[Unissuable]:
    """Too many lines, and letters that no font of documents has."""
    if draft.kind.corrects:
        return
    if len(draft.lines) > MOST_LINES:
        yield reasons.TooManyLines(lines=len(draft.lines), limit=MOST_LINES)
    if letters := undrawable(draft.seller.foreign_text):
        yield reasons.LettersOfSeller(letters=letters[:20])
    if letters := undrawable(draft.buyer.foreign_text):
        yield reasons.LettersOfBuyer(letters=letters[:20])
    if letters := undrawable(draft.order_number + draft.buyer_reference + draft.cost_centre + draft.note):
        yield reasons.LettersOfHead(letters=letters[:20])
    yield from _of_lines(draft.lines)


def _of_lines(lines: list[DraftLine]) -> Iterator[Unissuable]:
    """The first line with such letters: whoever mends it sees the next one."""
    for position, (item, _, _, _, source) in enumerate(lines, 1):
        # the article number stands in the XML only
        if letters := undrawable("".join((item.name, *item[2:], source.contract_number))):
            yield reasons.LettersOfLine(field=f"lines.{position}", position=position, letters=letters[:20])
            return
