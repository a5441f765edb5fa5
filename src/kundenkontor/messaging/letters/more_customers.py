"""A login that has a password shows more customers than before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.messaging.letters.letter import Letter, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreCustomers(Letter):
    """``customers`` are numbers and names, all of one seller; ``home`` is where one signs in."""

    kind: ClassVar[str] = "access_added"

    username: str
    customers: tuple[tuple[str, str], ...]
    home: str

    def write(self, language: str) -> Text:
        ending = (_("You sign in as before:"), self.home)
        if len(self.customers) == 1:
            ((number, name),) = self.customers
            text = _("your login {username} now also shows the customer number {number} ({name}).")
            sentence = text.format(username=self.username, number=number, name=name)
            return Text(_("Another customer number in your login"), (sentence, *ending))
        text = _("your login {username} now also shows these customer numbers:").format(username=self.username)
        numbers = "\n".join(f"{number} ({name})" for number, name in self.customers)
        return Text(_("More customer numbers in your login"), (text, numbers, *ending))
