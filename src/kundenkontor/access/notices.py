"""Who is told when something changes that money or access hangs on, so that no thief of a login changes it unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils import translation

from kundenkontor.access.models import User
from kundenkontor.events.models import Event
from kundenkontor.events.names import ACCESS_EMAIL_CHANGED, event_words
from kundenkontor.messaging.commands import send_letter, send_notice
from kundenkontor.messaging.letters.notices import AddressChanged, ChangeNotice
from kundenkontor.parties.models import ADDRESS_BEFORE, Contact, Customer, Seller

Reader = tuple[str, str]  # address and language
SELLER_ADDRESSES = ("email", "bookkeeping_email")


def tell_of_bank_accounts(events: Sequence[Event]) -> None:
    """Administrators and the seller's own addresses."""
    for event in events:
        seller = Seller.objects.get(pk=_subject(event))
        _tell(event, [(seller.email, "de"), (seller.bookkeeping_email, "de"), *_administrators()])


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
        former = [event.payload[name][0] for name in SELLER_ADDRESSES if name in event.payload]
        if former:
            _tell(event, [*((address, "de") for address in former), *_administrators()])


def tell_former_address(events: Sequence[Event]) -> None:
    """The address that a customer, or the contact named in the event, had before."""
    for event in events:
        if "email" not in event.payload.get("fields", ()):
            continue
        customer = Customer.objects.select_related("seller").get(pk=_subject(event))
        contact_id = event.payload.get("contact")
        former = _former_email(Contact.objects.filter(pk=contact_id).first() if contact_id else customer)
        if former:
            letter = AddressChanged(customer_number=customer.number, customer_name=customer.name)
            send_notice(
                letter,
                to=former,
                language=customer.language,
                seller=customer.seller,
                customer_id=customer.pk,
                actor=event.actor,
            )


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
