"""Drafts of thousands of lines are written a page at a time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kundenkontor.invoicing.drafting.commands import ManualLine, create_draft, edit_draft
from kundenkontor.invoicing.models import InvoiceLine, ManualDraft
from kundenkontor.office.invoices import draft_forms
from tests.office.steps import desk, issue_as_shown, submit, typed_in
from tests.support.builders import CLARA, TODAY, alpenhost, bob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


def line(name: str) -> ManualLine:
    return ManualLine(name, Decimal("10.00"), TODAY, TODAY)


@pytest.fixture
def draft(monkeypatch: pytest.MonkeyPatch) -> ManualDraft:
    """Five lines on three pages."""
    monkeypatch.setattr(draft_forms, "LINES_ON_PAGE", 2)
    return create_draft(bob(alpenhost()), [line(f"L{n}") for n in range(1, 6)], on=TODAY, actor=CLARA)


def page(draft: ManualDraft, number: int) -> str:
    return str(desk().get(f"/office/invoices/drafts/{draft.pk}/?page={number}").content.decode())


def names(draft: ManualDraft) -> list[str]:
    return list(draft.lines.order_by("position", "id").values_list("item_name", flat=True))


def test_a_page_shows_its_lines_and_saving_it_leaves_the_others_as_they_are(draft: ManualDraft) -> None:
    first, middle, last = (page(draft, number) for number in (1, 2, 3))
    assert ["New line</legend>" in text for text in (first, middle, last)] == [False, False, True]
    assert "Line 3" in middle and "Line 4" in middle and "Line 2" not in middle and "Page 2 of 3" in middle
    url = f"/office/invoices/drafts/{draft.pk}/"
    answer = submit(desk(), url, **typed_in(middle, "lines") | {"line0-item_name": "changed", "line1-is_removed": "on"})
    assert answer["Location"] == f"{url}?page=2"
    assert names(draft) == ["L1", "L2", "changed", "L5"]
    days = {"line2-period_start": TODAY.isoformat(), "line2-period_end": TODAY.isoformat()}
    typed = typed_in(page(draft, 2), "lines") | {"line2-item_name": "new", "line2-net_price": "5", **days}
    assert submit(desk(), url, **typed).status_code == 302
    assert names(draft) == ["L1", "L2", "changed", "L5", "new"]


def test_a_page_opened_before_others_saved_any_line_undoes_nothing(draft: ManualDraft) -> None:
    middle = page(draft, 2)
    edit_draft(draft, [line("other"), *[line(f"L{n}") for n in range(2, 6)]], on=TODAY, actor=CLARA)
    submit(desk(), f"/office/invoices/drafts/{draft.pk}/", **typed_in(middle, "lines") | {"line0-item_name": "mine"})
    assert names(draft) == ["other", "L2", "L3", "L4", "L5"]


def test_a_wrong_line_comes_back_on_its_page_and_all_lines_are_issued(draft: ManualDraft) -> None:
    url = f"/office/invoices/drafts/{draft.pk}/"
    wrong = submit(desk(), url, **typed_in(page(draft, 2), "lines") | {"line0-net_price": "-1"})
    shown = wrong.content.decode()
    assert (
        wrong.status_code == 422 and "Page 2 of 3" in shown and "never negative" in shown and 'href="?page=3"' in shown
    )
    issue_as_shown(desk(), url)
    assert InvoiceLine.objects.count() == 5 and not ManualDraft.objects.exists()
