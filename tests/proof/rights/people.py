"""The logins of the access matrix, each with the column it fills there."""

from __future__ import annotations

from dataclasses import dataclass, replace

PASSWORD = "blauer Himmel über Linz"


@dataclass(frozen=True, slots=True)
class Role:
    """One column. ``customer`` names whose login it is; ``membership`` and ``staff`` are what the policy knows.

    ``others``: further customers of the login, each with its membership; they count once the login switches to them.
    """

    name: str
    label: str
    customer: str = ""
    membership: str = ""
    staff: str = ""
    is_active: bool = True
    others: tuple[tuple[str, str], ...] = ()

    @property
    def customers(self) -> tuple[str, ...]:
        """All customers of the login, the one that is chosen first."""
        return tuple(name for name in (self.customer, *(other for other, _ in self.others)) if name)

    def switched(self) -> Role:
        """The same login after it switched to its other customer: only what it is there counts."""
        (customer, membership), *rest = self.others
        return replace(self, customer=customer, membership=membership, others=((self.customer, self.membership), *rest))


ROLES = (
    Role("signed_out", "signed out"),
    Role("inactive", "inactive", "ada", "owner", is_active=False),
    Role("owner", "owner", "ada", "owner"),
    Role("invoices", "invoices", "ada", "invoices"),
    Role("reader", "reader", "ada", "reader"),
    Role("bob", "other customer", "bob", "owner"),
    Role("cyd", "customer of another seller", "cyd", "owner"),
    Role("several", "owner of two", "ada", "owner", others=(("bob", "invoices"),)),
    Role("nobody", "no customer"),
    Role("support", "support", staff="support"),
    Role("clerk", "clerk", staff="clerk"),
    Role("administrator", "administrator", staff="administrator"),
    Role("auditor", "auditor", staff="auditor"),
)
BY_NAME = {role.name: role for role in ROLES}
CUSTOMER_ROLES = tuple(role for role in ROLES if role.membership and role.is_active)
STAFF_ROLES = tuple(role for role in ROLES if role.staff)
