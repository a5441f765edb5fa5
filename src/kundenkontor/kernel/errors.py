"""Refusals: what the business does not allow, said with a stable code and a sentence for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


def message(text: str) -> str:
    """Mark a sentence for translation; it is translated only when it is shown."""
    return text


def speak_with(translate: Callable[[str], str], show: Callable[[Any], Any]) -> None:
    """Let refusals speak the reader's language; called once at start, because the kernel knows no Django.

    ``translate`` is gettext; ``show`` writes a date or an amount as the reader does.
    """
    DomainError.translate = staticmethod(translate)
    DomainError.show = staticmethod(show)


class DomainError(Exception):
    """A refusal. Keeps code and typed params; formats only when shown, in the reader's language.

    ``field`` names the form field or business term that has to change, where there is one.
    """

    code: ClassVar[str] = "refused"
    template: ClassVar[str] = message("This is not possible.")
    translate: ClassVar[Callable[[str], str]] = staticmethod(str)
    show: ClassVar[Callable[[Any], Any]] = staticmethod(str)
    field: str | None = None

    def __init__(self, *, field: str | None = None, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params
        if field is not None:
            self.field = field

    def __str__(self) -> str:
        return (
            type(self)
            .translate(self.template)
            .format(**{name: type(self).show(value) for name, value in self.params.items()})
        )
