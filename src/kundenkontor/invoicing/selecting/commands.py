"""A reader's choice of documents for a ZIP: made where they are missing, and frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.db import transaction

from kundenkontor.access.models import User
from kundenkontor.access.rls import portal_read
from kundenkontor.documents.commands import freeze_selection, note_damage
from kundenkontor.documents.models import DownloadSelection
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import DOCUMENTS_SELECTED
from kundenkontor.invoicing.errors import NothingSelected
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.invoicing.selecting.choice import (
    ChosenDocument,
    Wish,
    choose,
    explain,
    list_without_files,
    take_out_damaged,
)
from kundenkontor.invoicing.selecting.words import describe_missing, name_of_missing
from kundenkontor.papers.waiting import ask_for_papers, wait_for
from kundenkontor.parties.models import Customer

MADE_NOW = 40
OVERVIEW = "uebersicht.csv"
Overview = Callable[[Sequence[ChosenDocument]], bytes]
"""Writes the CSV that stands in front of the files, in the reader's words."""


def select_documents(
    customer: Customer, user: User, wish: Wish, overview: Overview, *, on: date, actor: Actor
) -> DownloadSelection:
    """Freeze which documents a login wants, with the overview as it is now. The worker is asked for up to 40 missing
    files and waited for a moment; a text in front says what is still missing, and what is damaged.

    Raises NothingSelected.
    """
    _wait_for_files(customer, wish, actor)
    with portal_read([customer.pk]):
        found, files = choose(customer.pk, wish, on=on)
    if not found:
        raise NothingSelected()
    damaged = take_out_damaged(files)
    note_damage(file.stored.sha256 for file in damaged.values())
    documents = explain(found, wish, files, damaged.keys())
    texts = {OVERVIEW: overview(documents)}
    if missing := describe_missing((document.invoice.number, document.files) for document in documents):
        texts[name_of_missing()] = missing.encode()
    with transaction.atomic():
        selection = freeze_selection(user.pk, customer.pk, texts, list(files.values()))
        payload = {"documents": len(found), "kinds": wish.kinds}
        subject = Subject(selection.pk, customer.number, customer.pk, customer.seller_id, payload)
        record_events(DOCUMENTS_SELECTED, [subject], actor=actor, on=on)
    return selection


def _wait_for_files(customer: Customer, wish: Wish, actor: Actor) -> None:
    """Ask for what is missing, unless it is so much that it is just being rendered in bulk."""

    def missing() -> list[int]:
        with portal_read([customer.pk]):
            return list_without_files(customer.pk, wish, limit=MADE_NOW + 1)

    ids = missing()
    if 0 < len(ids) <= MADE_NOW:
        ask_for_papers(INVOICE, ids, actor=actor)
        wait_for(lambda: None if missing() else ids)
