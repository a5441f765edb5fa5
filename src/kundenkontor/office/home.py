"""What needs attention, and the sums of the day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.queries import list_left_runs, list_unbilled
from kundenkontor.contracts.models import Contract
from kundenkontor.delivery.errors import TakenBackUnsent
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.unfinished import list_late_files, list_late_mails
from kundenkontor.documents.models import DamagedFile
from kundenkontor.imports.models import ImportUpload
from kundenkontor.invoicing.issuing.restored import list_unreleased
from kundenkontor.invoicing.models import Invoice, ManualDraft, RulesSample
from kundenkontor.invoicing.queries import IS_CREDIT_NOTE
from kundenkontor.kernel.clock import month_end
from kundenkontor.kernel.formats import format_date, format_money
from kundenkontor.kernel.money import ZERO
from kundenkontor.messaging.queries import count_failed
from kundenkontor.office.books.limits import warnings_of
from kundenkontor.office.customers.vat_ids import unchecked_count
from kundenkontor.office.desk.statuses import count_documents, run_badge
from kundenkontor.papers.models import RenderFailure
from kundenkontor.parties.models import BankAccount, Customer, CustomerDataRequest, Seller
from kundenkontor.payments.models import Payment
from kundenkontor.reactions import is_billing_day
from kundenkontor.receivables.claims import IS_OWED
from kundenkontor.receivables.models import CustomerTotals, OpenItem
from kundenkontor.receivables.queries import list_offsettable
from kundenkontor.web.components import Tile
from kundenkontor.web.forms import reader_language, written
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that waits for staff: how many, and where it is settled."""

    count: int
    label: str
    url: str
    tone: str = "warn"


@require_safe
@staff_permission("customers.read")
def home(request: StaffRequest) -> HttpResponse:
    """The first page of the day."""
    runs = BillingRun.objects.select_related("seller").exclude(state="discarded").order_by("-id")[:5]
    context = {
        "matters": [matter for matter in _matters(request) if matter.count],
        "tiles": _tiles(request),
        "runs": [(run, run_badge(run)) for run in runs],
        "may_see_runs": "billing.read" in request.permissions,
        "sellers": _booked_until(request),
        "limits": warnings_of(request.today) if "books.read" in request.permissions else [],
    }
    return render(request, "office/home.html", context)


def _matters(request: StaffRequest) -> Iterator[Matter]:
    """In the order in which they hold work up."""
    allowed = request.permissions
    if "integrity.read" in allowed:
        waiting = list_unreleased().count()
        yield Matter(waiting, _("restored states keep documents from being issued"), reverse("office:integrity"), "bad")
        damaged = reverse("office:damaged-files")
        yield Matter(DamagedFile.objects.count(), _("stored files are missing or damaged"), damaged, "bad")
    if "billing.read" in allowed:
        yield from _billing_matters(request.today)
    if "vat_ids.read" in allowed:
        yield Matter(unchecked_count(), _("unchecked VAT ids keep customers out of billing"), reverse("office:vat-ids"))
    waiting = CustomerDataRequest.objects.filter(decided_at=None).count()
    yield Matter(waiting, _("customers ask for a change of country or VAT id"), reverse("office:data-requests"))
    if "outbox.read" in allowed:
        yield from _mail_matters()
    if "imports.read" in allowed:
        uploads = ImportUpload.objects.filter(state="previewed").order_by("-id")
        newest = uploads.first()
        if newest is not None:
            url = reverse("office:import-preview", args=[newest.pk])
            yield Matter(uploads.count(), _("uploaded files wait for confirmation"), url, "info")
    if "payments.read" in allowed:
        received = Payment.objects.filter(booking=None, reversal=None).count()
        yield Matter(received, _("payments are received but not booked"), reverse("office:payments"), "info")
        offset = f"{reverse('office:open-items')}?kind=offset"
        yield Matter(list_offsettable().count(), _("balances can be offset with what the customer owes"), offset)
    if "settings.read" in allowed:
        unpaid = Seller.objects.exclude(pk__in=BankAccount.objects.filter(is_active=True).values("seller_id")).count()
        yield Matter(unpaid, _("sellers have no bank account"), reverse("office:sellers"))


def _billing_matters(today: date) -> Iterator[Matter]:
    runs = reverse("office:billing-runs")
    yield Matter(list_left_runs().count(), _("billing runs have stopped"), runs, "bad")
    last_runs = BillingRun.objects.exclude(state="discarded").values("seller_id").annotate(last=Max("id"))
    ids = [row["last"] for row in last_runs]
    parked = ParkedCustomer.objects.filter(run_id__in=ids, is_released=False)
    for run_id, seller, count in (
        parked.values_list("run_id", "run__seller__name")
        .annotate(count=Count("customer_id", distinct=True))
        .order_by("run__seller__name")
    ):
        label = _("customers of {seller} could not be billed").format(seller=seller)
        yield Matter(count, label, reverse("office:billing-run", args=[run_id]))
    unbilled = sum(is_billing_day(seller, today) for seller in list_unbilled(month_end(today)))
    yield Matter(unbilled, _("sellers have not billed this month"), runs)
    previewed = BillingRun.objects.filter(state="previewed").count()
    yield Matter(previewed, _("billing runs wait for confirmation"), runs, "info")
    yield Matter(ManualDraft.objects.count(), _("drafts are not issued"), reverse("office:drafts"), "info")


def _mail_matters() -> Iterator[Matter]:
    failures = RenderFailure.objects.count()
    yield Matter(failures, _("documents could not be rendered"), reverse("office:render-failures"), "bad")
    unmade = f"{reverse('office:invoices')}?files=none"
    yield Matter(list_late_files().count(), _("documents should have their files by now"), unmade, "bad")
    late = f"{reverse('office:deliveries')}?late=yes"
    yield Matter(list_late_mails().count(), _("documents should be in the outbox by now"), late, "bad")
    objected = RulesSample.objects.exclude(violations="").count()
    yield Matter(
        objected, _("sampled e-invoices break the official rules"), f"{reverse('office:integrity')}?now=1", "bad"
    )
    yield Matter(count_failed(), _("mails could not be sent"), f"{reverse('office:outbox')}?state=failed", "bad")
    parked = Delivery.objects.filter(state="parked").exclude(parked_reason=TakenBackUnsent.code).count()
    yield Matter(parked, _("documents could not be sent"), f"{reverse('office:deliveries')}?state=parked")
    dead = ProcrastinateJob.objects.filter(status="failed").count()
    yield Matter(dead, _("background jobs have failed"), f"{reverse('office:jobs')}?state=failed", "bad")


def _tiles(request: StaffRequest) -> list[Tile]:
    language, today = reader_language(), request.today

    def amount(value: Any) -> str:
        return format_money(value or ZERO, "EUR", language)

    sums = CustomerTotals.objects.aggregate(open=Sum("open_amount"), balance=Sum("balance_amount"))
    overdue = OpenItem.objects.filter(IS_OWED, open_amount__gt=0, due_date__lt=today)
    late = overdue.aggregate(total=Sum("open_amount"), count=Count("id"))
    month = Invoice.objects.filter(issue_date__gte=today.replace(day=1), issue_date__lte=today)
    issued = month.aggregate(
        total=Sum("amount_due", filter=~IS_CREDIT_NOTE), back=Sum("amount_due", filter=IS_CREDIT_NOTE),
        count=Count("id"),
    )  # fmt: skip
    running = Contract.objects.filter(Q(end_date=None) | Q(end_date__gte=today), start_date__lte=today).count()
    tiles = [
        Tile(_("Open"), amount(sums["open"]), note=_("over all customers"), lead=True),
        Tile(_("Overdue"), amount(late["total"]), note=count_documents(late["count"])),
        Tile(
            _("Issued this month"),
            amount((issued["total"] or 0) - (issued["back"] or 0)),
            note=count_documents(issued["count"]),
        ),
        Tile(
            _("Customers"),
            written(Customer.objects.count()),
            note=_("{count} running contracts").format(count=written(running)),
            url=reverse("office:customers"),
        ),
    ]
    return tiles if "invoices.read" in request.permissions else tiles[-1:]


def _booked_until(request: StaffRequest) -> list[tuple[Seller, str, bool]]:
    """Sellers with reminders, and whether these wait because payments are not booked up to yesterday."""
    if "settings.read" not in request.permissions:
        return []
    yesterday, language = request.today - timedelta(days=1), reader_language()
    rows = Seller.objects.exclude(reminds_after_days=None).order_by("name")
    return [
        (
            row,
            format_date(row.payments_booked_until, language) if row.payments_booked_until else _("not set"),
            row.payments_booked_until is None or row.payments_booked_until < yesterday,
        )
        for row in rows
    ]
