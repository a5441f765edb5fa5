"""The mails that let customers in, in the language that is active. They hold a link, never a password."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from kundenkontor.access.models import User
from kundenkontor.messaging.signature import signature
from kundenkontor.parties.models import Customer, Seller


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text of a mail."""

    subject: str
    body: str


def access_url(token: str) -> str:
    """Where a first password is set. Built from the configured base URL, never from a Host header."""
    return f"{settings.BASE_URL}/zugang/{token}/"


def welcome_letter(user: User, customer: Customer, seller: Seller, token: str) -> Letter:
    """For a login that has no password yet."""
    parts = [
        _("Good day,"),
        _("welcome to the customer centre of {seller}. Here you see your contracts, invoices and payments.").format(
            seller=seller.name
        ),
        f"{_('Customer number')}: {customer.number}\n{_('User name')}: {user.username}",
        _("Please set your password with this link. It works once and for {days} days:").format(days=14),
        access_url(token),
        _("Afterwards you sign in here with your user name or your e-mail address:"),
        settings.BASE_URL,
        signature(seller),
    ]
    return Letter(_("Your access to the customer centre of {seller}").format(seller=seller.name), _join(parts))


def added_letter(user: User, customer: Customer, seller: Seller) -> Letter:
    """For a login that has a password and got one more customer."""
    parts = [
        _("Good day,"),
        _("your login {username} now also shows the customer number {number} ({name}).").format(
            username=user.username, number=customer.number, name=customer.name
        ),
        _("You sign in as before:"),
        settings.BASE_URL,
        signature(seller),
    ]
    return Letter(_("Another customer number in your login"), _join(parts))


def staff_letter(user: User, token: str) -> Letter:
    """For a new colleague."""
    parts = [
        _("Good day,"),
        _("a login for the office was made for you."),
        f"{_('User name')}: {user.username}",
        _("Please set your password with this link. It works once and for {days} days:").format(days=14),
        access_url(token),
    ]
    return Letter(_("Your access to the office"), _join(parts))


def _join(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"
