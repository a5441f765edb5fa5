"""Letting customers in, and colleagues' roles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from kundenkontor.access.models import Membership, User
from kundenkontor.messaging.models import OutgoingMail
from tests.office.steps import desk, submit
from tests.support import builders


@pytest.mark.django_db
@pytest.mark.feature("M7")
def test_access_goes_to_one_customer_as_a_link_never_as_a_password() -> None:
    ada = builders.ada(builders.alpenhost())
    response = submit(desk(), reverse("office:access-send"), action="selected", customer=str(ada.pk), back="customer")
    mail = OutgoingMail.objects.get()
    assert response.headers["Location"] == reverse("office:customer", args=[ada.pk])
    assert mail.recipient == ada.email and "/zugang/" in mail.body
    assert Membership.objects.get(customer=ada).user.username == "11001"


@pytest.mark.django_db
def test_the_list_shows_who_cannot_sign_in_and_selected_ones_are_let_in() -> None:
    seller = builders.alpenhost()
    ada, bob = builders.ada(seller), builders.bob(seller)
    mute = builders.bob(seller, number="3", email="")
    clara = desk()
    assert len(clara.get(reverse("office:access")).context["rows"]) == 3
    submit(clara, reverse("office:access-send"), action="selected", customer=[str(ada.pk), str(mute.pk)])
    left = clara.get(reverse("office:access")).context["cells"]
    assert {cells[0].sub for cells in left} == {bob.number, mute.number}


@pytest.mark.commits
def test_all_without_a_login_are_let_in_by_the_worker_once(work_off_jobs: Callable[[], None]) -> None:
    seller = builders.alpenhost()
    ada = builders.ada(seller)
    builders.bob(seller)
    builders.bob(seller, number="3", email="")
    builders.ada(seller, number="4", email=ada.email.upper())
    builders.bob(seller, number="5").contacts.create(group="main", email="zweite@bob.example")
    page = desk().get(reverse("office:access-send"))
    assert [fact.value for fact in page.context["facts"][1:3]] == ["3", "1"]
    for _again in range(2):
        submit(desk(), reverse("office:access-send"), action="all")
        work_off_jobs()
    assert OutgoingMail.objects.filter(kind="access_letter").count() == 3  # the shared address got one
    assert Membership.objects.count() == 4


@pytest.mark.commits
def test_a_list_narrowed_by_a_search_lets_in_those_whom_it_shows(work_off_jobs: Callable[[], None]) -> None:
    seller = builders.alpenhost()
    builders.ada(seller)
    bob = builders.bob(seller)
    listed = desk().get(reverse("office:access"), {"q": "11002"})
    assert listed.context["count"] == 1
    assert "Send access to the 1 shown" in listed.content.decode()
    url = listed.context["all_url"]
    assert [fact.value for fact in desk().get(url).context["facts"][:3]] == ["All", "11002", "1"]
    submit(desk(), url, action="all")
    work_off_jobs()
    assert list(Membership.objects.values_list("customer", flat=True)) == [bob.pk]


@pytest.mark.commits
def test_a_list_narrowed_to_one_seller_lets_in_that_sellers_customers_only(work_off_jobs: Callable[[], None]) -> None:
    seller = builders.alpenhost()
    other = builders.alpenhost(name="Nordlicht GmbH", short_name="nordlicht")
    builders.ada(seller)
    builders.bob(other)
    listed = desk().get(reverse("office:access"), {"seller": str(other.pk)}).context
    assert (listed["count"], listed["all_url"]) == (1, reverse("office:access-send") + f"?seller={other.pk}")
    page = desk().get(listed["all_url"])
    assert [fact.value for fact in page.context["facts"][:2]] == ["Nordlicht GmbH", "1"]
    submit(desk(), listed["all_url"], action="all")
    work_off_jobs()
    assert set(Membership.objects.values_list("customer__seller", flat=True)) == {other.pk}


@pytest.mark.django_db
def test_support_may_send_access_and_the_auditor_may_not() -> None:
    ada = builders.ada(builders.alpenhost())
    url = reverse("office:access-send")
    assert submit(desk("auditor"), url, action="selected", customer=str(ada.pk)).status_code == 403
    assert submit(desk("support"), url, action="selected", customer=str(ada.pk)).status_code == 302
    assert Membership.objects.count() == 1


@pytest.mark.django_db
def test_staff_is_told_that_a_customers_login_has_another_address_and_an_administrator_changes_it() -> None:
    ada = builders.ada(builders.alpenhost())
    send = {"action": "selected", "customer": str(ada.pk), "back": "customer"}
    submit(desk(), reverse("office:access-send"), **send)
    login = User.objects.get(username="11001")
    ada.email = "neu@huber.example"
    ada.save()
    clara = desk()
    submit(clara, reverse("office:access-send"), **send)
    assert "a login with another address" in clara.get(reverse("office:customer", args=[ada.pk])).content.decode()
    url = reverse("office:user-email", args=[login.pk])
    assert submit(clara, url, email=ada.email).status_code == 403
    anna = desk("administrator")
    assert submit(anna, url, email=User.objects.get(username="anna").email).status_code == 422
    assert submit(anna, url, email=ada.email).status_code == 302
    login.refresh_from_db()
    assert login.email == ada.email


@pytest.mark.django_db
def test_an_administrator_who_changes_the_own_address_stays_signed_in() -> None:
    anna, own = desk("administrator"), User.objects.get(username="anna")
    assert submit(anna, reverse("office:user-email", args=[own.pk]), email="anna@neu.example").status_code == 302
    assert "anna@neu.example" in anna.get(reverse("office:user", args=[own.pk])).content.decode()


NEW = {
    "username": "berta",
    "name": "Berta Sommer",
    "email": "berta@alpenhost.example",
    "role": "clerk",
    "language": "de",
}


@pytest.mark.django_db
def test_a_colleague_is_invited_by_mail() -> None:
    submit(desk("administrator"), reverse("office:user-new"), **NEW)
    berta = User.objects.get(username="berta")
    assert berta.staff_role == "clerk" and not berta.has_usable_password()
    assert OutgoingMail.objects.get().recipient == "berta@alpenhost.example"
    again = submit(desk("administrator"), reverse("office:user-new"), **NEW)
    assert again.status_code == 422 and "username" in again.context["form"].errors


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["clerk", "support", "auditor"])
def test_only_administrators_change_users(role: str) -> None:
    victim = User.objects.create(username="berta", staff_role="clerk", created_at="2026-01-01T00:00Z")
    client = desk(role)
    assert submit(client, reverse("office:user-new"), **NEW).status_code == 403
    assert submit(client, reverse("office:user-role", args=[victim.pk]), role="administrator").status_code == 403
    assert submit(client, reverse("office:user-state", args=[victim.pk]), state="locked").status_code == 403


@pytest.mark.django_db
@pytest.mark.invariant("I-A4")
def test_a_locked_login_is_out_with_its_next_click() -> None:
    berta = desk("clerk")
    user = User.objects.get(username="clara")
    assert berta.get(reverse("office:home")).status_code == 200
    submit(desk("administrator"), reverse("office:user-state", args=[user.pk]), state="locked")
    assert berta.get(reverse("office:home")).status_code == 302


@pytest.mark.django_db
def test_the_last_administrator_stays_one() -> None:
    anna = desk("administrator")
    own = User.objects.get(username="anna")
    response = submit(anna, reverse("office:user-role", args=[own.pk]), role="clerk")
    assert response.status_code == 422
    submit(anna, reverse("office:user-state", args=[own.pk]), state="locked")
    own.refresh_from_db()
    assert own.staff_role == "administrator" and own.is_active


@pytest.mark.django_db
@pytest.mark.security("privilege escalation")
def test_a_customers_login_never_becomes_a_colleague() -> None:
    ada = builders.ada(builders.alpenhost())
    submit(desk(), reverse("office:access-send"), action="selected", customer=str(ada.pk))
    login = User.objects.get(username="11001")
    url = reverse("office:user-role", args=[login.pk])
    assert submit(desk("administrator"), url, role="administrator").status_code == 404
    submit(desk("administrator"), reverse("office:membership-remove", args=[login.pk, ada.pk]))
    assert not Membership.objects.exists()
