"""Start of the papers: every package says which kinds it has."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PapersConfig(AppConfig):
    name = "kundenkontor.papers"
    label = "papers"

    def ready(self) -> None:
        """Import ``papers/kind.py`` of every package that has one: it declares its kind."""
        autodiscover_modules("papers.kind")
