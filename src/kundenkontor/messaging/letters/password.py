"""The link for a forgotten password, and the note that a password was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.messaging.letters.letter import Letter, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset(Letter):
    """``link`` works once and only for a limited time."""

    kind: ClassVar[str] = "password_reset_key"
    is_secret: ClassVar[bool] = True

    username: str
    link: str

    def write(self, language: str) -> Text:
        asked = _(
            "somebody, probably you, asked for a new password for the login “{username}”.\nWith this link you set it:"
        )
        ending = _(
            "The link works once and only for a limited time. If you did not ask for it, you need not do anything: "
            "your password stays as it is."
        )
        return Text(_("Set a new password"), (asked.format(username=self.username), self.link, ending))


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Letter):
    """``link`` is where a new password is asked for."""

    kind: ClassVar[str] = "password_changed"

    username: str
    link: str

    def write(self, language: str) -> Text:
        changed = _(
            "the password of the login “{username}” was changed.\n"
            "Was it not you? Then please set a new password now and tell us:"
        )
        return Text(_("Your password was changed"), (changed.format(username=self.username), self.link))
