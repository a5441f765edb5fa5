"""How allauth speaks and sends in this house: no sign-up, our own sentences, mails through the outbox."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kundenkontor.access.links import branded
from kundenkontor.access.models import User
from kundenkontor.access.queries import only_seller_of
from kundenkontor.messaging.commands import send_notice
from kundenkontor.messaging.letters.letter import Letter
from kundenkontor.messaging.letters.password import PasswordChanged
from kundenkontor.web.gate.tries import key_of, known_browser

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

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Of the login, however it was written and under whatever host."""
        return key_of(credentials.get("username") or credentials.get("email") or "")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """A browser that signed in to this login before has a count of its own, so that strangers lock nobody out."""
        known = known_browser(request, credentials["username"])
        if not known:
            super().pre_authenticate(request, **credentials)
        elif not ratelimit.consume(request, action="known_login_failed", key=known, dry_run=True):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        known = known_browser(request, credentials["username"])
        if known:
            ratelimit.consume(request, action="known_login_failed", key=known)

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
        """Only our own letters are sent, by ``send_to_login``."""
        raise NotImplementedError(template_prefix)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: Any = None,
    ) -> None:
        """Tell the owner of a login that its password was changed; other notices are not sent."""
        if template_prefix in NOTICES and isinstance(user, User) and user.email:
            link = branded(absolute_url(reverse("account_reset_password")), only_seller_of(user.pk))
            send_to_login(PasswordChanged(username=user.username, link=link), user)

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


def send_to_login(letter: Letter, user: User) -> None:
    """To its address, in its language, from the seller whom the reader knows, unless that is nobody or several.

    Nothing beyond the quota: who asks without end is told nothing, and floods nobody.
    """
    send_notice(letter, to=user.email, language=user.language, seller=only_seller_of(user.pk))
