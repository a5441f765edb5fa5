"""Freezing parties: documents refer to snapshots, so a later change of a party never touches them (I-D1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.forms.models import model_to_dict

from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.hashing import Columns, Hashed, hash_rows
from kundenkontor.events.names import PARTY_FROZEN
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import message
from kundenkontor.parties.models import PartySnapshot, Seller

CUSTOMER_FIELDS = (
    "number", "company", "first_name", "last_name", "street", "postal_code", "city", "country", "email", "language",
    "has_invoice_address", "invoice_name", "invoice_care_of", "invoice_department", "invoice_street",
    "invoice_postal_code", "invoice_city", "invoice_country",
)  # fmt: skip
_CONTENT = ", ".join(f"'{name}', c.{name}" for name in CUSTOMER_FIELDS)
_VAT_ID = "CASE WHEN c.vat_id_state = 'invalid' THEN '' ELSE c.vat_id END"  # what is found invalid is no VAT id

SELLER_FIELDS = (
    "name", "legal_form", "street", "postal_code", "city", "country", "seat", "register_number", "register_court",
    "managing_directors", "vat_id", "tax_number", "email", "phone", "website", "intro_text_de", "intro_text_en",
    "closing_text_de", "closing_text_en", "accent_colour", "qr_mode", "logo",
)  # fmt: skip


SNAPSHOT = Hashed(
    "parties_are_as_frozen",
    message("Every frozen state of a seller or customer is the one its event keeps the hash of"),
    PARTY_FROZEN,
    {1: (Columns("parties_partysnapshot", "id, seller_id, customer_id, content"),)},
)
Made = tuple[int, int | None, int | None, str]


@transaction.atomic
def freeze_customers(first_id: int, last_id: int) -> None:
    """Make a snapshot for each customer in the range whose printed data changed since the last one; set-based."""
    now = utc_now()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH made AS (
                INSERT INTO parties_partysnapshot (customer_id, content, created_at)
                SELECT c.id, jsonb_build_object({_CONTENT}, 'vat_id', {_VAT_ID}), %s
                FROM parties_customer c WHERE c.id BETWEEN %s AND %s AND c.snapshot_id IS NULL ORDER BY c.id
                RETURNING id, customer_id, content ->> 'number' AS number
            ), pointed AS (
                UPDATE parties_customer c SET snapshot_id = made.id FROM made WHERE c.id = made.customer_id
            )
            SELECT id, NULL, customer_id, number FROM made
            """,  # nosec B608  # the constants above
            [now, first_id, last_id],
        )
        _record(cursor.fetchall(), now)


def _record(made: Sequence[Made], now: datetime) -> None:
    """One event per snapshot, with its hash. Its day is the instant's: nothing is booked by it."""
    hashes = hash_rows(SNAPSHOT, [row[0] for row in made])
    subjects = [
        Subject(id_, number, customer_id, seller_id, document_hash=hashes[id_])
        for id_, seller_id, customer_id, number in made
    ]
    record_events(PARTY_FROZEN, subjects, actor=SYSTEM, on=now.date())


@transaction.atomic
def freeze_seller(seller_id: int) -> int:
    """Return the id of a snapshot of the seller with its bank accounts as they are now, making one if needed."""
    seller = Seller.objects.get(pk=seller_id)
    if seller.snapshot_id is None:  # locked only then: whoever refers to the seller would wait for us at its commit
        seller = Seller.objects.select_for_update(no_key=True).get(pk=seller_id)
    if seller.snapshot_id is None:
        content = {name: value for name, value in model_to_dict(seller).items() if name in SELLER_FIELDS}
        content["bank_accounts"] = _bank_accounts(seller)
        content["logo"] = seller.logo.sha256 if seller.logo else ""
        seller.snapshot = PartySnapshot.objects.create(seller=seller, content=content, created_at=utc_now())
        seller.save(update_fields=["snapshot"])
        snapshot = seller.snapshot
        _record([(snapshot.pk, seller.pk, None, seller.short_name)], snapshot.created_at)
    assert seller.snapshot_id is not None
    return seller.snapshot_id


def _bank_accounts(seller: Seller) -> Sequence[dict[str, Any]]:
    columns = ("account_name", "iban", "bic", "bank_name")
    return list(seller.bank_accounts.filter(is_active=True).order_by("position", "id").values(*columns))
