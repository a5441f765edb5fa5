"""Mein Konto: the start page."""

from __future__ import annotations

import pytest

from tests.portal.builders import client_of, house, login
from tests.support.builders import ada, alpenhost

pytestmark = pytest.mark.django_db


@pytest.mark.feature("S17", "S19", "M44")
def test_the_start_page_has_own_data_tiles_and_the_way_to_the_settings() -> None:
    home = house()
    text = client_of(login("ada", home.ada)).get("/").content.decode()
    for part in ("Mein Konto", "11001", "Landstraßer Hauptstraße 1", "2 aktiv", "1 Domain, 1 Paket", "Tickets"):
        assert part in text, part
    assert "29,88\u00a0EUR offen" in text and "2 Dokumente" in text
    assert text.count('href="/konto/"') >= 2 and "Bearbeiten" in text
    assert "Zahlen als Tabelle" in text


@pytest.mark.feature("S18")
def test_empty_states_are_said_in_words() -> None:
    client = client_of(login("ada", ada(alpenhost())))
    start = client.get("/").content.decode()
    assert "Keine Rechnungen vorhanden" in start and "Keine Dienste vorhanden" in start
    assert "Keine Rechnungen vorhanden" in client.get("/rechnungen/").content.decode()
    assert "Keine Zahlungen vorhanden" in client.get("/zahlungen/").content.decode()
    assert "Keine Dienste vorhanden" in client.get("/dienste/").content.decode()
