"""The mails that let customers in, in the language that is active. They hold a link, never a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from kundenkontor.access.models import User
from kundenkontor.messaging.signature import signature
from kundenkontor.parties.models import Customer


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text of a mail."""

    subject: str
    body: str


def access_url(token: str) -> str:
    """Where a first password is set. Built from the configured base URL, never from a Host header."""
    return f"{settings.BASE_URL}/zugang/{token}/"


def welcome_letter(user: User, customers: Sequence[Customer], token: str) -> Letter:
    """For a login that has no password yet. The customers are of one seller."""
    seller = customers[0].seller
    label = _("Customer number") if len(customers) == 1 else _("Customer numbers")
    numbers = ", ".join(customer.number for customer in customers)
    parts = [
        _("Good day,"),
        _("welcome to the customer centre of {seller}. Here you see your contracts, invoices and payments.").format(
            seller=seller.name
        ),
        f"{label}: {numbers}\n" + _("User name") + f": {user.username}",
        _("Please set your password with this link. It works once and for {days} days:").format(days=14),
        access_url(token),
        _("Afterwards you sign in here with your user name or your e-mail address:"),
        settings.BASE_URL,
        signature(seller),
    ]
    return Letter(_("Your access to the customer centre of {seller}").format(seller=seller.name), _join(parts))


def added_letter(user: User, customers: Sequence[Customer]) -> Letter:
    """For a login that has a password and got more customers, all of one seller."""
    ending = [_("You sign in as before:"), settings.BASE_URL, signature(customers[0].seller)]
    if len(customers) == 1:
        text = _("your login {username} now also shows the customer number {number} ({name}).").format(
            username=user.username, number=customers[0].number, name=customers[0].name
        )
        return Letter(_("Another customer number in your login"), _join([_("Good day,"), text, *ending]))
    text = _("your login {username} now also shows these customer numbers:").format(username=user.username)
    numbers = "\n".join(f"{customer.number} ({customer.name})" for customer in customers)
    return Letter(_("More customer numbers in your login"), _join([_("Good day,"), text, numbers, *ending]))


def email_changed_letter(user: User) -> Letter:
    """For the address that a login had until now."""
    parts = [
        _("Good day,"),
        _("the login “{username}” now has another e-mail address. Mails about it no longer come here.").format(
            username=user.username
        ),
        _("Did you not ask for that? Then please tell us at once."),
        settings.BASE_URL,
    ]
    return Letter(_("The e-mail address of your login was changed"), _join(parts))


def staff_letter(user: User, token: str) -> Letter:
    """For a new colleague."""
    parts = [
        _("Good day,"),
        _("a login for the office was made for you."),
        _("User name") + f": {user.username}",
        _("Please set your password with this link. It works once and for {days} days:").format(days=14),
        access_url(token),
    ]
    return Letter(_("Your access to the office"), _join(parts))


def _join(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"
