"""The one policy: what a login may do. Every face asks ``may``; nothing else decides."""

from __future__ import annotations

from kundenkontor.access.models import Membership, User

STAFF_READ = frozenset(
    {
        "customers.read", "contracts.read", "products.read", "invoices.read", "payments.read", "billing.read",
        "imports.read", "books.read", "vat_ids.read", "outbox.read", "events.read", "integrity.read", "documents.read",
    }
)  # fmt: skip
STAFF_WORK = frozenset(
    {
        "customers.write", "contracts.write", "products.write", "invoices.issue", "invoices.correct",
        "invoices.deliver", "payments.write", "payments.write_off", "billing.run", "imports.run", "vat_ids.write",
        "access.send", "clock.move", "rates.write", "integrity.run",
    }
)  # fmt: skip
SETTINGS = frozenset({"settings.read", "settings.write", "mailbox.read"})
ADMINISTRATION = frozenset({"users.read", "users.write"})

STAFF_PERMISSIONS: dict[str, frozenset[str]] = {
    "administrator": STAFF_READ | STAFF_WORK | SETTINGS | ADMINISTRATION,
    "clerk": STAFF_READ | STAFF_WORK | SETTINGS,
    "support": frozenset({"customers.read", "contracts.read", "products.read", "invoices.read", "payments.read",
                          "documents.read", "access.send", "outbox.read"}),
    "auditor": STAFF_READ | {"settings.read", "users.read"},
}  # fmt: skip

CUSTOMER_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({"account.read", "contracts.read", "invoices.read", "payments.read", "documents.read",
                        "invoices.forward", "data.change", "settings.change"}),
    "invoices": frozenset({"account.read", "invoices.read", "payments.read", "documents.read", "invoices.forward"}),
    "reader": frozenset({"account.read", "contracts.read", "invoices.read", "payments.read", "documents.read"}),
}  # fmt: skip


def may(user: User, permission: str, customer: int | Membership | None = None) -> bool:
    """Whether a login may do something: as staff, or for the customer named by its id or by a membership just read.

    A customer permission without a customer is refused: a right alone never suffices, it
    needs its object (I-A3).
    """
    if not user.is_authenticated or not user.is_active:
        return False
    if customer is None:
        return permission in STAFF_PERMISSIONS.get(user.staff_role, frozenset())
    found = customer if isinstance(customer, Membership) else _membership_of(user, customer)
    return found is not None and found.user_id == user.pk and permission in CUSTOMER_PERMISSIONS[found.role]


def _membership_of(user: User, customer_id: int) -> Membership | None:
    return Membership.objects.filter(user=user, customer_id=customer_id).first()
