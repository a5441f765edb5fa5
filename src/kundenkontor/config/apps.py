"""Start of the application: registers the checks that refuse weak settings."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "kundenkontor.config"
    label = "config"

    def ready(self) -> None:
        from kundenkontor.config import checks  # noqa: F401, PLC0415  # registers them
