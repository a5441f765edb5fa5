"""Finding logins, access links, and customers for whom nobody can sign in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypedDict

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from kundenkontor.access.models import AccessLink, Membership, User
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Contact, Customer, Seller

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Reachable(TypedDict):
    address: str


def find_by_email(address: str) -> User | None:
    """The login with this address, compared by ASCII letters only: "ı" is not "i" (CVE-2019-19844)."""
    candidates = User.objects.filter(email__iexact=address)
    wished = address.encode().lower()
    return next((user for user in candidates if user.email.encode().lower() == wished), None)


def logins_named(text: str) -> list[User]:
    """The logins with this user name or address, a user name first.

    Compared by ASCII letters only: a look-alike such as "ı" for "i" finds nobody (CVE-2019-19844).
    """
    wished = text.strip()
    if not wished or "\0" in wished:
        return []
    by_key = User.objects.annotate(name_key=Lower("username"), email_key=Lower("email"))
    has_address = ~Q(email="")  # the condition of the index, which is not used without it
    found = by_key.filter(Q(name_key=wished.lower()) | (Q(email_key=wished.lower()) & has_address))
    same = wished.encode().lower()
    named = [user for user in found if same in (user.username.encode().lower(), user.email.encode().lower())]
    return sorted(named, key=lambda user: user.username.encode().lower() != same)


def only_seller_of(user_id: int) -> Seller | None:
    """The seller of all customers of a login; None where these are of several, or there are none."""
    sellers = list(Seller.objects.filter(customers__memberships__user=user_id).distinct()[:2])
    return sellers[0] if len(sellers) == 1 else None


def hash_of(token: str) -> str:
    """What is stored of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def usable_links() -> QuerySet[AccessLink]:
    """Links that were neither used nor ended, of open logins."""
    links = AccessLink.objects.select_related("user")
    return links.filter(used_at=None, expires_at__gt=utc_now(), user__is_active=True)


def find_access_link(token: str) -> AccessLink | None:
    """The link if it can still be used; for showing the form. Changes nothing, so a mail scanner uses nothing up."""
    return usable_links().filter(token_hash=hash_of(token)).first()


def without_login(seller_id: int | None = None) -> QuerySet[Customer]:
    """Customers for whom nobody can sign in; of one seller, or of all."""
    rows = Customer.objects.filter(~Exists(Membership.objects.filter(customer_id=OuterRef("pk"))))
    return rows if seller_id is None else rows.filter(seller_id=seller_id)


def reachable(rows: QuerySet[Customer]) -> QuerySet[WithAnnotations[Customer, Reachable]]:
    """Those with an address to which the link can go, as ``address``; what ``login_address`` says for each."""
    main = Contact.objects.filter(customer_id=OuterRef("pk"), group="main").values("email")[:1]
    address = Lower(Coalesce(NullIf(Subquery(main), Value("")), F("email")), output_field=CharField())
    return rows.annotate(address=address).exclude(address="")


def mail_count(rows: QuerySet[Customer]) -> int:
    """How many letters go out: one per address and seller."""
    return reachable(rows).order_by().values("address", "seller_id").distinct().count()
