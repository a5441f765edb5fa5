"""Invoices that hold together, with any text a clerk can type and any amount the books can hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from kundenkontor.einvoicing.model import Address, CreditTransfer, Invoice, Line, Party, PrecedingInvoice
from tests.einvoicing import builders

_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from(
    "\t\n\r&<>\"'"
)
texts = st.text(_CHARACTERS, max_size=30).map(str.strip)
names = texts.filter(bool)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
amounts = st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2)
rates = st.sampled_from(["5", "7", "10", "13", "19", "20", "22", "25.5"])

addresses = st.builds(
    Address,
    line_one=texts,
    line_two=texts,
    line_three=texts,
    city=texts,
    postal_code=texts,
    country=st.sampled_from(["AT", "DE", "IT", "CH", "FR"]),
)
parties = st.builds(
    Party,
    name=names,
    address=addresses,
    vat_id=st.sampled_from(["", "ATU12345675", "DE123456788"]),
    tax_number=texts,
    identifier=texts,
    registration=texts,
    additional_legal_information=texts,
    electronic_address=st.sampled_from(["", "a@b.example"]),
    contact_name=texts,
    contact_phone=texts,
    contact_email=texts,
).map(lambda party: replace(party, electronic_address_scheme="EM" if party.electronic_address else ""))


@st.composite
def lines(draw: st.DrawFn, category: str | None = None) -> Line:
    """One line; its net amount follows from quantity, price, base quantity and discount."""
    vat_category = category or draw(st.sampled_from(["S", "S", "S", "Z", "E", "AE"]))
    return builders.line(
        draw(st.integers(1, 9999)),
        str(draw(st.decimals(0, 9999, places=6))),
        quantity=str(draw(st.decimals(Decimal(-999), 999, places=4))),
        category=vat_category,
        rate=draw(rates) if vat_category == "S" else "0",
        discount=draw(st.none() | st.sampled_from(["2.5", "10", "33.33", "100"])),
        base_quantity=draw(st.sampled_from(["1", "28", "30", "31", "365"])),
        name=draw(names),
        description=draw(texts),
        note=draw(texts),
        article_number=draw(texts),
        cost_centre=draw(texts),
        object_identifier=draw(texts),
        unit=draw(st.sampled_from(["C62", "DAY", "MON", "ANN"])),
    )


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """A whole invoice; category O alone or not at all. Every total follows from the lines."""
    outside_scope = draw(st.booleans()) and draw(st.booleans())
    rows = draw(st.lists(lines("O") if outside_scope else lines(), min_size=1, max_size=6))
    start, end = sorted((draw(days), draw(days)))
    seller, buyer = draw(parties), draw(parties)
    return builders.invoice(
        *rows,
        rounding=str(draw(st.sampled_from(["0.00", "0.01", "-0.01"]))),
        number=draw(names),
        type_code=draw(st.sampled_from(["380", "384", "386"])),
        issue_date=draw(days),
        due_date=draw(days),
        seller=replace(seller, vat_id="ATU12345675", registration="FN 1a", tax_number=seller.tax_number),
        buyer=replace(buyer, vat_id="DE123456788", tax_number="", additional_legal_information=""),
        buyer_reference=draw(texts),
        order_number=draw(texts),
        contract_number=draw(texts),
        cost_centre=draw(texts),
        business_process=draw(texts),
        payment_terms=draw(texts),
        payment_reference=draw(texts),
        notes=tuple(draw(st.lists(names, max_size=3))),
        period_start=start,
        period_end=end,
        delivery_date=draw(st.none() | days),
        preceding_invoices=(PrecedingInvoice(number="RE1", issue_date=start),),
        credit_transfers=tuple(
            CreditTransfer(iban=iban, account_name=draw(texts), bic=draw(st.sampled_from(["", "BKAUATWW"])))
            for iban in draw(
                st.lists(st.sampled_from(["AT611904300234573201", "DE89370400440532013000"]), min_size=1, max_size=2)
            )
        ),
    )
