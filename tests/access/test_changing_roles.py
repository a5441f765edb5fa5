"""A right ends and begins with the next request: no process remembers who somebody was."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kundenkontor.access.commands import (
    add_membership,
    change_role,
    create_staff,
    deactivate_user,
    reactivate_user,
    remove_membership,
)
from kundenkontor.access.models import User
from kundenkontor.access.policy import may
from tests.portal.builders import client_of, login
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob

pytestmark = pytest.mark.django_db


def staff(name: str, role: str) -> User:
    return create_staff(name, email=f"{name}@example.at", role=role, on=TODAY, actor=CLARA)


def test_a_role_of_staff_holds_from_the_next_request_on() -> None:
    staff("anna", "administrator")
    user = staff("sam", "clerk")
    client = client_of(user)
    for role, billing, users in (
        ("clerk", 200, 403),
        ("support", 403, 403),
        ("administrator", 200, 200),
        ("auditor", 200, 200),
        ("clerk", 200, 403),
    ):
        if user.staff_role != role:
            change_role(user, role, on=TODAY, actor=CLARA)
            user.refresh_from_db()
        found = (client.get("/office/billing/").status_code, client.get(reverse("office:users")).status_code)
        assert found == (billing, users), role
        assert may(User.objects.get(pk=user.pk), "billing.read") == (billing == 200)


def test_a_locked_login_may_nothing_and_an_opened_one_what_it_could() -> None:
    staff("anna", "administrator")
    user = staff("sam", "clerk")
    client = client_of(user)
    assert client.get("/office/").status_code == 200
    deactivate_user(user, on=TODAY, actor=CLARA)
    assert client.get("/office/").status_code == 302 and not may(User.objects.get(pk=user.pk), "billing.read")
    reactivate_user(user, on=TODAY, actor=CLARA)
    assert client_of(User.objects.get(pk=user.pk)).get("/office/").status_code == 200


def test_access_to_a_customer_holds_from_the_next_request_on() -> None:
    seller = alpenhost()
    customer, other = ada(seller), bob(seller)
    user = login("ada", customer, other, role="invoices")
    client = client_of(user)
    for role, services in (("invoices", 403), ("reader", 200), ("owner", 200), ("invoices", 403)):
        remove_membership(user, customer, on=TODAY, actor=CLARA)
        assert not may(user, "invoices.read", customer.pk)
        add_membership(user, customer, role=role, on=TODAY, actor=CLARA)
        client.post(reverse("switch_customer"), {"customer": customer.pk})
        assert client.get("/rechnungen/").status_code == 200
        assert client.get("/dienste/").status_code == services, role
        assert may(user, "contracts.read", customer.pk) == (services == 200)
        assert not may(user, "contracts.read")
