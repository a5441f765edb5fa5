"""Who is told when something changes that money or access hangs on, so that no thief of a login changes it unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation

from kundenkontor.access.models import User
from kundenkontor.events.models import Event
from kundenkontor.events.names import ACCESS_EMAIL_CHANGED, SELLER_CHANGED, event_words
from kundenkontor.messaging.commands import send_letter, send_notice
from kundenkontor.messaging.letters.notices import AddressChanged, ChangeNotice
from kundenkontor.parties.models import ADDRESS_BEFORE, Contact, Customer, Seller

Reader = tuple[str, str]  # address and language
SELLER_ADDRESSES = ("email", "bookkeeping_email")
LATELY = timedelta(days=14)


def tell_of_bank_accounts(events: Sequence[Event]) -> None:
    """Administrators and the seller's own addresses, also those that were replaced lately, perhaps by the same hand."""
    for event in events:
        seller = Seller.objects.get(pk=_subject(event))
        own = [seller.email, seller.bookkeeping_email, *_lately_replaced(seller, event.occurred_at)]
        _tell(event, [*((address, "de") for address in own), *_administrators()])


def _lately_replaced(seller: Seller, at: datetime) -> Iterator[str]:
    changes = Event.objects.filter(name=SELLER_CHANGED.name, subject_id=seller.pk)
    for change in changes.filter(occurred_at__range=(at - LATELY, at + LATELY)).order_by("pk"):
        yield from _former_addresses(change)


def _former_addresses(event: Event) -> list[str]:
    return [event.payload[name][0] for name in SELLER_ADDRESSES if name in event.payload]


def tell_of_users(events: Sequence[Event]) -> None:
    """Administrators, of what happens to colleagues' logins and of every login that moved; the colleague, too.

    The address that a login had before is told by the command itself.
    """
    for event in events:
        user = User.objects.get(pk=_subject(event))
        if user.is_staff or event.name == ACCESS_EMAIL_CHANGED.name:
            own = [(user.email, user.language)] if user.is_staff and event.actor_user_id != user.pk else []
            _tell(event, [*own, *_administrators()])


def tell_of_sellers(events: Sequence[Event]) -> None:
    """Administrators and the old address, if one of the seller's addresses changed."""
    for event in events:
        former = _former_addresses(event)
        if former:
            _tell(event, [*((address, "de") for address in former), *_administrators()])


def tell_former_address(events: Sequence[Event]) -> None:
    """The address that a customer, or the contact named in the event, had before."""
    for event in events:
        if "email" in event.payload.get("fields", ()):
            customer = _customer(event)
            contact_id = event.payload.get("contact")
            former = _former_email(Contact.objects.filter(pk=contact_id).first() if contact_id else customer)
            _tell_customer(event, customer, [former])


def tell_addresses_an_import_replaced(events: Sequence[Event]) -> None:
    """The customer's, and that of its main contact, which an import replaces together."""
    for event in events:
        if "email" in event.payload.get("fields", ()):
            customer = _customer(event)
            main = Contact.objects.filter(customer=customer, group="main").first()
            _tell_customer(event, customer, [_former_email(customer), _former_email(main)])


def tell_former_recipient(events: Sequence[Event]) -> None:
    """The address to which a customer's invoices went until another contact was made their recipient."""
    for event in events:
        if "recipient" in event.payload:
            customer = _customer(event)
            former, now = (_address_of(customer, contact_id) for contact_id in event.payload["recipient"])
            if former.lower() != now.lower():
                _tell_customer(event, customer, [former], is_of_invoices=True)


def _tell_customer(event: Event, customer: Customer, addresses: Iterable[str], *, is_of_invoices: bool = False) -> None:
    letter = AddressChanged(customer_number=customer.number, customer_name=customer.name, is_of_invoices=is_of_invoices)
    for address, language in _once((address, customer.language) for address in addresses):
        send_notice(
            letter, to=address, language=language, seller=customer.seller, customer_id=customer.pk, actor=event.actor
        )


def _customer(event: Event) -> Customer:
    return Customer.objects.select_related("seller").get(pk=_subject(event))


def _address_of(customer: Customer, contact_id: int | None) -> str:
    """Of a contact, also of one that was removed; None: the customer's own."""
    if contact_id is None:
        return customer.email
    contact = Contact.objects.filter(pk=contact_id).first()
    kept = Contact.pgh_event_model.objects.filter(pgh_obj_id=contact_id).order_by("-pgh_id")  # type: ignore[attr-defined]
    found = contact or kept.first()
    return found.email if found else ""


def _subject(event: Event) -> int:
    assert event.subject_id is not None
    return event.subject_id


def _former_email(row: Any) -> str:
    """What the row's history kept when its address changed last."""
    if row is None:
        return ""
    kept = type(row).pgh_event_model.objects.filter(pgh_obj_id=row.pk, pgh_label=ADDRESS_BEFORE.label)
    state = kept.order_by("-pgh_id").first()
    return state.email if state is not None and state.email.lower() != row.email.lower() else ""


def _tell(event: Event, readers: Iterable[Reader]) -> None:
    """One letter per address, in its reader's language."""
    for address, language in _once(readers):
        with translation.override(language):
            what = event_words(event.name)
        letter = ChangeNotice(what=what, about=event.reference, by=event.actor_label)
        send_letter(letter, to=address, language=language, related_id=event.subject_id)


def _once(readers: Iterable[Reader]) -> Iterator[Reader]:
    told: set[str] = set()
    for address, language in readers:
        if address and address.lower() not in told:
            told.add(address.lower())
            yield address, language


def _administrators() -> list[Reader]:
    rows = User.objects.filter(staff_role="administrator", is_active=True).exclude(email="").order_by("pk")
    return list(rows.values_list("email", "language"))
