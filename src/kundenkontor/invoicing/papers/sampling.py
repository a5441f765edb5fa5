"""The official rules over a sample of what is issued: our own checks judge every document, theirs some of them.

They take 25 times as long as writing the XML, so they are no part of rendering; in tests they judge every kind.
"""

from __future__ import annotations

import random

from django.db.models import Max, Min

from kundenkontor.documents.commands import note_damage
from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.queries import read_file
from kundenkontor.einvoicing.rules import OfficialRules
from kundenkontor.invoicing.models import RulesSample
from kundenkontor.invoicing.papers.kind import invoice_files
from kundenkontor.kernel.clock import utc_now
from kundenkontor.papers.models import PaperFile

SIZE = 25


def sample_rules(size: int = SIZE) -> int:
    """Judge up to ``size`` documents, at random among those rendered since the last sample. Returns how many.

    What the rules object to is found by ``verify`` and shown in the office; the document itself stays as it is.
    Raises RulesUnavailable or RulesTimedOut where no verdict was to be had.
    """
    chosen = _chosen(size)
    if not chosen:
        return 0
    with OfficialRules() as rules:
        for row in chosen:
            try:
                content = read_file(row.file)
            except FileDamaged:
                note_damage([row.file.sha256])
                continue
            found = rules.check(content)
            text = "; ".join(f"{one.rule_id}: {one.text}" for one in found if one.flag == "fatal")
            facts = {"file_row": row.pk, "violations": text[:2000], "checked_at": utc_now()}
            RulesSample.objects.get_or_create(invoice_id=row.paper_id, defaults=facts)
    return len(chosen)


def _chosen(size: int) -> list[PaperFile]:
    """Random ids between two bounds: the table may have grown by a hundred thousand rows since."""
    last = RulesSample.objects.aggregate(last=Max("file_row"))["last"] or 0
    newer = invoice_files().filter(pk__gt=last)
    bounds = newer.aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["first"] is None:
        return []
    ids = range(bounds["first"], bounds["last"] + 1)
    picked = random.sample(ids, min(len(ids), 8 * size))  # half of the rows are PDFs; numbers may be missing
    return list(newer.filter(pk__in=picked, kind="xml").select_related("file")[:size])
