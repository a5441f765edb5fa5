"""Money commands with everything they need, by name: so that another process can be told to run one.

``prepare`` commits what the command works on and returns ids; ``run`` calls the command once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from kundenkontor.billing.models import BillingRun
from kundenkontor.billing.runs.chunks import bill_chunk, drafter_for
from kundenkontor.billing.runs.commands import confirm_run, preview_run, start_run
from kundenkontor.invoicing.correcting.commands import cancel_invoice, correct_invoice
from kundenkontor.invoicing.correcting.corrections import LineCorrection
from kundenkontor.invoicing.drafting.commands import ManualLine, create_draft, issue_draft
from kundenkontor.invoicing.issuing.commands import issue_invoices
from kundenkontor.invoicing.issuing.drafts import InvoiceDraft
from kundenkontor.invoicing.models import Invoice, ManualDraft
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


def run_cancel(ids: Ids) -> object:
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
