"""How allauth speaks and sends in this house: no sign-up, our own sentences, mails through the outbox."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kundenkontor.access.models import User
from kundenkontor.messaging.commands import queue_mail
from kundenkontor.messaging.signature import sender_of, signature
from kundenkontor.parties.models import Seller

WRONG_CREDENTIALS = _("User name, e-mail or password is not right. Please check your entries.")
SHOWN_MESSAGES = {"account/messages/password_changed.txt": _("Your new password is saved.")}


def absolute_url(path: str) -> str:
    """A link for a mail. Built from the configured base URL, never from a Host header."""
    return urljoin(settings.BASE_URL, path)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": WRONG_CREDENTIALS,
        "email_password_mismatch": WRONG_CREDENTIALS,
        "username_password_mismatch": WRONG_CREDENTIALS,
        "invalid_login": WRONG_CREDENTIALS,
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your current password."),
        "too_many_login_attempts": _("Too many failed attempts. Please try again in a few minutes."),
        "rate_limited": _("Too many requests. Please wait a moment."),
        "invalid_password_reset": _("This link is no longer valid."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """A closed login is answered like a wrong password, also when the password is right."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        return "/office/" if isinstance(user, User) and user.is_staff else "/"

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _separator, token = key.partition("-")
        return absolute_url(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token}))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue one of our mails in the language of its reader; the worker sends it.

        It comes from the seller whom the reader knows, with its foot, unless that is nobody or several.
        """
        kind = template_prefix.rsplit("/", 1)[-1]
        user = context.get("user")
        seller = _only_seller_of(user)
        with translation.override(getattr(user, "language", None) or translation.get_language()):
            values = {**context, "email": email, "base_url": settings.BASE_URL}
            subject = " ".join(render_to_string(f"web/mail/{kind}_subject.txt", values).split())
            body = render_to_string(f"web/mail/{kind}_message.txt", values)
            foot = f"\n{signature(seller)}\n" if seller else ""
        queue_mail(
            to=email,
            subject=subject,
            body=body + foot,
            kind=kind,
            sender=sender_of(seller) if seller else "",
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: Any = None,
    ) -> None:
        """Tell the owner of a login that its password was changed; other notices are not sent."""
        address = getattr(user, "email", "")
        if template_prefix in NOTICES and address:
            self.send_mail("account/email/password_changed", address, {"user": user})

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str = "",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Only what a reader needs to know; "you have signed in" is not among it."""
        text = SHOWN_MESSAGES.get(message_template)
        if text:
            messages.add_message(request, level, str(text))


NOTICES = (
    "account/email/password_changed",
    "account/email/password_reset",
    "account/email/password_set",
)


def _only_seller_of(user: object) -> Seller | None:
    """The seller of all customers of a login."""
    if not isinstance(user, User):
        return None
    sellers = list(Seller.objects.filter(customers__memberships__user=user).distinct()[:2])
    return sellers[0] if len(sellers) == 1 else None
