"""A draft as a paper: frozen on the way of a real document, taken back before anybody else can see it, never stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db import transaction

from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.drafting.commands import issue_draft
from kundenkontor.invoicing.models import ManualDraft
from kundenkontor.invoicing.papers.kind import freeze_judged
from kundenkontor.printing.invoice.frozen import FrozenDocument
from kundenkontor.printing.invoice.wording import words


def preview_draft(draft: ManualDraft, *, on: date, actor: Actor) -> FrozenDocument:
    """The paper as it would be issued on this day, with a word in place of its number and nothing that asks for money
    by it. Raises what ``issue_draft`` raises.

    The number that it draws is given back with all else.
    """
    with transaction.atomic():
        issued = issue_draft(draft, on=on, actor=actor)
        frozen = freeze_judged([issued.id])[issued.id]
        transaction.set_rollback(True)
    invoice = replace(frozen.invoice, number=words(frozen.language)["draft"].upper(), payment_reference="")
    return replace(frozen, invoice=invoice, rf_reference="", payment_purpose="", qr_mode="none", is_draft=True)
