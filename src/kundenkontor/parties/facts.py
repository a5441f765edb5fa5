"""What billing and issuing need to know of the parties, read once per run or chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from kundenkontor.parties.models import PartySnapshot, Seller, SellerTaxSetting
from kundenkontor.parties.snapshots import freeze_customers, freeze_seller


class TaxFacts(tuple[tuple[str, date, bool], ...]):
    """Dated tax settings of a seller: (kind, from, applies), newest last."""

    __slots__ = ()

    def has(self, kind: str, on: date) -> bool:
        """Whether a setting applies on a day."""
        applies = False
        for setting, valid_from, value in self:
            if setting == kind and valid_from <= on:
                applies = value
        return applies

    def spans(self, kind: str) -> list[str]:
        """The days on which a setting applies, as PostgreSQL writes ranges of dates."""
        rows = [(valid_from, value) for setting, valid_from, value in self if setting == kind]
        ends = [*(str(day) for day, _ in rows[1:]), ""]
        return [f"[{day},{end})" for (day, value), end in zip(rows, ends, strict=False) if value]


def tax_facts(seller_id: int) -> TaxFacts:
    """The dated tax settings as they stand now."""
    rows = SellerTaxSetting.objects.filter(seller_id=seller_id).order_by("valid_from", "id")
    return TaxFacts(rows.values_list("kind", "valid_from", "applies"))


@dataclass(frozen=True, slots=True)
class SellerFacts:
    """A seller as it issues: frozen snapshot, particulars, tax settings."""

    id: int
    snapshot_id: int
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    tax_number: str
    register_number: str
    has_bank_account: bool
    payment_terms_days: int
    tax_settings: TaxFacts
    foreign_text: str = ""  # what is printed of it with letters beyond ASCII

    def has(self, kind: str, on: date) -> bool:
        """Whether a dated tax setting applies on a day."""
        return self.tax_settings.has(kind, on)


@dataclass(slots=True)
class BuyerFacts:
    """A customer as it is billed; name and address only as far as the law asks for them."""

    id: int
    snapshot_id: int
    number: str
    name: str
    is_address_complete: bool
    country: str
    postal_code: str
    city: str
    language: str
    is_taxable_person: bool
    is_consumer: bool
    vat_id: str
    vat_id_state: str
    vat_id_waived: bool
    order_number: str
    buyer_reference: str
    cost_centre: str
    is_collective: bool
    payment_terms_days: int | None
    has_open_request: bool
    foreign_text: str = ""  # what is printed of it, where that has letters beyond ASCII


def freeze_seller_facts(seller_id: int) -> SellerFacts:
    """Freeze the seller and return its facts."""
    snapshot_id = freeze_seller(seller_id)
    printed = PartySnapshot.objects.get(pk=snapshot_id).content
    seller = Seller.objects.get(pk=seller_id)
    return SellerFacts(
        id=seller.pk,
        snapshot_id=snapshot_id,
        name=seller.name,
        street=seller.street,
        postal_code=seller.postal_code,
        city=seller.city,
        country=seller.country,
        vat_id=seller.vat_id,
        tax_number=seller.tax_number,
        register_number=seller.register_number,
        has_bank_account=bool(printed["bank_accounts"]),
        payment_terms_days=seller.payment_terms_days,
        tax_settings=tax_facts(seller_id),
        foreign_text=" ".join(_foreign_texts(printed)),
    )


def _foreign_texts(printed: object) -> Iterator[str]:
    """Texts with letters beyond ASCII in a snapshot, in it and in its accounts."""
    if isinstance(printed, str):
        yield from [] if printed.isascii() else [printed]
    elif isinstance(printed, dict | list):
        for part in printed.values() if isinstance(printed, dict) else printed:
            yield from _foreign_texts(part)


def freeze_buyer_facts(seller_id: int, first_id: int, last_id: int) -> dict[int, BuyerFacts]:
    """Freeze a range of a seller's customers and return their facts by id."""
    freeze_customers(first_id, last_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, c.snapshot_id, c.number,
                   CASE WHEN c.company <> '' THEN c.company ELSE btrim(c.first_name || ' ' || c.last_name) END,
                   c.street <> '' AND c.city <> '' AND c.postal_code <> '', c.country, c.postal_code, c.city,
                   c.language, c.is_taxable_person, c.is_consumer, c.vat_id, c.vat_id_state, c.vat_id_waived,
                   c.order_number, c.buyer_reference, c.cost_centre, c.is_collective, c.payment_terms_days,
                   EXISTS (SELECT 1 FROM parties_customerdatarequest r
                           WHERE r.customer_id = c.id AND r.decided_at IS NULL),
                   CASE WHEN octet_length(t.printed) > length(t.printed) THEN t.printed ELSE '' END
            FROM parties_customer c CROSS JOIN LATERAL (
                SELECT concat_ws(' ', c.number, c.vat_id, c.company, c.first_name, c.last_name,
                    c.street, c.postal_code, c.city,
                    CASE WHEN c.has_invoice_address THEN concat_ws(' ', c.invoice_name, c.invoice_care_of,
                        c.invoice_department, c.invoice_street, c.invoice_postal_code, c.invoice_city) END
                ) AS printed
            ) t WHERE c.seller_id = %s AND c.id BETWEEN %s AND %s
            """,
            [seller_id, first_id, last_id],
        )
        return {row[0]: BuyerFacts(*row) for row in cursor.fetchall()}
