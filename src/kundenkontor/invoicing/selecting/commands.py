"""A reader's choice of documents for a ZIP: made where they are missing, and frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.db import transaction

from kundenkontor.access.models import User
from kundenkontor.access.rls import portal_read
from kundenkontor.documents.commands import freeze_selection
from kundenkontor.documents.models import DownloadSelection
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DOCUMENTS_SELECTED
from kundenkontor.invoicing.errors import NothingSelected
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.invoicing.selecting.choice import ChosenDocument, Wish, choose, explain, list_without_files
from kundenkontor.papers.commands import render_papers
from kundenkontor.parties.models import Customer

RENDERED_NOW = 40
Overview = Callable[[Sequence[ChosenDocument]], bytes]
"""Writes the CSV that stands in front of the files, in the reader's words."""


def select_documents(
    customer: Customer, user: User, wish: Wish, overview: Overview, *, on: date, actor: Actor
) -> DownloadSelection:
    """Freeze which documents a login wants, with the overview as it is now. Up to 40 missing files are made first.

    Raises NothingSelected.
    """
    with portal_read([customer.pk]):
        missing = list_without_files(customer.pk, wish, limit=RENDERED_NOW + 1)
    if 0 < len(missing) <= RENDERED_NOW:
        render_papers(INVOICE, missing, on=on, actor=actor)
    with portal_read([customer.pk]):
        found, files = choose(customer.pk, wish, on=on)
    if not found:
        raise NothingSelected()
    text = overview(explain(found, wish, files))
    with transaction.atomic():
        selection = freeze_selection(user.pk, customer.pk, text, list(files.values()))
        payload = {"documents": len(found), "kinds": wish.kinds}
        subject = Subject(selection.pk, customer.number, customer.pk, customer.seller_id, payload)
        record_events(DOCUMENTS_SELECTED, [subject], actor=actor, on=on)
    return selection
