"""The mail with which a forgotten password is set anew."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from kundenkontor.access.models import User
from kundenkontor.access.queries import logins_named
from kundenkontor.messaging.letters.password import PasswordReset
from kundenkontor.web.sign_in.adapter import send_to_login


def find_users(login: str) -> list[User]:
    """Active logins with this user name or address that have an address."""
    return [user for user in logins_named(login) if user.is_active and user.email]


def send_reset_links(login: str) -> None:
    """Mail each of these logins its link, to the stored address, never to the one typed."""
    for user in find_users(login):
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        link = get_adapter().get_reset_password_from_key_url(key)
        send_to_login(PasswordReset(username=user.username, link=link), user)
