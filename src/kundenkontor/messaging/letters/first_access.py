"""Letting a customer in: a link with which the first password is set, never a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from kundenkontor.messaging.letters.letter import Letter, Text, table


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAccess(Letter):
    """For a login that has no password yet; its customers of one seller. ``home`` is where one signs in."""

    kind: ClassVar[str] = "access_letter"
    is_secret: ClassVar[bool] = True

    seller: str
    username: str
    customer_numbers: tuple[str, ...]
    link: str
    home: str
    valid_days: int

    def write(self, language: str) -> Text:
        subject = _("Your access to the customer centre of {seller}").format(seller=self.seller)
        welcome = _("welcome to the customer centre of {seller}. Here you see your contracts, invoices and payments.")
        label = _("Customer number") if len(self.customer_numbers) == 1 else _("Customer numbers")
        paragraphs = (
            welcome.format(seller=self.seller),
            table([(label, ", ".join(self.customer_numbers)), (_("User name"), self.username)]),
            set_password(self.valid_days),
            self.link,
            _("Afterwards you sign in here with your user name or your e-mail address:"),
            self.home,
        )
        return Text(subject, paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccess(Letter):
    """For a new colleague."""

    kind: ClassVar[str] = "access_letter"
    is_secret: ClassVar[bool] = True
    is_internal: ClassVar[bool] = True

    username: str
    link: str
    valid_days: int

    def write(self, language: str) -> Text:
        paragraphs = (
            _("a login for the office was made for you."),
            table([(_("User name"), self.username)]),
            set_password(self.valid_days),
            self.link,
        )
        return Text(_("Your access to the office"), paragraphs)


def set_password(days: int) -> str:
    return _("Please set your password with this link. It works once and for {days} days:").format(days=days)
