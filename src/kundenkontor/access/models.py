"""Who may sign in, and for which customers."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from kundenkontor.kernel.tables import OF_NO_CUSTOMER, TableFacts, of_customer
from kundenkontor.parties.models import Customer

STAFF_ROLES = ["", "administrator", "clerk", "support", "auditor"]
UNTRACKED = ["password", "last_login", "links_ended_at"]
CUSTOMER_ROLES = ["owner", "invoices", "reader"]


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=UNTRACKED)),
    pghistory.DeleteEvent(),
    exclude=UNTRACKED,
    obj_field=pghistory.ObjForeignKey(db_constraint=False),
)
class User(AbstractBaseUser):
    """A person who signs in. ``staff_role`` opens the office; customers are reached through memberships.

    A customer's login has the customer number as user name.
    """

    facts = TableFacts(OF_NO_CUSTOMER)

    username = models.CharField(max_length=60, unique=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="de")
    theme = models.CharField(max_length=5, blank=True)
    staff_role = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    links_ended_at = models.DateTimeField(null=True)  # what was mailed before is worth nothing

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="a_user_name_is_taken_once"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="an_email_is_one_login"),
            models.CheckConstraint(condition=Q(staff_role__in=STAFF_ROLES), name="a_login_has_a_role_of_staff_or_none"),
        ]

    @property
    def is_staff(self) -> bool:
        """Whether the office is open to this login."""
        return bool(self.staff_role)

    @property
    def is_superuser(self) -> bool:
        return False

    def __str__(self) -> str:
        return self.username


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    obj_field=pghistory.ObjForeignKey(db_constraint=False),
)
class Membership(models.Model):
    """That a user may act for a customer, and how far."""

    facts = TableFacts(of_customer())

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, default="owner")

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "customer", name="a_user_belongs_to_a_customer_once"),
            models.CheckConstraint(condition=Q(role__in=CUSTOMER_ROLES), name="a_membership_has_a_role"),
        ]


class AccessLink(models.Model):
    """A one-time link with which a login sets its first password. Only the token's SHA-256 is stored."""

    facts = TableFacts(OF_NO_CUSTOMER)

    user = models.ForeignKey(User, models.PROTECT, related_name="access_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
