"""What happens when: the one table of events and what follows from them, and the tick that asks what is due.

``record_events`` defers one ``kundenkontor.react`` per 500 events in its own transaction, so a reaction happens
exactly if the thing happened. Handlers take lists, are idempotent, and keep the outcome per item in a table of
their own (files, render failures, search tokens, deliveries, mails).
"""

from __future__ import annotations

import logging
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

import holidays
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from kundenkontor.access.models import User
from kundenkontor.billing.models import ISSUING, PREVIEWS, BillingRun
from kundenkontor.billing.queries import find_preview
from kundenkontor.billing.runs.commands import (
    begin_issuing,
    finish_run,
    preview_run,
    run_chunks,
    start_run,
    take_confirmation,
)
from kundenkontor.billing.runs.preview_words import paragraphs_of
from kundenkontor.delivery.commands import deliver_waiting, plan_automatic
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.reminders import KINDS, may_remind
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.commands import mark_day
from kundenkontor.events.models import Event
from kundenkontor.events.names import EVENT_NAMES, INVOICE_ISSUED, INVOICE_RENDERED, EventName
from kundenkontor.events.queries import business_date
from kundenkontor.invoicing.models import InvoiceFile, RenderFailure
from kundenkontor.invoicing.papers.commands import MAX_ATTEMPTS
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.jobs.declaring import defer, job
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.messaging.commands import send_letter
from kundenkontor.messaging.letters.billing_preview import BillingPreview
from kundenkontor.parties.models import Seller

logger = logging.getLogger(__name__)
RENDER_BATCH = 100
Handler = Callable[[Sequence[int], date], None]


def plan_mails(invoice_ids: Sequence[int], on: date) -> None:
    """Sellers who mail automatically: the mail waits for its PDF."""
    plan_automatic(invoice_ids, on=on, actor=SYSTEM)


def start_rendering(invoice_ids: Sequence[int], on: date) -> None:
    """In small jobs, so that a worker is soon free again for mails."""
    for start in range(0, len(invoice_ids), RENDER_BATCH):
        defer("render", queue="render", invoice_ids=list(invoice_ids[start : start + RENDER_BATCH]))


def index_words(invoice_ids: Sequence[int], on: date) -> None:
    index_invoices(invoice_ids)


def mail_documents(invoice_ids: Sequence[int], on: date) -> None:
    """Only what somebody planned to send."""
    deliver_waiting(invoice_ids, on=on, actor=SYSTEM)


REACTIONS: dict[EventName, tuple[Handler, ...]] = {
    INVOICE_ISSUED: (plan_mails, start_rendering, index_words),
    INVOICE_RENDERED: (mail_documents,),
}


@job("react", queue="reactions")
def react(name: str, event_ids: list[int]) -> None:
    """Call every handler of an event with the ids of what the events are about."""
    rows = Event.objects.filter(pk__in=event_ids, name=name).order_by("pk").values_list("subject_id", "business_date")
    subjects = [subject_id for subject_id, _on in rows if subject_id is not None]
    if not subjects:
        return
    on = max(day for _subject_id, day in rows)
    for handler in REACTIONS[EVENT_NAMES[name]]:
        with transaction.atomic():
            handler(subjects, on)


@job("tick", queue="tick", cron="* * * * *", only_one=True)
def tick(timestamp: int) -> None:
    """Once a minute: what is due by the business date? Each answer is marked, so that it is given once.

    Seals and due mails have a minute's job of their own beside this one (events, messaging).
    """
    for seller in Seller.objects.order_by("pk"):
        today = business_date(seller.zone)
        with transaction.atomic():
            if claim_reminders(seller, today):
                defer("remind", queue="delivery", seller_id=seller.pk)
        with transaction.atomic():
            if is_billing_day(seller, today) and mark_day(f"billing:{seller.pk}", today.replace(day=1)):
                defer("prepare_run", queue="billing", seller_id=seller.pk, on=today.isoformat())
    retry_renderings()
    resume_deliveries()


def claim_reminders(seller: Seller, today: date) -> bool:
    """Whether one of the two reminders begins now: each once a day, as soon as it may go out.

    The Zahlungserinnerung waits for the minute in which staff has set "payments booked until"; no earlier tick may
    use up its day.
    """
    return bool([kind for kind in KINDS if may_remind(seller, kind, today) and _is_first(seller, kind, today)])


def _is_first(seller: Seller, kind: str, today: date) -> bool:
    return mark_day(f"reminders:{kind}:{seller.pk}", today)


DAYS_TO_CATCH_UP = 4


def is_billing_day(seller: Seller, today: date) -> bool:
    """The first working day of the month, or a few days later if nothing ran then."""
    first = first_working_day(today.year, today.month, seller.country)
    return first <= today <= first + timedelta(days=DAYS_TO_CATCH_UP)


@lru_cache(maxsize=256)
def first_working_day(year: int, month: int, country: str) -> date:
    """Monday to Friday and no public holiday at the seller's seat; Austria's where we do not know the country's."""
    known = country if country in holidays.list_supported_countries() else "AT"
    free = holidays.country_holidays(known, years=year)
    day = date(year, month, 1)
    while day.weekday() >= 5 or day in free:
        day += timedelta(days=1)
    return day


@job("prepare_run", queue="billing")
def prepare_run(seller_id: int, on: str) -> None:
    """Prepare the month's preview and tell staff; issue too where the seller wants it without confirmation."""
    today = date.fromisoformat(on)
    seller = Seller.objects.get(pk=seller_id)
    run = _preview(seller, today)
    try:
        if seller.bills_automatically and run.state == "previewed" and run.sums.invoices:
            take_confirmation(run, issue_date=today, actor=SYSTEM)
        begin_issuing(run)
    except DomainError as refusal:  # what changed since the preview is for people to judge
        logger.warning("billing run %s was not confirmed: %s", run.pk, refusal)
    if run.state == "running":
        run_chunks(run, actor=SYSTEM)
        finish_run(run, on=today, actor=SYSTEM)
    tell_staff(run)


def _preview(seller: Seller, today: date) -> BillingRun:
    """The month's preview: a retried job goes on with the run it had begun, and somebody's open preview is kept.

    It may hold safety bounds that were released; where it is no longer true, confirming it says so.
    """
    last_day = today.replace(day=monthrange(today.year, today.month)[1])
    states = [*PREVIEWS, *ISSUING, "finished"]
    run = BillingRun.objects.filter(seller=seller, billed_until=last_day, started_by=SYSTEM.label, state__in=states)
    found = run.order_by("-pk").first() or find_preview(seller.pk, last_day)
    if found is None:
        found = start_run(seller, last_day, on=today, actor=SYSTEM)
    if found.state == "previewing":
        preview_run(found)
        found.refresh_from_db()
    return found


def tell_staff(run: BillingRun) -> None:
    """A mail to the seller's bookkeeping, else to everybody in the office who may run it."""
    seller = run.seller
    readers = [(seller.bookkeeping_email, "de")] if seller.bookkeeping_email else []
    if not readers:
        staff = User.objects.filter(staff_role__in=["administrator", "clerk"], is_active=True).exclude(email="")
        readers = list(staff.values_list("email", "language"))
    for address, language in readers:
        with translation.override(language):
            letter = _preview_letter(run)
        send_letter(letter, to=address, language=language, seller=seller)


def _preview_letter(run: BillingRun) -> BillingPreview:
    """In the language that is active."""
    return BillingPreview(
        seller=run.seller.name,
        is_finished=run.state == "finished",
        invoices=run.sums.invoices,
        total_with_vat=str(run.sums.total_with_vat),
        parked=run.sums.parked,
        notes=tuple(paragraphs_of(run.preview)) if run.preview else (),
        link=settings.BASE_URL + reverse("office:billing-run", args=[run.pk]),
    )


def retry_renderings() -> None:
    """Failed documents again, with growing pauses (2, 8, 18 … minutes), until staff has to look."""
    now = utc_now()
    due = [
        failure.pk
        for failure in RenderFailure.objects.filter(attempts__lt=MAX_ATTEMPTS).order_by("failed_at")[:RENDER_BATCH]
        if failure.failed_at + timedelta(minutes=2 * failure.attempts**2) <= now
    ]
    if due:
        defer("render", queue="render", invoice_ids=due)


def resume_deliveries() -> None:
    """Planned mails whose PDF exists although their reaction was lost, for example with a restored database."""
    late = utc_now() - timedelta(minutes=10)
    rendered = InvoiceFile.objects.filter(kind="pdf", created_at__lt=late)
    waiting = Delivery.objects.filter(state="waiting", created_at__lt=late, invoice__files__in=rendered)
    ids = list(waiting.order_by("pk").values_list("invoice_id", flat=True)[:RENDER_BATCH])
    if ids:
        defer("deliver", queue="delivery", invoice_ids=ids)
