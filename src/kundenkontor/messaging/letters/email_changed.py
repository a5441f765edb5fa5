"""Told to the address that a login had until now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.messaging.letters.letter import Letter, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged(Letter):
    kind: ClassVar[str] = "email_changed"

    username: str
    home: str  # where one signs in

    def write(self, language: str) -> Text:
        text = _("the login “{username}” now has another e-mail address. Mails about it no longer come here.")
        paragraphs = (
            text.format(username=self.username),
            _("Did you not ask for that? Then please tell us at once."),
            self.home,
        )
        return Text(_("The e-mail address of your login was changed"), paragraphs)
