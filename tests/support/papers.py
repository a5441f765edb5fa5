"""Rendering and sending documents by their ids or rows, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.test import Client

from kundenkontor.delivery import commands as delivery
from kundenkontor.documents.models import StoredFile
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE, paper_of, papers_of_run
from kundenkontor.papers import commands, queries
from kundenkontor.papers.kinds import Paper, kind_of
from tests.support.jobs import run_jobs

render_pool = commands.render_pool


def key_of(invoice: Invoice | int) -> dict[str, Any]:
    """The columns that name a document's paper."""
    return {"paper_kind": INVOICE.code, "paper_id": invoice if isinstance(invoice, int) else invoice.pk}


def of_paper(invoice: Invoice) -> dict[str, Any]:
    """What names a document's paper, whose it is and its number."""
    return {**key_of(invoice), "customer_id": invoice.customer_id, "number": invoice.number}


def render_invoices(ids: Sequence[int], *, on: date, actor: Actor) -> list[int]:
    return commands.render_papers(INVOICE, ids, on=on, actor=actor)


def find_file(invoice: Invoice, name: str) -> StoredFile | None:
    return queries.find_file(paper_of(invoice), name)


def get_or_render(invoice: Invoice, name: str = "pdf", *, on: date, actor: Actor) -> StoredFile:
    """As the worker does it for somebody who waits."""
    return made(paper_of(invoice), name, on=on, actor=actor)


def made(paper: Paper, name: str = "pdf", *, on: date, actor: Actor) -> StoredFile:
    commands.render_now(kind_of(paper.kind), paper.id, name, on=on, actor=actor)
    file = queries.find_file(paper, name)
    assert file is not None
    return file


def get_file(client: Client, address: str, **options: Any) -> Any:
    """A file as a reader gets it: the worker makes it while he waits."""
    assert client.get(address, **options).status_code == 503
    assert run_jobs("render_for_reader", reacting=False) == ["render_for_reader"]
    return client.get(address, **options)


def ask_for_files(ids: Sequence[int], *, on: date, actor: Actor) -> None:
    commands.ask_for_files(INVOICE.find(ids), on=on, actor=actor)


def plan_deliveries(ids: Sequence[int], *, on: date, actor: Actor) -> int:
    return delivery.plan_deliveries(INVOICE.find(ids), on=on, actor=actor)


def deliver_invoices(ids: Sequence[int], *, on: date, actor: Actor) -> int:
    return delivery.deliver_papers(INVOICE.find(ids), on=on, actor=actor)


def start_delivery(batch_id: int, *, on: date, actor: Actor) -> int:
    return delivery.start_delivery(batch_id, papers_of_run(batch_id), on=on, actor=actor)


def forward_invoice(invoice: Invoice, pdf: StoredFile, to: str, *, on: date, actor: Actor) -> Any:
    return delivery.forward_paper(paper_of(invoice), pdf, to, on=on, actor=actor)
