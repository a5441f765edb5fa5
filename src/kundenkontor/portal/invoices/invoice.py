"""One document: its lines by contract and why they cost what they cost, VAT, payments, corrections, how to pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenkontor.delivery.queries import stored_addresses
from kundenkontor.invoicing.models import Correction, Invoice, InvoiceLine, VatBreakdown
from kundenkontor.invoicing.papers.explaining import explain_line, name_on_paper
from kundenkontor.invoicing.papers.freezing import form_of
from kundenkontor.invoicing.papers.kind import paper_of
from kundenkontor.invoicing.papers.letters import account_of, purpose_of
from kundenkontor.invoicing.queries import CANCELLED, status_of, with_status
from kundenkontor.papers.queries import files_of
from kundenkontor.payments.models import Allocation
from kundenkontor.payments.queries import use_of
from kundenkontor.receivables.queries import list_balances
from kundenkontor.web.components import Link
from kundenkontor.web.forms import reader_style
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest
from kundenkontor.web.lists.counted import CountedPage
from kundenkontor.web.lists.tables import Column, csv_of
from kundenkontor.web.statuses import document_badges

LINES_ON_PAGE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its reason in a sentence."""

    row: InvoiceLine
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one contract that stand on a page, with the sum of all of them; what has no contract comes last."""

    contract_id: int | None
    title: str
    lines: list[Line]
    total: Decimal


@customer_permission("invoices.read")
@require_safe
def invoice(request: PortalRequest, invoice_id: int) -> HttpResponseBase:
    found = own_invoice(request, invoice_id)
    all_lines = InvoiceLine.objects.filter(invoice=found).order_by("position")
    lines = CountedPage(request.GET, all_lines, size=LINES_ON_PAGE)
    vat_rows = list(VatBreakdown.objects.filter(invoice=found).order_by("position"))
    is_correction = found.kind.corrects
    context: dict[str, Any] = {
        "invoice": found,
        "title": title_of(found),
        "is_correction": is_correction,
        "is_void": status_of(found) == CANCELLED,
        "corrected": found.correction.original if is_correction else None,
        "badges": document_badges(found),
        "groups": group_lines(lines.rows, _totals_of(all_lines), found.currency),
        "lines": lines,
        "use": use_of(found.correction) if is_correction else None,
        "vat_rows": vat_rows,
        "has_vat": any(row.rate for row in vat_rows),
        "payments": settled_by(found),
        "corrections": Correction.objects.filter(original=found).select_related("invoice").order_by("invoice_id"),
        "pay": None if is_correction else _how_to_pay(found),
        "sizes": dict(files_of(paper_of(found)).values_list("kind", "file__size")),
        "addresses": stored_addresses(request.customer),
        "crumbs": [Link(_("Invoices"), "/rechnungen/"), Link(found.number)],
    }
    return render(request, "portal/invoices/invoice.html", context)


def own_invoice(request: PortalRequest, invoice_id: int) -> Invoice:
    """A document of this customer with its status; what belongs to others does not exist."""
    mine = with_status(Invoice.objects.filter(customer=request.customer), on=request.today)
    return get_object_or_404(mine.select_related("correction__original", "open_item"), pk=invoice_id)


def title_of(invoice: Invoice) -> str:
    """What the document is called on its paper."""
    correction = invoice.correction if invoice.kind.corrects else None
    return form_of(invoice, correction).title[reader_style()]


def _totals_of(lines: QuerySet[InvoiceLine]) -> dict[int | None, Decimal]:
    """The net sum by contract, of the whole document."""
    return dict(lines.order_by().values_list("contract_id").annotate(total=Sum("net_amount")))


def group_lines(lines: Sequence[InvoiceLine], totals: Mapping[int | None, Decimal], currency: str) -> list[Group]:
    """The lines by contract, in the order in which contracts first appear."""
    by_contract: dict[int | None, list[InvoiceLine]] = {}
    for line in lines:
        by_contract.setdefault(line.contract_id, []).append(line)
    ordered = sorted(by_contract.items(), key=lambda item: item[0] is None)
    return [
        Group(
            contract_id,
            rows[0].identifier or rows[0].contract_number if contract_id else _("One-time services"),
            [Line(row, explain_line(row, reader_style(), currency)) for row in rows],
            totals[contract_id],
        )
        for contract_id, rows in ordered
    ]


def settled_by(invoice: Invoice) -> list[Allocation]:
    """What settled the document: payments and balances, without those that were taken back."""
    rows = Allocation.objects.filter(open_item=invoice.open_item, reverses=None, reversed_by=None)
    return list(rows.select_related("payment", "balance_item").order_by("allocated_on", "id"))


def _how_to_pay(invoice: Invoice) -> dict[str, Any] | None:
    """The account printed on the document, its reference and purpose (M47, M48), while something is open."""
    if not invoice.open_item.open_amount:
        return None
    return {
        "account": account_of(invoice),
        "reference": invoice.payment_reference,
        "purpose": purpose_of(invoice),
        "balance": list_balances(invoice.customer_id).aggregate(sum=Sum("open_amount"))["sum"],
    }


LINE_COLUMNS = [
    Column(gettext_lazy("Position"), lambda line: line.position),
    Column(gettext_lazy("Contract"), lambda line: line.contract_number),
    Column(gettext_lazy("Service"), lambda line: name_on_paper(line, reader_style())),
    Column(gettext_lazy("Domain or package"), lambda line: line.identifier),
    Column(gettext_lazy("From"), lambda line: line.period_start, "day"),
    Column(gettext_lazy("Until"), lambda line: line.period_end, "day"),
    Column(gettext_lazy("Quantity"), lambda line: line.quantity.normalize()),
    Column(gettext_lazy("Base quantity"), lambda line: line.base_quantity.normalize()),
    Column(gettext_lazy("Net price"), lambda line: line.net_price),
    Column(gettext_lazy("Discount"), lambda line: line.allowance_amount),
    Column(gettext_lazy("Net amount"), lambda line: line.net_amount),
    Column(gettext_lazy("VAT category"), lambda line: line.vat_category),
    Column(gettext_lazy("VAT rate"), lambda line: line.vat_rate),
    Column(gettext_lazy("Cost centre"), lambda line: line.cost_centre),
]


@customer_permission("documents.read")
@require_safe
def invoice_lines(request: PortalRequest, invoice_id: int) -> HttpResponseBase:
    """Positionen als CSV."""
    found = own_invoice(request, invoice_id)
    lines = InvoiceLine.objects.filter(invoice=found).order_by("position")
    return csv_of(f"{found.number}.csv", LINE_COLUMNS, list(lines))
