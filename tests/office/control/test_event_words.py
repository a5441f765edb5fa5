"""Events are told in words; the stable name stays beside them."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils import translation

import kundenkontor
from kundenkontor.office.control.event_words import EVENT_WORDS, event_words

RECORDED = re.compile(r'record_events\(\s*"([a-z_]+\.[a-z_]+)"')


def test_every_event_that_a_command_records_has_words() -> None:
    folder = Path(kundenkontor.__file__).parent
    recorded = {name for file in folder.rglob("*.py") for name in RECORDED.findall(file.read_text(encoding="utf-8"))}

    assert len(recorded) > 20
    assert sorted(recorded - EVENT_WORDS.keys()) == []


def test_an_event_is_told_in_the_readers_language_and_an_unknown_one_by_its_name() -> None:
    with translation.override("de"):
        assert event_words("invoice.issued") == "Beleg ausgestellt"
    with translation.override("en"):
        assert event_words("invoice.issued") == "Document issued"
    assert event_words("plugin.loaded") == "plugin.loaded"
