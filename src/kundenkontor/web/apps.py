"""Start of the shared web layer."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext

from kundenkontor.kernel.errors import use_translation


class WebConfig(AppConfig):
    name = "kundenkontor.web"
    label = "web"

    def ready(self) -> None:
        """Let refusals speak the reader's language."""
        use_translation(gettext)
