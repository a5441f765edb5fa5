"""Who signs in with which password: Argon2 with a ceiling, because each takes 100 MB and a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

from kundenkontor.access.errors import TooManyPasswords
from kundenkontor.access.models import User
from kundenkontor.access.queries import logins_named
from kundenkontor.kernel import limits

_admitted = BoundedSemaphore(limits.HASHES_WAITING)
_computed = BoundedSemaphore(limits.HASHES)


class BoundedArgon2(Argon2PasswordHasher):
    """Raises TooManyPasswords where too many wait already: threads that wait here serve nobody else."""

    def encode(self, password: str, salt: str) -> str:
        with _place():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _place():
            return super().verify(password, encoded)


class LoginBackend(ModelBackend):
    """One login by user name or address, one hash for every try, whether somebody is called so or not.

    A closed login is answered like a wrong password.
    """

    def authenticate(
        self, request: object, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or not password:
            return None
        user = next(iter(logins_named(username)), None)
        if user is None or not user.has_usable_password():
            make_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None


@contextmanager
def _place() -> Iterator[None]:
    if not _admitted.acquire(blocking=False):
        raise TooManyPasswords()
    try:
        with _computed:
            yield
    finally:
        _admitted.release()
