"""Texts of templates: in the reader's language, their values escaped on pages and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines
from django.utils import translation

TEXTS = """{{ _("Menu") }}|{{ _("Select %(name)s", name=name) }}|{% trans %}Select {{ name }}{% endtrans %}"""


@pytest.fixture(scope="module")
def environment() -> Any:
    backend: Any = engines["jinja2"]
    return backend.env


def test_a_text_is_said_in_the_language_of_its_reader_however_often_it_was_said_in_another(environment: Any) -> None:
    template = environment.from_string(TEXTS)
    for _ in range(2):
        with translation.override("de"):
            assert template.render(name="A") == "Menü|A auswählen|A auswählen"
        with translation.override("en"):
            assert template.render(name="B") == "Menu|Select B|Select B"


def test_what_is_put_into_a_text_is_escaped_on_pages_and_as_it_is_in_mails(environment: Any) -> None:
    with translation.override("en"):
        page = environment.from_string(TEXTS)
        mail = environment.overlay(autoescape=False).from_string(TEXTS)
        assert page.render(name="<b>") == "Menu|Select &lt;b&gt;|Select &lt;b&gt;"
        assert mail.render(name="<b>") == "Menu|Select <b>|Select <b>"


def test_a_text_without_its_value_is_an_error(environment: Any) -> None:
    with pytest.raises(KeyError):
        environment.from_string("""{{ _("Select %(name)s") }}""").render()
