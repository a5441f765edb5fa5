"""Raw SQL as the application's role cannot unbalance the books or overdraw an item (I-M1, I-M3, I-M8)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, connection, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kundenkontor.invoicing.models import Invoice
from kundenkontor.ledger.models import Account, JournalEntry
from kundenkontor.receivables.models import OpenItem
from tests.support.builders import ada, alpenhost, issue

pytestmark = pytest.mark.django_db
POSTING = (
    "INSERT INTO ledger_posting (entry_id, position, debit_account_id, credit_account_id, amount)"
    " VALUES (%s, %s, %s, %s, %s)"
)


def refused(statement: str, *values: Any) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except (IntegrityError, DataError):
        return True
    return False


def copy_refused(invoice: Invoice, changes: dict[str, str]) -> bool:
    """Whether a document like this one is refused, under a number and with an item of its own but for the changes."""
    columns = [str(field.column) for field in Invoice._meta.local_concrete_fields]
    copied = {"id": "id + 1000000", "number": "'RE9'", "open_item_id": "open_item_id + 1000000"} | changes
    select = ", ".join(copied.get(name, name) for name in columns)
    return refused(
        f"INSERT INTO invoicing_invoice ({', '.join(columns)}) SELECT {select} FROM invoicing_invoice WHERE id = %s",
        invoice.pk,
    )


def test_a_copy_is_refused_for_nothing_but_its_changes() -> None:
    invoice = issue(ada(alpenhost()))

    with transaction.atomic():
        assert not copy_refused(invoice, {})
        transaction.set_rollback(True)


@pytest.mark.invariant("I-M1", "I-M8")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    debit=st.integers(0, 2),
    credit=st.integers(0, 2),
    amount=st.sampled_from(["-1", "-0.01", "0", "0.00", "0.004", "NaN", "0.01", "999999999999.99", "1e12", "Infinity"]),
)
def test_only_a_positive_amount_between_two_accounts_is_a_posting(debit: int, credit: int, amount: str) -> None:
    with transaction.atomic():
        issue(ada(alpenhost()))
        accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True)[:3])
        entry = JournalEntry.objects.get()
        is_fine = debit != credit and Decimal(amount).is_finite() and Decimal("0.005") <= Decimal(amount) < 10**12

        assert refused(POSTING, entry.pk, 99, accounts[debit], accounts[credit], amount) is not is_fine
        transaction.set_rollback(True)


@pytest.mark.invariant("I-M1")
def test_a_posting_names_both_sides_and_an_event_is_booked_once() -> None:
    invoice = issue(ada(alpenhost()))
    entry = JournalEntry.objects.get()
    account = Account.objects.first()
    assert account is not None

    assert refused(POSTING, entry.pk, 98, account.pk, None, "1.00")
    assert refused(POSTING, entry.pk, 98, None, account.pk, "1.00")
    assert refused(
        "INSERT INTO ledger_journalentry (seller_id, kind, reference, currency, entry_date)"
        " VALUES (%s, 'invoice', %s, 'EUR', now())",
        invoice.seller_id,
        invoice.number,
    )


@pytest.mark.invariant("I-M3")
@pytest.mark.parametrize("change", ["-12.01", "0.01", "1000000000000"])
def test_an_open_amount_stays_between_nothing_and_all(change: str) -> None:
    item = OpenItem.objects.get(invoice=issue(ada(alpenhost())))

    assert refused("UPDATE receivables_openitem SET open_amount = open_amount + %s WHERE id = %s", change, item.pk)


@pytest.mark.invariant("I-M8", "I-T1")
@pytest.mark.parametrize("column", ["total_vat", "total_with_vat", "prepaid_amount", "rounding_amount", "amount_due"])
def test_a_document_whose_totals_disagree_is_refused(column: str) -> None:
    invoice = issue(ada(alpenhost()))

    assert copy_refused(invoice, {column: f"{column} + 0.01"})


@pytest.mark.invariant("I-M3")
def test_two_documents_never_share_an_open_item() -> None:
    assert copy_refused(issue(ada(alpenhost())), {"open_item_id": "open_item_id"})


@pytest.mark.invariant("I-M3")
def test_a_document_has_an_open_item_when_it_is_committed() -> None:
    invoice = issue(ada(alpenhost()))

    with transaction.atomic():
        assert not copy_refused(invoice, {})
        assert refused("SET CONSTRAINTS a_document_has_an_open_item IMMEDIATE")
        transaction.set_rollback(True)


@pytest.mark.invariant("I-M3")
def test_an_item_of_a_kind_that_is_no_claim_is_refused() -> None:
    item = OpenItem.objects.get(invoice=issue(ada(alpenhost())))

    assert refused("UPDATE receivables_openitem SET kind = 'wish' WHERE id = %s", item.pk)


@pytest.mark.parametrize("change", [{"type_code": "'384'"}, {"type_code": "'386'"}, {"sign": "-sign"}])
def test_a_document_of_a_kind_that_is_not_issued_is_refused(change: dict[str, str]) -> None:
    """A kind counts as its row in the table says."""
    assert copy_refused(issue(ada(alpenhost())), change)


@pytest.mark.invariant("I-M8")
def test_no_table_holds_a_float() -> None:
    floats = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.FloatField)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type IN ('real', 'double precision', 'money')"
        )
        floats += [row[0] for row in cursor.fetchall()]

    assert floats == []


@pytest.mark.invariant("I-M8")
def test_documents_are_in_euro_only() -> None:
    assert copy_refused(issue(ada(alpenhost())), {"currency": "'USD'"})
