"""Whatever a superuser does to stored facts, ``verify`` says so (I-M2, I-D5)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from kundenkontor.config.database.postgres import Cluster
from kundenkontor.delivery.commands import deliver_waiting, plan_deliveries
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.seals import seal_events
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.papers.commands import _store
from kundenkontor.parties.models import Customer
from kundenkontor.parties.seller_commands import declare_returns
from kundenkontor.printing.pool import Rendered
from tests.proof.invariants.scenarios import (
    SCENARIOS,
    rare_things,
    run_cancel,
    run_correct,
    run_offset,
    run_payment,
    run_refund,
    run_regain,
    run_reversal,
    run_write_off,
)
from tests.proof.invariants.spoiling import assert_found, execute, filled, found, select, spoilt
from tests.support.builders import CLARA, TODAY, alpenhost, bob, issue, line, record_what_was_built
from tests.support.databases import cloned, point_django_at
from tests.support.money import balance_of, open_item, pay

CHANGED = re.compile(r"\b(?:UPDATE|INTO|DELETE FROM|ALTER TABLE) ([a-z]+_[a-z]+)\b")
pytestmark = [pytest.mark.invariant("I-M2", "I-D5", "I-M3", "I-N1", "I-T1", "I-D3", "I-B2")]
_OTHER_NAME = """UPDATE parties_partysnapshot SET content = content || '{"company": "Other GmbH"}'
WHERE customer_id IS NOT NULL"""
_OTHER_IBAN = """UPDATE parties_partysnapshot SET content = jsonb_set(content, '{bank_accounts,0,iban}', '"DE00"')
WHERE seller_id IS NOT NULL"""


def _other_date(kind: str) -> str:
    return f"UPDATE ledger_journalentry SET tax_day = tax_day - 400 WHERE kind = '{kind}'"


_ROUNDING = """INSERT INTO ledger_posting (entry_id, position, debit_account_id, credit_account_id, amount)
SELECT e.id, 90, bank.id, rounding.id, 7 FROM ledger_journalentry e
JOIN ledger_account bank ON bank.seller_id = e.seller_id AND bank.role = 'bank'
JOIN ledger_account rounding ON rounding.seller_id = e.seller_id AND rounding.role = 'rounding'
WHERE e.kind = 'invoice' LIMIT 1"""

_MORE_VAT_LOST = """UPDATE ledger_posting p
SET amount = p.amount + CASE a.role WHEN 'vat_payable' THEN 1 ELSE -1 END
FROM ledger_account a, receivables_writeoff w
WHERE a.id = p.debit_account_id AND p.entry_id = w.entry_id AND w.reverses_id IS NULL"""
_SHARED_ITEM = """ALTER TABLE invoicing_invoice DROP CONSTRAINT invoicing_invoice_open_item_id_key;
UPDATE invoicing_invoice SET open_item_id = (SELECT min(open_item_id) FROM invoicing_invoice)"""
_EMPTY_ITEM = """INSERT INTO receivables_openitem
(seller_id, customer_id, kind, number, currency, original_amount, open_amount, due_date)
SELECT seller_id, customer_id, 'receivable', 'X', 'EUR', 0, 0, due_date FROM receivables_openitem LIMIT 1"""

TAMPERINGS = [
    ("documents_are_unchanged", "UPDATE invoicing_invoice SET note = 'changed'"),
    ("documents_are_unchanged", "UPDATE invoicing_invoice SET order_number = E'a\\tb\\x0b' "),
    ("documents_are_unchanged", "UPDATE invoicing_invoiceline SET item_name = 'x' WHERE position = 1"),
    ("lines_add_up_to_groups", "UPDATE invoicing_invoiceline SET net_amount = 1"),
    ("lines_are_priced", "UPDATE invoicing_invoiceline SET net_amount = 1"),
    ("agreed_sums_are_paid", "UPDATE invoicing_invoice SET rounding_amount = 0.01"),
    ("agreed_sums_are_paid", "UPDATE invoicing_invoiceline SET agreed_gross = 99"),
    ("tax_is_base_times_rate", "UPDATE invoicing_vatbreakdown SET tax_amount = 0"),
    ("documents_add_up", "UPDATE invoicing_vatbreakdown SET tax_amount = 0"),
    ("vat_is_booked", "UPDATE invoicing_vatbreakdown SET tax_amount = 0"),
    ("vat_is_booked", _ROUNDING),
    ("vat_is_booked", "UPDATE invoicing_invoiceline SET account_role = 'advance'"),
    ("numbers_have_no_gaps", "UPDATE invoicing_invoice SET sequence = 9 WHERE sequence = 2"),
    ("numbers_follow_dates", "UPDATE invoicing_invoice SET issue_date = '2026-01-01' WHERE sequence = 2"),
    ("documents_name_what_exists", "UPDATE invoicing_invoice SET seller_snapshot_id = 99"),
    ("documents_name_what_exists", "UPDATE invoicing_invoice SET sign = -sign"),
    ("documents_name_what_exists", "DELETE FROM invoicing_documentreference"),
    ("documents_are_unchanged", "UPDATE invoicing_documentreference SET referenced_id = referenced_id + 1"),
    ("documents_are_unchanged", "DELETE FROM invoicing_invoice WHERE sequence = 1"),
    ("open_items_are_their_postings", "UPDATE receivables_openitem SET open_amount = 0"),
    ("customer_totals_are_sums", "UPDATE receivables_openitem SET open_amount = 0"),
    ("customer_totals_are_sums", "UPDATE receivables_customertotals SET documents = 0"),
    ("open_items_are_their_postings", "DELETE FROM ledger_posting"),
    ("postings_name_their_items", "UPDATE ledger_posting SET debit_item_id = NULL"),
    ("postings_are_balanced", "UPDATE ledger_posting SET credit_account_id = 99"),
    ("postings_belong_to_entries", "DELETE FROM ledger_journalentry WHERE kind = 'invoice'"),
    ("documents_are_booked", "DELETE FROM ledger_journalentry WHERE kind = 'invoice'"),
    ("documents_are_booked", "UPDATE receivables_openitem SET due_date = due_date + 90"),
    ("documents_have_items_of_their_customer", "UPDATE receivables_openitem SET customer_id = customer_id + 1"),
    ("documents_have_items_of_their_customer", "UPDATE receivables_openitem SET seller_id = seller_id + 1"),
    ("documents_have_items_of_their_customer", "UPDATE invoicing_invoice SET open_item_id = open_item_id + 900"),
    ("documents_are_unchanged", "UPDATE invoicing_invoice SET open_item_id = -open_item_id"),
    ("documents_have_items_of_their_customer", _SHARED_ITEM),
    ("items_stand_for_something", "UPDATE invoicing_invoice SET open_item_id = open_item_id + 900"),
    ("items_stand_for_something", _EMPTY_ITEM),
    ("open_items_are_their_postings", "UPDATE receivables_openitem SET kind = 'wish'"),
    ("charges_stand_on_lines", "UPDATE billing_charge SET position = 9"),
    ("lines_bill_charges", "DELETE FROM billing_charge"),
    ("events_are_chained", "UPDATE events_event SET actor_label = 'nobody'"),
    ("events_are_chained", "UPDATE events_event SET hash_version = 2 WHERE name = 'invoice.issued'"),
    ("documents_are_unchanged", "UPDATE events_event SET hash_version = 2 WHERE name = 'invoice.issued'"),
    ("documents_are_unchanged", "DELETE FROM events_event WHERE name = 'invoice.issued'"),
    ("events_are_chained", "DELETE FROM events_event WHERE name = 'invoice.issued'"),
    ("payments_are_booked_whole", "UPDATE payments_payment SET amount = 99"),
    ("allocations_are_booked", "UPDATE payments_allocation SET amount = 1"),
    ("allocations_are_booked", "DELETE FROM payments_allocation WHERE payment_id IS NOT NULL"),
    ("allocations_are_booked", "UPDATE payments_refund SET amount = 1"),
    ("allocations_stay_within_payments", "UPDATE payments_allocation SET amount = 99"),
    ("documents_name_what_exists", "DELETE FROM invoicing_correction"),
    ("files_are_as_recorded", "UPDATE papers_paperfile SET file_id = (SELECT max(id) FROM documents_storedfile)"),
    ("files_are_as_recorded", "DELETE FROM papers_paperfile WHERE kind = 'xml'"),
    ("files_are_as_recorded", "DELETE FROM papers_paperfile"),
    ("files_are_as_recorded", "UPDATE papers_paperfile SET customer_id = customer_id + 1 WHERE kind = 'xml'"),
    ("files_are_as_recorded", "UPDATE documents_storedfile SET sha256 = reverse(sha256)"),
    ("papers_are_of_their_customer", "UPDATE papers_paperfile SET customer_id = customer_id + 1"),
    ("papers_are_of_their_customer", "UPDATE papers_paperfile SET paper_kind = 'parties.customer'"),
    ("papers_are_of_their_customer", "DELETE FROM invoicing_invoice WHERE sequence = 1"),
    ("papers_are_of_their_customer", "UPDATE delivery_delivery SET customer_id = customer_id + 1"),
    ("deliveries_are_mailed", "UPDATE delivery_delivery SET number = 'RE-0'"),
    ("deliveries_are_mailed", "UPDATE delivery_delivery SET mail_id = NULL"),
    ("deliveries_are_mailed", "UPDATE delivery_delivery SET state = 'waiting'"),
    ("deliveries_are_mailed", "UPDATE messaging_outgoingmail SET customer_id = customer_id + 1"),
    ("parties_are_as_frozen", _OTHER_NAME),
    ("parties_are_as_frozen", _OTHER_IBAN),
    ("parties_are_as_frozen", "DELETE FROM parties_partysnapshot WHERE seller_id IS NOT NULL"),
    ("corrections_are_as_recorded", "UPDATE invoicing_correction SET is_full = NOT is_full"),
    ("corrections_are_as_recorded", "UPDATE invoicing_correction SET reason = 'x'"),
    ("corrections_are_as_recorded", "DELETE FROM invoicing_correction"),
    ("documents_are_as_old_as_their_events", "UPDATE invoicing_invoice SET issued_at = issued_at - interval '1 year'"),
    *(
        ("entries_are_dated_like_their_causes", _other_date(kind))
        for kind in (
            "invoice",
            "clearing",
            "payment",
            "payment_reversal",
            "offset",
            "refund",
            "write_off",
            "write_off_reversal",
        )
    ),
    ("entries_are_posted_in_open_months", "UPDATE ledger_journalentry SET entry_date = entry_date + 400"),
    ("declarations_are_as_recorded", "UPDATE parties_declaration SET until = until - 31"),
    ("declarations_are_as_recorded", "DELETE FROM parties_declaration"),
    ("payments_are_unchanged", "UPDATE payments_payment SET received_on = received_on - 400"),
    ("payments_are_unchanged", "UPDATE payments_payment SET succeeded_on = received_on"),
    ("payments_are_unchanged", "UPDATE payments_payment SET reference = 'x'"),
    ("bookings_are_unchanged", "UPDATE payments_paymentbooking SET booked_on = booked_on - 40"),
    ("reversals_are_unchanged", "UPDATE payments_paymentreversal SET reason = 'x'"),
    ("reversals_are_unchanged", "UPDATE payments_paymentreversal SET returned_on = NULL"),
    ("refunds_are_unchanged", "UPDATE payments_refund SET refunded_on = refunded_on - 1"),
    ("reversals_are_unchanged", "DELETE FROM payments_paymentreversal"),
    ("offsets_are_unchanged", "UPDATE payments_allocation SET allocated_on = allocated_on - 1"),
    ("write_offs_are_booked", "UPDATE receivables_writeoff SET amount = amount - 1"),
    ("write_offs_are_booked", "DELETE FROM receivables_writeoff WHERE reverses_id IS NOT NULL"),
    ("write_offs_are_booked", "UPDATE receivables_writeoff SET reverses_id = id WHERE reverses_id IS NOT NULL"),
    ("losses_stay_within_documents", _MORE_VAT_LOST),
    ("write_offs_are_unchanged", "UPDATE receivables_writeoff SET happened_on = happened_on - 1"),
    ("regained_write_offs_are_unchanged", "UPDATE receivables_writeoff SET reason = 'x' WHERE reverses_id IS NOT NULL"),
    ("second_wall_is_on", "ALTER TABLE invoicing_invoice DISABLE ROW LEVEL SECURITY"),
    ("insert_only_tables_are_guarded", "GRANT UPDATE ON invoicing_invoice TO kundenkontor_app"),
    ("insert_only_tables_are_guarded", "ALTER TABLE invoicing_invoice DISABLE TRIGGER USER"),
    ("the_application_owns_nothing", "ALTER TABLE invoicing_invoice OWNER TO kundenkontor_app"),
]
CLAUSES = (Path(__file__).parents[2] / "data" / "verify" / "clauses.sql").read_text().split("\n\n")[1:]
EACH_CLAUSE = [(code, " ".join(body.split())) for code, _, body in (one[3:].partition("\n") for one in CLAUSES)]


@pytest.fixture(scope="module")
def facts(
    django_db_setup: None, cluster: Cluster, template: str, django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Path]]:  # fmt: skip
    """The name of a database with ``everything``, and its data folder."""
    folder = tmp_path_factory.mktemp("facts")
    with django_db_blocker.unblock(), filled(cluster, template, folder, everything) as name:
        yield name, folder


@pytest.fixture
def unspoilt(facts: tuple[str, Path], cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A copy of it for this test alone; returns its name."""
    with django_db_blocker.unblock(), cloned(cluster, facts[0]) as clone:
        point_django_at(cluster, clone)
        yield clone


def tamper(statement: str) -> None:
    """Do as superuser what nobody may: without triggers, checks and foreign keys of the table."""
    for table in sorted(set(CHANGED.findall(statement))):
        checks = select(f"SELECT conname FROM pg_constraint WHERE conrelid = to_regclass('{table}') AND contype = 'c'")
        execute(
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            *(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' for (name,) in checks),
        )
    execute(statement)


def everything() -> None:
    """Documents with their files, cancelled ones among them; money paid, offset, refunded and undone."""
    SCENARIOS["bill_chunk"].run(SCENARIOS["bill_chunk"].prepare())
    invoice = Invoice.objects.order_by("pk").first()
    assert invoice is not None
    payment = run_payment({"customer": invoice.customer_id})
    declare_returns(payment.seller, "vat", until=TODAY.replace(day=1) - timedelta(days=1), on=TODAY, actor=CLARA)
    cancelled = run_cancel({"invoice": invoice.pk})
    assert cancelled.draft
    later = issue(payment.customer)
    items = {"balance": balance_of(payment.customer).pk, "owed": open_item(later).pk}
    run_offset(items)
    run_refund(items)
    run_cancel({"invoice": later.pk})
    run_reversal({"payment": run_payment({"customer": invoice.customer_id}).pk})
    run_regain({"loss": run_write_off({"invoice": issue(payment.customer).pk}).pk})
    by_rates_and_sellers(payment.customer)
    rare_things(payment.customer, cancelled.draft)
    record_what_was_built()
    plan_deliveries(INVOICE.find(list(Invoice.objects.values_list("pk", flat=True))), on=TODAY, actor=SYSTEM)
    store_stand_ins()
    deliver_waiting(INVOICE, list(Invoice.objects.values_list("pk", flat=True)), on=TODAY, actor=SYSTEM)
    seal_events()


def by_rates_and_sellers(customer: Customer) -> None:
    """Where a clause would be content with the other rate's row, the other seller's, or a closed month's."""
    rates = line("10.00"), line("5.00", rate=Decimal(10))
    run_correct({"invoice": issue(customer, *rates).pk})
    cancel_invoice(issue(customer, *rates), reason="x", bill_again=False, on=TODAY, actor=CLARA)
    pay(customer, "1.00", date(2026, 10, 31), is_confirmed=True)
    issue(bob(alpenhost(name="Nordhost GmbH", short_name="nordhost")))


def store_stand_ins() -> None:
    """Files of every document, without rendering them."""
    rendered = [
        Rendered(str(id_), f"%PDF-1.7 {id_}".encode(), f"<xml>{id_}</xml>".encode())
        for id_ in Invoice.objects.values_list("pk", flat=True)
    ]
    _store(INVOICE, rendered, on=TODAY, actor=SYSTEM)


def test_untouched_facts_pass_every_check(unspoilt: str) -> None:
    assert found() == {}


@pytest.mark.parametrize(("code", "statement"), [*TAMPERINGS, *EACH_CLAUSE])
def test_a_superusers_change_is_found(code: str, statement: str, facts: tuple[str, Path], cluster: Cluster) -> None:
    with spoilt(cluster, facts[0], lambda: tamper(statement), code):
        assert_found(code)


def test_the_command_prints_every_check_and_fails_when_something_is_wrong(
    unspoilt: str, facts: tuple[str, Path], cluster: Cluster
) -> None:
    command = [sys.executable, "-m", "kundenkontor.cli.main", "verify", "--language", "en"]
    environment = os.environ | {"KUNDENKONTOR_VAR": str(facts[1]), "DJANGO_SETTINGS_MODULE": "tests.support.settings"}

    fine = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    with cluster.connect(unspoilt) as superuser:
        superuser.execute("UPDATE receivables_openitem SET open_amount = 0")
    wrong = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (fine.returncode, fine.stdout.count("✗")) == (0, 0), fine.stdout + fine.stderr
    assert (wrong.returncode, "[open_items_are_their_postings]" in wrong.stdout) == (1, True)
