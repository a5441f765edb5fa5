"""Commands of every package that change money, permissions, documents or contacts, each with a call that succeeds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from kundenkontor.access import commands as access
from kundenkontor.billing.models import BillingRun, OneOffItem
from kundenkontor.billing.one_offs.commands import discard_one_off
from kundenkontor.billing.runs.commands import discard_run
from kundenkontor.catalog import commands as catalog
from kundenkontor.catalog.models import Product
from kundenkontor.contracts import commands as contracts
from kundenkontor.contracts.models import Contract
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.correcting.commands import cancel_invoice
from kundenkontor.invoicing.drafting.commands import discard_draft, issue_draft
from kundenkontor.invoicing.issuing.series_commands import set_series
from kundenkontor.invoicing.models import Invoice, ManualDraft
from kundenkontor.parties import commands as parties
from kundenkontor.parties.customer_commands import change_customer, create_customer, decide_data_request
from kundenkontor.parties.models import BankAccount, Contact, CustomerDataRequest
from kundenkontor.parties.seller_commands import change_seller, declare_returns, save_bank_account, set_tax_setting
from kundenkontor.payments.commands.balances import refund_balance
from kundenkontor.payments.commands.reversing import reverse_payment
from kundenkontor.payments.commands.undoing import undo_allocation
from kundenkontor.receivables.models import OpenItem
from kundenkontor.taxes.commands import record_vat_id_check
from tests.proof.rights.world import CANARIES, World
from tests.support import builders
from tests.support.builders import TODAY
from tests.support.money import pay
from tests.support.papers import find_file, forward_invoice

EVA = Actor("staff", "eva-the-auditable", 4711)
WITH: dict[str, Any] = {"on": TODAY, "actor": EVA}
NEXT_YEAR = date(2027, 1, 1)
IBAN = "DE89370400440532013000"
Call = Callable[[World], object]


def contract(world: World) -> Contract:
    return Contract.objects.get(pk=world.ids["ada"]["contract_id"])


def contact(world: World) -> Contact:
    return Contact.objects.get(pk=world.ids["ada"]["contact_id"])


def invoice(world: World) -> Invoice:
    return Invoice.objects.get(pk=world.ids["ada"]["invoice_id"])


def product(world: World) -> Product:
    return Product.objects.get(pk=world.ids["ada"]["product_id"])


def draft(world: World) -> ManualDraft:
    return ManualDraft.objects.get(pk=world.ids["bob"]["draft_id"])


def forward(world: World) -> object:
    pdf = find_file(invoice(world), "pdf")
    assert pdf is not None
    return forward_invoice(invoice(world), pdf, f"buch-{CANARIES['ada']}@example.at", **WITH)


def save_account(world: World) -> object:
    account = BankAccount.objects.get(pk=world.ids["ada"]["account_id"])
    more: dict[str, Any] = {"bic": "COBADEFFXXX", "bank_name": "C", "position": 1, "is_active": True, **WITH}
    return save_bank_account(account.seller, account, account_name="A", iban=IBAN, **more)


COMMANDS: dict[str, Call] = {
    "access.create_user": lambda w: access.create_user("new", email="new@example.at", **WITH),
    "access.add_membership": lambda w: access.add_membership(w.user("bob"), w.customer("ada"), **WITH),
    "access.remove_membership": lambda w: access.remove_membership(w.user("reader"), w.customer("ada"), **WITH),
    "access.change_email": lambda w: access.change_email(w.user("bob"), "new@example.at", **WITH),
    "access.change_role": lambda w: access.change_role(w.user("support"), "clerk", **WITH),
    "access.deactivate_user": lambda w: access.deactivate_user(w.user("support"), **WITH),
    "access.reactivate_user": lambda w: access.reactivate_user(w.user("inactive"), **WITH),
    "access.send_access": lambda w: access.send_access([w.customer("bob")], **WITH),
    "invoicing.issue_draft": lambda w: issue_draft(draft(w), **WITH),
    "billing.discard_one_off": lambda w: discard_one_off(OneOffItem.objects.get(pk=w.ids["ada"]["one_off_id"]), **WITH),
    "billing.discard_run": lambda w: discard_run(BillingRun.objects.get(pk=w.ids["ada"]["preview_id"]), **WITH),
    "catalog.change_product": lambda w: catalog.change_product(
        product(w), name="Neu", group="storage", is_divisible=True, is_active=True, **WITH
    ),
    "contracts.change_contract": lambda w: contracts.change_contract(contract(w), {"identifier": "neu.at"}, **WITH),
    "contracts.change_price": lambda w: contracts.change_price(
        contract(w), contracts.AgreedPrice(Decimal(20), False), valid_from=NEXT_YEAR, **WITH
    ),
    "delivery.forward_paper": forward,
    "invoicing.cancel_invoice": lambda w: cancel_invoice(invoice(w), bill_again=True, reason="x", **WITH),
    "invoicing.discard_draft": lambda w: discard_draft(draft(w), **WITH),
    "invoicing.set_series": lambda w: set_series(
        w.customer("cyd").seller_id, "payment_request", pattern="ZA{year}{number:05}", next_number=5, **WITH
    ),
    "parties.change_customer_data": lambda w: parties.change_customer_data(w.customer("ada"), {"phone": "1"}, **WITH),
    "parties.choose_collective_invoices": lambda w: parties.choose_collective_invoices(w.customer("ada"), True, **WITH),
    "parties.add_contact": lambda w: parties.add_contact(
        w.customer("ada"), group="main", name="A", email="a@example.at", phone="", **WITH
    ),
    "parties.change_contact": lambda w: parties.change_contact(
        contact(w), group="technical", name="A", email="a@example.at", phone="", **WITH
    ),
    "parties.remove_contact": lambda w: parties.remove_contact(contact(w), **WITH),
    "parties.set_invoice_contact": lambda w: parties.set_invoice_contact(w.customer("ada"), None, **WITH),
    "parties.withdraw_data_request": lambda w: parties.withdraw_data_request(w.customer("ada"), **WITH),
    "parties.create_customer": lambda w: create_customer(
        w.customer("ada").seller,
        "9999",
        {"company": "Neu", "country": "AT", "is_taxable_person": True, "is_consumer": False},
        **WITH,
    ),
    "parties.change_customer": lambda w: change_customer(w.customer("ada"), {"cost_centre": "9"}, **WITH),
    "parties.decide_data_request": lambda w: decide_data_request(
        CustomerDataRequest.objects.get(pk=w.ids["ada"]["request_id"]), accept=False, **WITH
    ),
    "parties.change_seller": lambda w: change_seller(w.customer("ada").seller, {"payment_terms_days": 21}, **WITH),
    "parties.save_bank_account": save_account,
    "parties.declare_returns": lambda w: declare_returns(
        w.customer("ada").seller, "vat", until=date(2026, 9, 30), **WITH
    ),
    "parties.set_tax_setting": lambda w: set_tax_setting(
        w.customer("cyd").seller, "small_business", applies=True, valid_from=NEXT_YEAR, **WITH
    ),
    "payments.receive_payments": lambda w: pay(w.customer("ada"), Decimal(1), TODAY, **WITH),
    "payments.reverse_payment": lambda w: reverse_payment(
        pay(w.customer("cyd"), Decimal("0.01"), TODAY, **WITH), reason="x", **WITH
    ),
    "payments.undo_allocation": lambda w: undo_allocation(
        pay(w.customer("ada"), Decimal(1), TODAY, **WITH).allocations.latest("pk"), reason="x", **WITH
    ),
    "payments.refund_balance": lambda w: refund_balance(
        OpenItem.objects.get(pk=w.ids["ada"]["balance_item_id"]), Decimal(1), **WITH
    ),
    "taxes.record_vat_id_check": lambda w: record_vat_id_check(
        [w.customer("ada")], outcome="invalid", way="staff", evidence="x", **WITH
    ),
    "invoicing.issue_invoices": lambda w: builders.issue(w.customer("ada"), on=TODAY),
}
