"""The demo's logins."""

from __future__ import annotations

import pytest

from kundenkontor import demo
from kundenkontor.access.models import User
from kundenkontor.kernel.clock import utc_now


@pytest.mark.django_db
def test_only_logins_that_work_are_printed() -> None:
    assert demo.logins() == ""
    known = demo.PASSWORD
    for name, password in (("clara", known), ("admin", known), ("otto", "something else"), ("kunde", "")):
        user = User(username=name, email=f"{name}@demo.example", created_at=utc_now(), is_active=name != "admin")
        user.set_password(password or None)
        user.save()
    assert [line.split()[0] for line in demo.logins().splitlines()[1:]] == ["clara"]
