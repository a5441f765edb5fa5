"""Production refuses to start with settings that are fit for a demo only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

SHORTEST_SECRET_KEY = 50
EVERY_ADDRESS = ("", "0.0.0.0", "::", "[::]", "*")  # nosec B104
MODES = ("demo", "test", "production")


class WeakSettings(Exception):
    """What stands against starting, one sentence each."""


def find_weak_settings() -> list[str]:
    """Sentences about every setting that production must not run with; empty outside production."""
    if settings.MODE not in MODES:
        return [f"KUNDENKONTOR_MODE must be demo, test or production, not {settings.MODE!r}."]
    if settings.MODE != "production":
        return []
    rules = [
        (
            settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY or len(settings.SECRET_KEY) < SHORTEST_SECRET_KEY,
            f"SECRET_KEY must be set to a random value of at least {SHORTEST_SECRET_KEY} characters.",
        ),
        (settings.DEBUG, "DEBUG must be off."),
        (not settings.BASE_URL.startswith("https://"), "BASE_URL must be set and begin with https://."),
        ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS must name the hosts, not *."),
        (
            settings.BIND in EVERY_ADDRESS and not settings.BEHIND_PROXY,
            f"BIND={settings.BIND} lets everybody past the proxy: use 127.0.0.1, or BEHIND_PROXY=1 behind one.",
        ),
        (settings.VAT_ID_CHECKER != "vies", "VAT_ID_CHECKER must be vies: what the fake says would stand as a check."),
    ]
    return [sentence for is_weak, sentence in rules if is_weak]


def find_demo_logins() -> list[str]:
    """A sentence if the database was filled by the demo; its logins have known passwords. Production only."""
    if settings.MODE != "production":
        return []
    from kundenkontor.events.models import Event  # noqa: PLC0415  # needs loaded Django apps
    from kundenkontor.events.names import DEMO_CREATED  # noqa: PLC0415

    if Event.objects.filter(name=DEMO_CREATED.name).exists():
        return ["This database holds demo logins with known passwords; production needs a database of its own."]
    return []


def refuse_weak_settings(*, with_database: bool = False) -> None:
    """Raise WeakSettings unless this configuration may run in its mode."""
    found = find_weak_settings() or (find_demo_logins() if with_database else [])
    if found:
        raise WeakSettings("Kundenkontor does not start in this mode: " + " ".join(found))


@checks.register(checks.Tags.security)
def weak_settings_check(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    return [checks.Error(sentence, id="kundenkontor.E001") for sentence in find_weak_settings()]
