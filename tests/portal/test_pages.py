"""Every page answers, in both languages, and shows nothing of another customer."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.portal.builders import client_of, house, login

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
