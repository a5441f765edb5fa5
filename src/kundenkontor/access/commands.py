"""Logins, who may act for which customer, and letting people in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from kundenkontor.access.errors import EmailTaken, LastAdministrator, LoginTaken, UnknownRole
from kundenkontor.access.links import VALID_FOR, access_url, end_links, home_url, make_link
from kundenkontor.access.models import CUSTOMER_ROLES, STAFF_ROLES, Membership, User
from kundenkontor.access.queries import find_by_email, only_seller_of
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import (
    ACCESS_ASKED_FOR_ALL,
    ACCESS_EMAIL_CHANGED,
    ACCESS_MEMBERSHIP_ADDED,
    ACCESS_MEMBERSHIP_REMOVED,
    ACCESS_ROLE_CHANGED,
    ACCESS_SENT,
    ACCESS_USER_CREATED,
    ACCESS_USER_DEACTIVATED,
    ACCESS_USER_REACTIVATED,
)
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.commands import send_letter, send_notice
from kundenkontor.messaging.errors import MailQuotaReached
from kundenkontor.messaging.letters.email_changed import EmailChanged
from kundenkontor.messaging.letters.first_access import FirstAccess, StaffAccess
from kundenkontor.messaging.letters.letter import Letter
from kundenkontor.messaging.letters.more_customers import MoreCustomers
from kundenkontor.parties.models import Contact, Customer, Seller

__all__ = [
    "AccessSent",
    "add_membership",
    "change_email",
    "change_role",
    "choose_appearance",
    "create_staff",
    "create_user",
    "deactivate_user",
    "reactivate_user",
    "remove_membership",
    "send_access",
]


@transaction.atomic
def create_user(
    username: str, *, email: str, on: date, actor: Actor, name: str = "", language: str = "de", staff_role: str = ""
) -> User:
    """A login without a password: it is set with a link. Raises LoginTaken, EmailTaken, UnknownRole."""
    if staff_role not in STAFF_ROLES:
        raise UnknownRole()
    if User.objects.filter(username__iexact=username).exists():
        raise LoginTaken(username=username)
    if email and find_by_email(email) is not None:
        raise EmailTaken(email=email)
    user = User(
        username=username, email=email, name=name, language=language, staff_role=staff_role, created_at=utc_now()
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:  # somebody else was quicker; which of the two names does not matter
        raise LoginTaken(username=username) from error
    payload = {"staff_role": staff_role} if staff_role else {}
    record_events(ACCESS_USER_CREATED, [Subject(user.pk, username, payload=payload)], actor=actor, on=on)
    return user


@transaction.atomic
def create_staff(
    username: str, *, email: str, role: str, on: date, actor: Actor, name: str = "", language: str = "de"
) -> User:
    """A colleague's login, with the link to its password by mail."""
    if not role:
        raise UnknownRole()
    user = create_user(username, email=email, name=name, language=language, staff_role=role, on=on, actor=actor)
    token = make_link(user)
    letter = StaffAccess(username=username, link=access_url(token), valid_days=VALID_FOR.days)
    send_letter(letter, to=email, language=language)
    return user


@transaction.atomic
def add_membership(user: User, customer: Customer, *, on: date, actor: Actor, role: str = "owner") -> Membership:
    """Let a login act for a customer; an existing membership stays as it is. Raises UnknownRole."""
    if role not in CUSTOMER_ROLES:
        raise UnknownRole()
    membership, is_new = Membership.objects.get_or_create(user=user, customer=customer, defaults={"role": role})
    if is_new:
        record_events(ACCESS_MEMBERSHIP_ADDED, [_subject(user, customer, role=role)], actor=actor, on=on)
    return membership


@transaction.atomic
def remove_membership(user: User, customer: Customer, *, on: date, actor: Actor) -> None:
    """The login no longer reaches the customer, from its next request on."""
    removed, _ = Membership.objects.filter(user=user, customer=customer).delete()
    if removed:
        if not user.is_staff and not Membership.objects.filter(user=user).exists():
            end_links(user)
        record_events(ACCESS_MEMBERSHIP_REMOVED, [_subject(user, customer)], actor=actor, on=on)


def _subject(user: User, customer: Customer, **payload: str) -> Subject:
    return Subject(user.pk, user.username, customer.pk, customer.seller_id, payload)


@dataclass(slots=True)
class AccessSent:
    """What ``send_access`` did: ``mails`` to customers that were ``sent`` access, and whom it left out, and why.

    ``elsewhere`` are customers whose login has another address: a second login would leave the first one open.
    ``over_quota`` got so many letters today that no more go out.
    """

    mails: int = 0
    sent: list[int] = field(default_factory=list)
    without_address: list[int] = field(default_factory=list)
    inactive: list[int] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    over_quota: list[int] = field(default_factory=list)


def send_access(customers: Iterable[Customer], *, on: date, actor: Actor) -> AccessSent:
    """Make logins and mail a welcome with a link that sets the password (M7); each login in its transaction.

    User name is the customer number, or ``<seller>-<number>`` where another seller's customer has it. One e-mail
    address at several customers is one login with several memberships, and one letter. Sent again, the older link
    ends.
    """
    outcome = AccessSent()
    groups: dict[bytes, list[Customer]] = {}
    for customer in customers:
        address = login_address(customer)
        if address:
            groups.setdefault(address.encode().lower(), []).append(customer)
        else:
            outcome.without_address.append(customer.pk)
    for group in groups.values():
        try:
            _send_to_one(group, outcome, on=on, actor=actor)
        except MailQuotaReached:
            outcome.over_quota += [customer.pk for customer in group if customer.pk not in outcome.elsewhere]
    return outcome


def ask_for_access(seller: Seller | None, customer_ids: Sequence[int] | None = None, *, on: date, actor: Actor) -> None:
    """Let the worker send access to everybody who has no login yet, of one seller or of all, or among those named."""
    subject = Subject(seller.pk, seller.short_name, None, seller.pk) if seller else Subject()
    if customer_ids is not None:
        subject = replace(subject, payload={"customers": list(customer_ids)})
    record_events(ACCESS_ASKED_FOR_ALL, [subject], actor=actor, on=on)


def login_address(customer: Customer) -> str:
    """The main contact's address, else the customer's own."""
    main = Contact.objects.filter(customer=customer, group="main").values_list("email", flat=True).first()
    return main or customer.email


@transaction.atomic
def _send_to_one(customers: list[Customer], outcome: AccessSent, *, on: date, actor: Actor) -> None:
    """Let the one login of customers with the same address in."""
    address = login_address(customers[0])
    user = find_by_email(address)
    elsewhere = _reached_by_others(customers, user)
    outcome.elsewhere += [customer.pk for customer in customers if customer.pk in elsewhere]
    customers = [customer for customer in customers if customer.pk not in elsewhere]
    if not customers:
        return
    user = _locked(user) if user else _make_login(customers[0], address, on=on, actor=actor)
    ids = [customer.pk for customer in customers]
    if not user.is_active:
        outcome.inactive += ids
        return
    for customer in customers:
        add_membership(user, customer, on=on, actor=actor)
    outcome.mails += _queue_letters(user, customers)
    outcome.sent += ids
    record_events(ACCESS_SENT, [_subject(user, customer) for customer in customers], actor=actor, on=on)


def _reached_by_others(customers: list[Customer], user: User | None) -> set[int]:
    """The customers that open logins reach, but not this one."""
    members = Membership.objects.filter(customer__in=customers, user__is_active=True)
    pairs = set(members.values_list("customer_id", "user_id"))
    return {customer_id for customer_id, _ in pairs if user is None or (customer_id, user.pk) not in pairs}


def _locked(user: User) -> User:
    """So that nobody sets its password between our look at it and the letter."""
    return User.objects.select_for_update().get(pk=user.pk)


def _make_login(customer: Customer, address: str, *, on: date, actor: Actor) -> User:
    """Named after the person, not the company: that may be renamed, and a login has several customers."""
    username, person = free_username(customer), f"{customer.first_name} {customer.last_name}".strip()
    return create_user(username, email=address, name=person, language=customer.language, on=on, actor=actor)


def _queue_letters(user: User, customers: list[Customer]) -> int:
    """A letter per seller, all with the same link; return how many.

    A link only for a login without password: nobody's password is put at stake by a second customer.
    """
    token = "" if user.has_usable_password() else make_link(user)
    by_seller: dict[int, list[Customer]] = {}
    for customer in customers:
        by_seller.setdefault(customer.seller_id, []).append(customer)
    for group in by_seller.values():
        send_letter(
            _letter_for(user, group, token),
            to=user.email,  # the stored address, never one that only looks like it
            language=user.language,
            seller=group[0].seller,
            customer_id=group[0].pk,
            related_id=user.pk,
        )
    return len(by_seller)


def _letter_for(user: User, customers: Sequence[Customer], token: str) -> Letter:
    """The customers are of one seller."""
    seller = customers[0].seller
    if not token:
        named = tuple((customer.number, customer.name) for customer in customers)
        return MoreCustomers(username=user.username, customers=named, home=home_url(seller))
    return FirstAccess(
        seller=seller.name,
        username=user.username,
        customer_numbers=tuple(customer.number for customer in customers),
        link=access_url(token, seller),
        home=home_url(seller),
        valid_days=VALID_FOR.days,
    )


def free_username(customer: Customer) -> str:
    """The customer number, or with the seller's short name before it, or with a count behind."""
    wished = [customer.number, f"{customer.seller.short_name}-{customer.number}"]
    wished += [f"{wished[1]}-{count}" for count in range(2, 100)]
    logins = User.objects.annotate(key=Lower("username")).filter(key__in=[name.lower() for name in wished])
    taken = set(logins.values_list("key", flat=True))
    return next(name for name in wished if name.lower() not in taken)


@transaction.atomic
def change_role(user: User, staff_role: str, *, on: date, actor: Actor) -> None:
    """Give a colleague another role in the office; mailed links end. Raises LastAdministrator, UnknownRole."""
    if staff_role not in STAFF_ROLES:
        raise UnknownRole()
    if staff_role != "administrator":
        _keep_an_administrator(user)
    former = user.staff_role
    user.staff_role = staff_role
    user.save(update_fields=["staff_role"])
    end_links(user)
    payload = {"from": former, "to": staff_role}
    record_events(ACCESS_ROLE_CHANGED, [Subject(user.pk, user.username, payload=payload)], actor=actor, on=on)


@transaction.atomic
def change_email(user: User, email: str, *, on: date, actor: Actor, kept_session: str = "") -> None:
    """Move a login to another address. Its links and sessions end, and the old address is told (I-A4).

    ``kept_session`` is the one in which somebody changes his own. Raises EmailTaken.
    """
    other = find_by_email(email)
    if other is not None and other.pk != user.pk:
        raise EmailTaken(email=email)
    former, user.email = user.email, email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:  # somebody else was quicker
        raise EmailTaken(email=email) from error
    end_links(user)
    end_sessions(user, kept=kept_session)
    if former:
        seller = only_seller_of(user.pk)
        letter = EmailChanged(username=user.username, home=home_url(seller))
        send_notice(letter, to=former, language=user.language, seller=seller)
    record_events(ACCESS_EMAIL_CHANGED, [Subject(user.pk, user.username)], actor=actor, on=on)


@transaction.atomic
def deactivate_user(user: User, *, on: date, actor: Actor) -> None:
    """Close a login: its sessions end with the next request at the latest, and its links. Raises LastAdministrator."""
    _keep_an_administrator(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_links(user)
    end_sessions(user)
    record_events(ACCESS_USER_DEACTIVATED, [Subject(user.pk, user.username)], actor=actor, on=on)


@transaction.atomic
def reactivate_user(user: User, *, on: date, actor: Actor) -> None:
    """Open a closed login again; its password stays."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    record_events(ACCESS_USER_REACTIVATED, [Subject(user.pk, user.username)], actor=actor, on=on)


def choose_appearance(user: User, **chosen: str) -> None:
    """Keep the language or the theme that a login chose; nobody else is concerned, so no event tells of it."""
    assert chosen.keys() <= {"language", "theme"}
    User.objects.filter(pk=user.pk).update(**chosen)


def _keep_an_administrator(user: User) -> None:
    """All administrators are locked, so that two cannot remove each other at once (I-A2)."""
    active = User.objects.select_for_update().filter(staff_role="administrator", is_active=True).order_by("pk")
    ids = [administrator.pk for administrator in active]
    if ids == [user.pk]:
        raise LastAdministrator()


def end_sessions(user: User, *, kept: str = "") -> None:
    """Delete the sessions of a login, so that they stay ended when the login is opened again."""
    store = SessionStore()
    sessions = Session.objects.filter(expire_date__gt=utc_now()).exclude(session_key=kept)
    for session in sessions.iterator(chunk_size=1000):
        if store.decode(session.session_data).get(SESSION_KEY) == str(user.pk):
            session.delete()
