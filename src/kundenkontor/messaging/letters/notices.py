"""What changed that money or access hangs on: told to administrators, and to the address that counted until now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext as _

from kundenkontor.messaging.letters.letter import Letter, Text, table


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNotice(Letter):
    """For administrators, and for the seller or the login it is about. ``what`` is in the letter's language."""

    kind: ClassVar[str] = "change_notice"
    is_internal: ClassVar[bool] = True

    what: str
    about: str
    by: str

    def write(self, language: str) -> Text:
        paragraphs = (
            table([(_("Changed"), self.what), (_("Concerns"), self.about), (_("By"), self.by)]),
            _("Was that not meant to be? Then please look at it at once:"),
            f"{settings.BASE_URL}/office/",
        )
        return Text(_("For your attention: {what}").format(what=self.what), paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged(Letter):
    """For the address to which a customer's mails, or its invoices only, went until now."""

    kind: ClassVar[str] = "address_changed"

    customer_number: str
    customer_name: str
    is_of_invoices: bool = False

    def write(self, language: str) -> Text:
        text = _(
            "the e-mail address kept for {name} (customer number {number}) was changed. "
            "Mails no longer go to this address."
        )
        if self.is_of_invoices:
            text = _(
                "the invoices of {name} (customer number {number}) go to another e-mail address from now on, "
                "no longer to this one."
            )
        paragraphs = (
            text.format(name=self.customer_name, number=self.customer_number),
            _("Did you not ask for that? Then please tell us at once."),
            settings.BASE_URL,
        )
        return Text(_("Your e-mail address with us was changed"), paragraphs)
