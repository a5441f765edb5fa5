"""Every page answers, in both languages, and shows nothing of another customer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from kundenkontor.web.gate.once import new_key
from tests.portal.builders import client_of, house, login
from tests.support.builders import CLARA, TODAY
from tests.support.papers import render_invoices

pytestmark = pytest.mark.django_db

PLAIN = ["account", "services", "invoices", "payments", "period", "tickets", "settings", "customer-data",
         "new-contact", "help", "help-change-address", "help-pay", "invoice-export"]  # fmt: skip


@pytest.mark.feature("M1", "M2", "M3")
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_answers_in_both_languages(language: str) -> None:
    home = house()
    ada = client_of(login("ada", home.ada, language=language))
    pages = [reverse(f"portal:{name}") for name in PLAIN]
    pages += [reverse("portal:service", args=[one.pk]) for one in home.contracts]
    pages += [reverse("portal:invoice", args=[one.pk]) for one in home.invoices]
    pages += [reverse("portal:invoice-lines", args=[home.invoices[0].pk])]
    pages += [reverse("portal:contact", args=[home.contact.pk])]
    for page in pages:
        answer = ada.get(page)
        assert answer.status_code == 200, page
        text = answer.getvalue().decode()
        assert "bobs-geheim" not in text and home.bobs_invoice.number not in text, page


@pytest.mark.feature("M2")
@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 29, 3, 12, tzinfo=UTC),  # the night of a Sunday
        datetime(2026, 12, 25, 22, 59, 59, tzinfo=UTC),  # a holiday, a second before midnight in Vienna
        datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # another day, month and year in Vienna than in UTC
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # the hour after the clocks went forward
    ],
    ids=str,
)
def test_the_portal_is_open_at_any_hour_of_any_day(moment: datetime) -> None:
    home = house()
    render_invoices([home.invoices[0].pk], on=TODAY, actor=CLARA)
    with time_machine.travel(moment):
        ada = client_of(login("ada", home.ada))
        for page in [*(reverse(f"portal:{name}") for name in PLAIN), f"/rechnungen/{home.invoices[0].pk}/pdf/"]:
            answer = ada.get(page)
            assert answer.status_code == 200 and answer.getvalue(), page
        choice = {"way": "collective", "idempotency_key": new_key()}
        assert ada.post(reverse("portal:choose-collective"), choice)["Location"] == "/konto/"
