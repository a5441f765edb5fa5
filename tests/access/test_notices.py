"""Links end with their reason, and changes that money or access hangs on are told to those who must know."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from allauth.account.forms import default_token_generator

from kundenkontor.access.commands import (
    add_membership,
    change_email,
    change_role,
    create_staff,
    create_user,
    deactivate_user,
    reactivate_user,
    remove_membership,
)
from kundenkontor.access.links import make_link
from kundenkontor.access.models import User
from kundenkontor.access.queries import find_access_link
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.commands import (
    add_contact,
    change_contact,
    change_customer_data,
    remove_contact,
    set_invoice_contact,
)
from kundenkontor.parties.customer_commands import change_customer
from kundenkontor.parties.models import BankAccount, Customer, Seller
from kundenkontor.parties.seller_commands import change_seller, save_bank_account
from tests.support.builders import CLARA, TODAY, ada, alpenhost
from tests.support.jobs import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


@pytest.fixture
def anna() -> User:
    """The administrator who is told; there is another, so that anybody can be locked."""
    for name in ("anna", "zoe"):
        create_user(name, email=f"{name}@provider.example", staff_role="administrator", on=TODAY, actor=CLARA)
    run_jobs()
    OutgoingMail.objects.all().delete()
    return User.objects.get(username="anna")


def lock_and_open_again(user: User) -> None:
    deactivate_user(user, on=TODAY, actor=CLARA)
    reactivate_user(user, on=TODAY, actor=CLARA)


def move(user: User) -> None:
    change_email(user, "new@example.at", on=TODAY, actor=CLARA)


def move_there_and_back(user: User) -> None:
    former = user.email
    move(user)
    change_email(user, former, on=TODAY, actor=CLARA)


def other_role(user: User) -> None:
    change_role(user, "auditor", on=TODAY, actor=CLARA)
    change_role(user, "clerk", on=TODAY, actor=CLARA)


@pytest.mark.security("Odoo CVE-2021-44460")
@pytest.mark.parametrize("change", [lock_and_open_again, move, move_there_and_back, other_role, make_link])
def test_a_mailed_link_ends_with_its_reason(change: Callable[[User], object], anna: User) -> None:
    """Even where everything is as it was before when the link is opened."""
    user = create_user("clerk", email="clerk@provider.example", staff_role="clerk", on=TODAY, actor=CLARA)
    token = make_link(user)
    user.refresh_from_db()
    reset = default_token_generator.make_token(user)
    assert find_access_link(token) is not None and default_token_generator.check_token(user, reset)

    change(user)

    assert find_access_link(token) is None
    assert not default_token_generator.check_token(User.objects.get(pk=user.pk), reset)


def test_the_link_of_a_customers_login_ends_with_its_last_customer(seller: Seller) -> None:
    customers = [ada(seller), ada(seller, number="11009")]
    user = create_user("ada", email="ada@example.at", on=TODAY, actor=CLARA)
    for customer in customers:
        add_membership(user, customer, on=TODAY, actor=CLARA)
    token = make_link(user)
    remove_membership(user, customers[0], on=TODAY, actor=CLARA)
    assert find_access_link(token) is not None
    remove_membership(user, customers[1], on=TODAY, actor=CLARA)
    assert find_access_link(token) is None


def told(kind: str = "change_notice") -> list[str]:
    """Who got a notice, after what was recorded was reacted to."""
    run_jobs("react")
    mails = OutgoingMail.objects.filter(kind=kind).order_by("recipient")
    found = list(mails.values_list("recipient", flat=True))
    mails.delete()
    return found


ADMINISTRATORS = ["anna@provider.example", "zoe@provider.example"]


def test_a_bank_account_is_told_to_administrators_and_to_the_seller(seller: Seller, anna: User) -> None:
    account = BankAccount.objects.get(seller=seller)
    values = {"account_name": "x", "bic": "", "bank_name": "", "position": 1, "is_active": True}
    save_bank_account(seller, account, iban="AT611904300234573201", **values, on=TODAY, actor=CLARA)  # type: ignore[arg-type]
    assert told() == sorted([*ADMINISTRATORS, "service@alpenhost.example", "buchhaltung@alpenhost.example"])


@pytest.mark.parametrize("is_account_first", [True, False])
def test_whose_address_was_replaced_with_it_is_told_of_a_bank_account_too(
    seller: Seller, anna: User, is_account_first: bool
) -> None:
    """Who wants money on another account changes the address first, or in the same moment."""

    def change_account() -> None:
        account = BankAccount.objects.get(seller=seller)
        values = {"account_name": "x", "bic": "", "bank_name": "", "position": 1, "is_active": True}
        save_bank_account(seller, account, iban="AT611904300234573201", **values, on=TODAY, actor=CLARA)  # type: ignore[arg-type]

    def change_address() -> None:
        change_seller(seller, {"email": "x@evil.example", "bookkeeping_email": ""}, on=TODAY, actor=CLARA)

    for change in sorted([change_account, change_address], key=lambda one: (one is change_account) != is_account_first):
        change()
    mails = told()
    for address in ("service@alpenhost.example", "buchhaltung@alpenhost.example"):
        assert mails.count(address) == 2  # of the address, and of the account
    assert mails.count("x@evil.example") == 1


def test_what_happens_to_colleagues_logins_is_told_to_administrators_and_to_them(anna: User) -> None:
    carl = create_staff("carl", email="carl@provider.example", role="clerk", on=TODAY, actor=CLARA)
    everybody = sorted([*ADMINISTRATORS, "carl@provider.example"])
    assert told() == everybody
    change_role(carl, "auditor", on=TODAY, actor=CLARA)
    assert told() == everybody
    deactivate_user(carl, on=TODAY, actor=CLARA)
    assert told() == everybody
    change_email(carl, "carl@evil.example", on=TODAY, actor=CLARA)
    assert told() == sorted([*ADMINISTRATORS, "carl@evil.example"])
    assert told("email_changed") == ["carl@provider.example"]


def test_a_customers_login_that_moves_is_told_to_administrators_and_the_old_address(anna: User) -> None:
    user = create_user("ada", email="ada@example.at", on=TODAY, actor=CLARA)
    assert told() == []
    change_email(user, "ada@evil.example", on=TODAY, actor=CLARA)
    assert told() == ADMINISTRATORS
    assert told("email_changed") == ["ada@example.at"]


def test_a_sellers_old_address_is_told(seller: Seller, anna: User) -> None:
    change_seller(seller, {"phone": "1"}, on=TODAY, actor=CLARA)
    assert told() == []
    change_seller(seller, {"bookkeeping_email": "books@evil.example"}, on=TODAY, actor=CLARA)
    assert told() == sorted([*ADMINISTRATORS, "buchhaltung@alpenhost.example"])


@pytest.mark.parametrize("change", [change_customer_data, change_customer])
def test_a_customers_old_address_is_told(change: Callable[..., object], seller: Seller) -> None:
    customer: Customer = ada(seller)
    change(customer, {"email": "ada@evil.example"}, on=TODAY, actor=CLARA)
    change(customer, {"phone": "2"}, on=TODAY, actor=CLARA)
    assert told("address_changed") == ["ada@huber.example"]
    change(customer, {"phone": "3"}, on=TODAY, actor=CLARA)
    assert told("address_changed") == []


def test_a_contacts_old_address_is_told(seller: Seller) -> None:
    customer = ada(seller)
    values = {"group": "invoices", "name": "Buchhaltung", "phone": ""}
    contact = add_contact(customer, **values, email="books@huber.example", on=TODAY, actor=CLARA)
    change_contact(contact, **values, email="books@huber.example", on=TODAY, actor=CLARA)
    assert told("address_changed") == []
    change_contact(contact, **values, email="books@evil.example", on=TODAY, actor=CLARA)
    assert told("address_changed") == ["books@huber.example"]


@pytest.mark.parametrize("is_removed", [True, False])
def test_who_got_the_invoices_until_now_is_told_when_they_go_to_another_contact(
    seller: Seller, is_removed: bool
) -> None:
    customer = ada(seller)
    add = partial(add_contact, customer, group="invoices", phone="", on=TODAY, actor=CLARA)
    books, thief = (add(name=name, email=f"{name}@huber.example") for name in ("books", "thief"))
    assert told("address_changed") == []
    set_invoice_contact(customer, books, on=TODAY, actor=CLARA)
    assert told("address_changed") == ["ada@huber.example"]
    set_invoice_contact(customer, books, on=TODAY, actor=CLARA)
    assert told("address_changed") == []
    if is_removed:
        remove_contact(books, on=TODAY, actor=CLARA)
    else:
        set_invoice_contact(customer, thief, on=TODAY, actor=CLARA)
    assert told("address_changed") == ["books@huber.example"]
    if not is_removed:
        set_invoice_contact(customer, None, on=TODAY, actor=CLARA)
        assert told("address_changed") == ["thief@huber.example"]


def test_a_main_contact_that_takes_the_invoices_over_is_told_to_the_customers_own_address(seller: Seller) -> None:
    customer = ada(seller)
    values = {"name": "X", "phone": "", "on": TODAY, "actor": CLARA}
    contact = add_contact(customer, group="technical", email="x@evil.example", **values)  # type: ignore[arg-type]
    assert told("address_changed") == []
    change_contact(contact, group="main", email="x@evil.example", **values)  # type: ignore[arg-type]
    assert told("address_changed") == ["ada@huber.example"]


def test_addresses_that_an_import_replaces_are_told(seller: Seller) -> None:
    def take_in(email: str) -> None:
        rows = f"customer_number;company;country;email\n11001;Huber OG;AT;{email}\n"
        import_files(seller, rows.encode(), None, cut_over_date=None, on=TODAY, actor=CLARA)

    ada(seller)
    take_in("ada@huber.example")
    assert told("address_changed") == []
    take_in("ada@evil.example")
    assert told("address_changed") == ["ada@huber.example"]
    take_in("ada@evil.example")
    assert told("address_changed") == []
