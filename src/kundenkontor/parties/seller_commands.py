"""Changing sellers, their bank accounts and their dated tax settings. Each change is an event with before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from stdnum import bic as bic_number
from stdnum import iban as iban_number

from kundenkontor.documents.models import StoredFile
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.hashing import hash_rows
from kundenkontor.events.names import (
    BANK_ACCOUNT_SAVED,
    RETURNS_DECLARED,
    SELLER_CHANGED,
    SELLER_CREATED,
    SELLER_TAX_SETTING_CHANGED,
    EventName,
)
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.parties import errors
from kundenkontor.parties.colours import SMALLEST_CONTRAST, contrast_on_white
from kundenkontor.parties.facts import tax_facts
from kundenkontor.parties.models import BANK_ACCOUNTS, BankAccount, Declaration, Seller, SellerTaxSetting
from kundenkontor.parties.rules import is_plausible_vat_id

NOT_SET_HERE = ("id", "short_name", "snapshot", "logo")
SELLER_COLUMNS = tuple(field.name for field in Seller._meta.concrete_fields if field.name not in NOT_SET_HERE)
LONGEST_IN_EVENT = 200
BOOKING_LOCK = 7313  # the class of advisory locks that keep declaring and booking of a seller apart


@transaction.atomic
def create_seller(short_name: str, values: Mapping[str, Any], *, on: date, actor: Actor) -> Seller:
    """Make a seller. Raises ShortNameTaken, AccentTooLight, BookedBeyondToday, VatIdMalformed."""
    seller = Seller(short_name=short_name)
    _set(seller, values, on)
    try:
        with transaction.atomic():
            seller.save(force_insert=True)
    except IntegrityError as error:
        raise errors.ShortNameTaken(short_name=short_name) from error
    payload = {"name": seller.name} | ({"vat_id": seller.vat_id} if seller.vat_id else {})
    _record(SELLER_CREATED, seller, payload, on=on, actor=actor)
    return seller


@transaction.atomic
def change_seller(seller: Seller, values: Mapping[str, Any], *, on: date, actor: Actor) -> frozenset[str]:
    """Change columns for all future documents. Returns the changed ones. Raises AccentTooLight, BookedBeyondToday."""
    locked = Seller.objects.select_for_update().get(pk=seller.pk)
    before = {name: getattr(locked, name) for name in values}
    _set(locked, values, on)
    changed = frozenset(name for name, value in before.items() if getattr(locked, name) != value)
    if changed:
        locked.save(update_fields=sorted(changed))
        payload = {name: [_shown(before[name]), _shown(getattr(locked, name))] for name in sorted(changed)}
        _record(SELLER_CHANGED, locked, payload, on=on, actor=actor)
    return changed


@transaction.atomic
def set_logo(seller: Seller, logo: StoredFile | None, *, on: date, actor: Actor) -> None:
    """Put a logo, already checked and stored, on all future documents, or take it away."""
    locked = Seller.objects.select_for_update().get(pk=seller.pk)
    before = locked.logo.sha256 if locked.logo else ""
    locked.logo = logo
    locked.save(update_fields=["logo"])
    payload = {"logo": [before, logo.sha256 if logo else ""]}
    _record(SELLER_CHANGED, locked, payload, on=on, actor=actor)


def _set(seller: Seller, values: Mapping[str, Any], on: date) -> None:
    unknown, before = set(values) - set(SELLER_COLUMNS), seller.vat_id
    assert not unknown, unknown
    for name, value in values.items():
        setattr(seller, name, value.strip() if isinstance(value, str) else value)
    if seller.vat_id != before:
        _refuse_malformed(seller)
    contrast = contrast_on_white(seller.accent_colour)
    if contrast < SMALLEST_CONTRAST:
        raise errors.AccentTooLight(contrast=f"{contrast:.1f}")
    if seller.payments_booked_until is not None and seller.payments_booked_until > on:
        raise errors.BookedBeyondToday()


def _refuse_malformed(seller: Seller) -> None:
    """A VAT id stands in its normal form, with the right check digits, as customers' do. Raises VatIdMalformed."""
    seller.vat_id = normal_vat_id(seller.vat_id)
    if seller.vat_id and not is_plausible_vat_id(seller.vat_id):
        raise errors.VatIdMalformed(vat_id=seller.vat_id)


def _shown(value: Any) -> object:
    return value if isinstance(value, bool | int | None) else str(value)[:LONGEST_IN_EVENT]


@transaction.atomic
def save_bank_account(
    seller: Seller,
    account: BankAccount | None,
    *,
    account_name: str,
    iban: str,
    bic: str,
    bank_name: str,
    position: int,
    is_active: bool,
    on: date,
    actor: Actor,
) -> BankAccount:
    """Add or change where customers pay to. The event shows the IBAN's last four places only (I-L2).

    Raises IbanInvalid, BicInvalid, IbanKnown.
    """
    Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)  # the hash is over all its accounts
    iban, bic = iban_number.compact(iban), bic_number.compact(bic)
    if not iban_number.is_valid(iban):
        raise errors.IbanInvalid()
    if bic and not bic_number.is_valid(bic):
        raise errors.BicInvalid()
    saved = account or BankAccount(seller=seller)
    saved.account_name, saved.iban, saved.bic, saved.bank_name = account_name, iban, bic, bank_name
    saved.position, saved.is_active = position, is_active
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise errors.IbanKnown() from error
    payload = {"iban": f"…{iban[-4:]}", "position": position, "is_active": is_active}
    row_hash = hash_rows(BANK_ACCOUNTS, [seller.pk])[seller.pk]
    subject = Subject(seller.pk, seller.short_name, None, seller.pk, payload, row_hash)
    record_events(BANK_ACCOUNT_SAVED, [subject], actor=actor, on=on)
    return saved


@transaction.atomic
def set_tax_setting(
    seller: Seller, kind: str, *, applies: bool, valid_from: date, on: date, actor: Actor
) -> SellerTaxSetting:
    """Let a tax fact begin or end on a day; a row of the same day is replaced.

    Raises SettingUnchanged, SettingDeclared.
    """
    Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)
    until = hold_declared(seller.pk)
    if valid_from <= until:
        raise errors.SettingDeclared(until=until)
    rows = SellerTaxSetting.objects.filter(seller=seller, kind=kind)
    current = rows.filter(valid_from__lte=valid_from).order_by("-valid_from").first()
    if (current.applies if current else False) == applies:
        raise errors.SettingUnchanged()
    setting, _ = SellerTaxSetting.objects.update_or_create(
        seller=seller, kind=kind, valid_from=valid_from, defaults={"applies": applies}
    )
    payload = {"kind": kind, "applies": applies, "valid_from": valid_from.isoformat()}
    _record(SELLER_TAX_SETTING_CHANGED, seller, payload, on=on, actor=actor)
    return setting


@transaction.atomic
def declare_returns(seller: Seller, kind: str, *, until: date, on: date, actor: Actor) -> Declaration:
    """Say that the returns of a kind are declared up to a day; an earlier day opens months again. It is the last day of
    a month; of OSS that of a quarter (Art. 369f), and of all where VAT is declared by quarter (of ZM: § 18a Abs. 2 UStG
    DE, Art. 21 Abs. 3 UStG AT).

    Waits for whoever is booking: what was booked before belongs to what is declared, what comes later is a correction.
    Raises MonthNotOver, MonthNotWhole, QuarterNotWhole, AlreadyDeclared.
    """
    if until >= on:
        raise errors.MonthNotOver()
    if (until + timedelta(days=1)).day != 1:
        raise errors.MonthNotWhole()
    if until.month % 3 and (kind == "oss" or tax_facts(seller.pk).has("quarterly", _quarter_begin(until))):
        raise errors.QuarterNotWhole()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BOOKING_LOCK, seller.pk % 2**31])
    if declared_until(seller.pk, kind) == until:
        raise errors.AlreadyDeclared()
    row = Declaration.objects.create(
        seller=seller, kind=kind, until=until, declared_at=utc_now(), declared_by=actor.label[:150]
    )
    payload = {"kind": kind, "until": until.isoformat()}
    record_events(RETURNS_DECLARED, [Subject(row.pk, seller.short_name, None, seller.pk, payload)], actor=actor, on=on)
    return row


def _quarter_begin(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def hold_declared(seller_id: int) -> date:
    """Until when the VAT return is declared; nobody declares more until commit. ``date.min``: nothing is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [BOOKING_LOCK, seller_id % 2**31])
    return declared_until(seller_id)


def declared_until(seller_id: int, kind: str = "vat") -> date:
    """The last day of the last month that is declared; ``date.min``: none."""
    rows = Declaration.objects.filter(seller_id=seller_id, kind=kind).order_by("-pk")
    return rows.values_list("until", flat=True).first() or date.min


def _record(name: EventName, seller: Seller, payload: dict[str, Any], *, on: date, actor: Actor) -> None:
    record_events(name, [Subject(seller.pk, seller.short_name, None, seller.pk, payload)], actor=actor, on=on)
