"""Start of the shared web layer."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import get_language, gettext

from kundenkontor.kernel.errors import speak_with
from kundenkontor.kernel.formats import format_value


class WebConfig(AppConfig):
    name = "kundenkontor.web"
    label = "web"

    def ready(self) -> None:
        """Let refusals speak the reader's language."""
        speak_with(gettext, lambda value, currency: format_value(value, get_language() or "de", currency))
