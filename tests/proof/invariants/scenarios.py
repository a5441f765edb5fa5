"""Money commands with everything they need, by name: so that another process can be told to run one.

``prepare`` commits what the command works on and returns ids; ``run`` calls the command once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import connection

from kundenkontor.access.commands import (
    add_membership,
    change_role,
    create_user,
    deactivate_user,
    reactivate_user,
    remove_membership,
)
from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.one_offs.commands import add_one_off, discard_one_off
from kundenkontor.billing.runs.chunks import bill_chunk, drafter_for
from kundenkontor.billing.runs.commands import confirm_run, preview_run, start_run
from kundenkontor.delivery.reminders import send_reminders
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.restore_commands import note_backup
from kundenkontor.invoicing.correcting.commands import Cancelled, cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.drafting.commands import ManualLine, create_draft, issue_draft
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.issuing.release_commands import release_numbers
from kundenkontor.invoicing.issuing.releasing import SeriesKey
from kundenkontor.invoicing.models import Invoice, ManualDraft, NumberSeries
from kundenkontor.invoicing.writing_off.commands import take_back_write_off, write_off_invoice
from kundenkontor.parties.facts import freeze_buyer_facts, freeze_seller_facts
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.payments.commands import (
    IncomingPayment,
    offset_balance,
    receive_payments,
    refund_balance,
    reverse_payment,
    undo_allocation,
)
from kundenkontor.payments.models import Allocation, Payment
from kundenkontor.receivables.models import OpenItem, WriteOff
from kundenkontor.taxes.commands import answer_seller_questions, write_seller_question
from kundenkontor.taxes.models import SellerVatIdQuestion
from kundenkontor.taxes.vat_ids import FakeVies
from tests.proof.declared import insert_only_tables
from tests.support.billing import hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, line
from tests.support.money import balance_of, open_item, pay

Ids = dict[str, int]
MONEY_PACKAGES = ("events", "ledger", "receivables", "invoicing", "billing", "payments")
# insert-only tables and those that the money commands change
MONEY_TABLES = (
    *(table for table in insert_only_tables() if table.split("_")[0] in MONEY_PACKAGES),
    "receivables_openitem", "receivables_customertotals", "invoicing_numberseries", "invoicing_manualdraft",
    "invoicing_manualdraftline", "billing_billingchunk", "billing_parkedcustomer", "ledger_account",
    "procrastinate_jobs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    prepare: Callable[[], Ids]
    run: Callable[[Ids], object]


def state() -> str:
    """A digest of every money table: equal before and after means that nothing happened."""
    of_one = "(SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(concat_ws(' ', {', '.join(of_one.format(table) for table in MONEY_TABLES)}))")
        return str(cursor.fetchone()[0])


def people() -> tuple[Seller, Customer, Customer]:
    """A seller whose house and whose customers' states are already frozen."""
    seller = alpenhost()
    customers = ada(seller), bob(seller)
    freeze_seller_facts(seller.pk)
    freeze_buyer_facts(seller.pk, customers[0].pk, customers[1].pk)
    return seller, *customers


def prepare_issue() -> Ids:
    seller, first, second = people()
    return {"seller": seller.pk, "first": first.pk, "second": second.pk}


def run_issue(ids: Ids) -> object:
    seller = freeze_seller_facts(ids["seller"])
    buyers = freeze_buyer_facts(ids["seller"], ids["first"], ids["second"])
    drafts = [InvoiceDraft(seller, buyer, [line("19.99", quantity="3"), line("1.00")]) for buyer in buyers.values()]
    return issue_invoices(drafts * 2, issue_date=TODAY, actor=CLARA)


def prepare_chunk() -> Ids:
    seller, first, second = people()
    for number in range(3):
        hosting(first, "9.99", number=f"VA{number}")
    hosting(second, "5.00", number="VB1", is_gross=True)
    run = start_run(seller, TODAY, on=TODAY, actor=CLARA)
    preview_run(run)
    confirm_run(run, issue_date=TODAY, actor=CLARA)
    return {"run": run.pk, "chunk": run.chunks.get().pk}


def run_chunk(ids: Ids) -> object:
    drafter = drafter_for(BillingRun.objects.get(pk=ids["run"]))
    return bill_chunk(ids["chunk"], drafter, issue_date=TODAY, actor=CLARA)


def prepare_payment() -> Ids:
    _, customer, _ = people()
    issue(customer)
    issue(customer)
    return {"customer": customer.pk}


def run_payment(ids: Ids) -> Payment:
    customer = Customer.objects.get(pk=ids["customer"])
    return pay(customer, Decimal("30.00"), TODAY, on=TODAY, actor=CLARA)


def prepare_paid() -> Ids:
    ids = prepare_payment()
    return ids | {"payment": run_payment(ids).pk}


def run_reversal(ids: Ids) -> object:
    return reverse_payment(Payment.objects.get(pk=ids["payment"]), reason="Returned", on=TODAY, actor=CLARA)


def run_undo(ids: Ids) -> object:
    allocation = Allocation.objects.filter(payment=ids["payment"]).order_by("pk")[0]
    return undo_allocation(allocation, reason="Meant for another", on=TODAY, actor=CLARA)


def prepare_many() -> Ids:
    _, first, second = people()
    for customer in (first, second, first):
        issue(customer)
    return {"first": first.pk, "second": second.pk}


def run_many(ids: Ids) -> object:
    first, second = Customer.objects.get(pk=ids["first"]), Customer.objects.get(pk=ids["second"])
    received = [IncomingPayment(customer, Decimal("13.00"), TODAY) for customer in (first, second, first)]
    return receive_payments(received, on=TODAY, actor=CLARA)


def prepare_cancel() -> Ids:
    _, customer, _ = people()
    invoice = issue(customer, line("10.00"), line("20.00"))
    pay(customer, Decimal("5.00"), TODAY, on=TODAY, actor=CLARA)
    return {"invoice": invoice.pk}


def run_cancel(ids: Ids) -> Cancelled:
    invoice = Invoice.objects.get(pk=ids["invoice"])
    return cancel_invoice(invoice, bill_again=True, reason="Wrong", on=TODAY, actor=CLARA)


def run_correct(ids: Ids) -> object:
    parts = [LineCorrection(1, net_amount=Decimal("3.33"))]
    return correct_invoice(Invoice.objects.get(pk=ids["invoice"]), parts, reason="Outage", on=TODAY, actor=CLARA)


def prepare_draft() -> Ids:
    _, customer, _ = people()
    lines = [ManualLine("Arbeit vor Ort", Decimal("80.00"), TODAY, TODAY)]
    return {"draft": create_draft(customer, lines, on=TODAY, actor=CLARA).pk}


def run_draft(ids: Ids) -> object:
    return issue_draft(ManualDraft.objects.get(pk=ids["draft"]), on=TODAY, actor=CLARA)


def prepare_balance() -> Ids:
    ids = prepare_paid()
    customer = Customer.objects.get(pk=ids["customer"])
    later = issue(customer)
    return {"balance": balance_of(customer).pk, "owed": open_item(later).pk}


def run_offset(ids: Ids) -> object:
    balance, owed = OpenItem.objects.get(pk=ids["balance"]), OpenItem.objects.get(pk=ids["owed"])
    return offset_balance(balance, owed, Decimal("2.00"), on=TODAY, actor=CLARA)


def run_refund(ids: Ids) -> object:
    return refund_balance(OpenItem.objects.get(pk=ids["balance"]), Decimal("2.00"), on=TODAY, actor=CLARA)


def run_write_off(ids: Ids) -> WriteOff:
    return write_off_invoice(Invoice.objects.get(pk=ids["invoice"]), reason="Insolvent", on=TODAY, actor=CLARA)


def prepare_loss() -> Ids:
    return {"loss": run_write_off(prepare_cancel()).pk}


def run_regain(ids: Ids) -> object:
    loss = WriteOff.objects.get(pk=ids["loss"])
    return take_back_write_off(loss, Decimal("3.33"), reason="Paid after all", arrived_on=TODAY, on=TODAY, actor=CLARA)


SCENARIOS = {
    "issue_invoices": Scenario(prepare_issue, run_issue),
    "bill_chunk": Scenario(prepare_chunk, run_chunk),
    "receive_payments": Scenario(prepare_payment, run_payment),
    "receive_many": Scenario(prepare_many, run_many),
    "reverse_payment": Scenario(prepare_paid, run_reversal),
    "undo_allocation": Scenario(prepare_paid, run_undo),
    "cancel_invoice": Scenario(prepare_cancel, run_cancel),
    "correct_invoice": Scenario(prepare_cancel, run_correct),
    "issue_draft": Scenario(prepare_draft, run_draft),
    "offset_balance": Scenario(prepare_balance, run_offset),
    "refund_balance": Scenario(prepare_balance, run_refund),
    "write_off_invoice": Scenario(prepare_cancel, run_write_off),
    "take_back_write_off": Scenario(prepare_loss, run_regain),
}


def rare_things(customer: Customer, draft: ManualDraft) -> None:
    """What a database has seldom, and what clauses of ``verify`` speak of alone: a charge billed again, a one-off
    discarded, reminders, logins that changed, VIES about the seller, a restoration with numbers lost."""
    seller = customer.seller
    issue_draft(draft, on=TODAY, actor=CLARA)
    discard_one_off(
        add_one_off(customer, "Umzug", Decimal(40), TODAY, TODAY, on=TODAY, actor=CLARA), on=TODAY, actor=CLARA
    )
    later = TODAY + timedelta(days=60)
    Seller.objects.filter(pk=seller.pk).update(reminds_after_days=5, payments_booked_until=later)
    seller.refresh_from_db()
    assert send_reminders(seller, on=later, actor=SYSTEM)
    write_seller_question(seller, actor=CLARA)
    answer_seller_questions(SellerVatIdQuestion.objects.all(), FakeVies())
    logins(customer)
    one_undone_both_ways(customer)
    note_backup(on=TODAY, actor=CLARA)
    series = NumberSeries.objects.get(seller=seller, kind="invoice", year=TODAY.year)
    key = SeriesKey(seller.pk, "invoice", TODAY.year)
    release_numbers({key: series.next_number + 1}, reason="Server lost", on=TODAY, actor=CLARA)
    issue(customer)


def one_undone_both_ways(customer: Customer) -> None:
    """An allocation taken back and given to another document; an offset that goes with the payment that left it."""
    mistaken = issue(customer)
    paid = pay(customer, "12.00", TODAY, allocations=[(open_item(mistaken).pk, Decimal(12))])
    run_undo({"payment": paid.pk})
    over = pay(customer, "7.00", TODAY, allocations=[])
    left = OpenItem.objects.filter(customer=customer, kind="balance").order_by("-pk")[0]
    offset_balance(left, open_item(mistaken), Decimal("2.00"), on=TODAY, actor=CLARA)
    reverse_payment(over, reason="Returned", on=TODAY, actor=CLARA)


def logins(customer: Customer) -> None:
    """One that has another role than it began with, one that is locked, one that was; a customer's, given and taken."""
    first, second, third = (
        create_user(name, email=f"{name}@alpenhost.example", staff_role="administrator", on=TODAY, actor=CLARA)
        for name in ("anna", "otto", "vera")
    )
    change_role(second, "auditor", on=TODAY, actor=CLARA)
    deactivate_user(second, on=TODAY, actor=CLARA)
    deactivate_user(third, on=TODAY, actor=CLARA)
    reactivate_user(third, on=TODAY, actor=CLARA)
    own = create_user("ada", email="ada@huber.example", on=TODAY, actor=CLARA)
    other = bob(customer.seller, number="11099")
    for one in (customer, other):
        add_membership(own, one, on=TODAY, actor=CLARA)
    remove_membership(own, other, on=TODAY, actor=CLARA)
    assert first.is_active
