"""What happens when: the one table of events and what follows from them, and the tick that asks what is due.

``record_events`` defers one ``react`` per 500 events in its own transaction, so a reaction happens exactly if the thing
happened, in the name of whoever did it. Handlers take events, are idempotent, and keep the outcome per item in a table
of their own (files, render failures, search tokens, deliveries, mails).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache, partial

import holidays
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from kundenkontor.access import notices
from kundenkontor.access.jobs import send_access_to_all
from kundenkontor.access.models import User
from kundenkontor.billing.jobs import bill_run, preview_run, retry_parked
from kundenkontor.billing.models import ISSUING, PREVIEWS, BillingRun
from kundenkontor.billing.queries import find_preview, list_unbilled
from kundenkontor.billing.runs import commands
from kundenkontor.billing.runs.preview_words import paragraphs_of
from kundenkontor.delivery.commands import deliver_waiting, plan_automatic
from kundenkontor.delivery.jobs import deliver, remind
from kundenkontor.delivery.reminders import KINDS, may_remind
from kundenkontor.delivery.unfinished import (
    SOON,
    list_unmailed,
    list_unplanned,
    list_without_files,
    list_without_words,
)
from kundenkontor.events.actor import SYSTEM, Actor
from kundenkontor.events.commands import REACTION_BATCH, mark_day
from kundenkontor.events.models import Event
from kundenkontor.events.names import (
    ACCESS_ASKED_FOR_ALL,
    ACCESS_EMAIL_CHANGED,
    ACCESS_ROLE_CHANGED,
    ACCESS_USER_CREATED,
    ACCESS_USER_DEACTIVATED,
    ACCESS_USER_REACTIVATED,
    BANK_ACCOUNT_SAVED,
    BILLING_ISSUING_ASKED,
    BILLING_PREVIEW_ASKED,
    BILLING_RETRY_ASKED,
    BILLING_RUN_FINISHED,
    BILLING_SAFETY_BOUND_RELEASED,
    CONTACT_ADDED,
    CONTACT_CHANGED,
    CONTACT_CHOSEN_FOR_INVOICES,
    CONTACT_REMOVED,
    CUSTOMER_CHANGED,
    CUSTOMER_UPDATED,
    DELIVERY_ASKED,
    EVENT_NAMES,
    IMPORT_CONFIRMED,
    INTEGRITY_CHECK_ASKED,
    INVOICE_ISSUED,
    MAIL_RETRIED,
    PAPER_RENDER_ASKED,
    PAPER_RENDERED,
    SELLER_CHANGED,
    SELLER_CREATED,
    SELLER_VAT_ID_CHECK_ASKED,
    VAT_ID_CHECK_ASKED,
    EventName,
)
from kundenkontor.events.queries import business_date
from kundenkontor.imports.jobs import import_upload
from kundenkontor.integrity import anchor_now, check_integrity
from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.papers.kind import INVOICE
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.jobs.declaring import job
from kundenkontor.kernel.clock import month_end, utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.messaging.commands import send_letter
from kundenkontor.messaging.jobs import send_mail
from kundenkontor.messaging.letters.billing_preview import BillingPreview
from kundenkontor.papers.jobs import render
from kundenkontor.papers.kinds import ids_by_kind, kind_of
from kundenkontor.parties.models import Seller
from kundenkontor.taxes.commands import write_seller_question
from kundenkontor.taxes.jobs import check_seller_vat_id, check_vat_ids

logger = logging.getLogger(__name__)
BATCH = 100  # small jobs, so that a worker is soon free again for mails
Handler = Callable[[Sequence[Event]], None]


def for_each(defer: Callable[[int], None]) -> Handler:
    """One job per event, about its subject."""

    def handle(events: Sequence[Event]) -> None:
        for subject_id in subjects_of(events):
            defer(subject_id)

    return handle


def for_each_in_the_name_of_its_actor(defer: Callable[[int, Actor], None]) -> Handler:
    """The same, where the job takes the actor."""

    def handle(events: Sequence[Event]) -> None:
        for subject_id in subjects_of(events):
            defer(subject_id, events[0].actor)

    return handle


def in_batches(defer: Callable[[list[int], Actor], None]) -> Handler:
    """Jobs of 100 subjects each."""

    def handle(events: Sequence[Event]) -> None:
        defer_in_batches(defer, subjects_of(events), events[0].actor)

    return handle


def defer_in_batches(defer: Callable[[list[int], Actor], None], ids: Sequence[int], actor: Actor) -> None:
    for start in range(0, len(ids), BATCH):
        defer(list(ids[start : start + BATCH]), actor)


def subjects_of(events: Sequence[Event]) -> list[int]:
    """The rows that the events are about."""
    return [event.subject_id for event in events if event.subject_id is not None]


def for_each_kind(do: Callable[[str, Sequence[Event]], None]) -> Handler:
    """Events about papers, each kind by itself."""

    def handle(events: Sequence[Event]) -> None:
        for kind in sorted({event.payload["kind"] for event in events}):
            do(kind, [event for event in events if event.payload["kind"] == kind])

    return handle


def render_again(kind: str, events: Sequence[Event]) -> None:
    defer_in_batches(partial(render.defer, kind), subjects_of(events), events[0].actor)


def plan_mails(events: Sequence[Event]) -> None:
    """Sellers who mail automatically: the mail waits for its PDF."""
    plan_automatic(INVOICE.find(subjects_of(events)), on=events[0].business_date, actor=events[0].actor)


def index_words(events: Sequence[Event]) -> None:
    index_invoices(subjects_of(events))


def mail_papers(kind: str, events: Sequence[Event]) -> None:
    """Only what somebody planned to send."""
    deliver_waiting(kind_of(kind), subjects_of(events), on=events[0].business_date, actor=events[0].actor)


def mail_runs(events: Sequence[Event]) -> None:
    """What is rendered of a billing run; the rest follows its PDF."""
    issued = Invoice.objects.filter(batch_id__in=subjects_of(events)).order_by("pk")
    ids = list(issued.values_list("pk", flat=True))
    defer_in_batches(partial(deliver.defer, INVOICE.code), ids, events[0].actor)


def renew_previews(events: Sequence[Event]) -> None:
    """A preview is computed anew, with what was released in it; one that is computed now may have passed it."""
    for run in BillingRun.objects.filter(pk__in=subjects_of(events), state__in=PREVIEWS):
        preview_run.defer(run.pk)


def ask_vies(events: Sequence[Event]) -> None:
    """The questions know who asked them."""
    defer_in_batches(lambda ids, _actor: check_vat_ids.defer(ids), subjects_of(events), events[0].actor)


def check_seller(events: Sequence[Event]) -> None:
    """A VAT id that was changed; documents bear it."""
    for event in events:
        if event.subject_id is not None and "vat_id" in event.payload:
            write_seller_question(Seller.objects.get(pk=event.subject_id), actor=event.actor)
            check_seller_vat_id.defer(event.subject_id)


def send_access(events: Sequence[Event]) -> None:
    """Of one seller, or of all."""
    for event in events:
        send_access_to_all.defer(event.subject_id, event.actor, event.payload.get("customers"))


def bill_parked_again(events: Sequence[Event]) -> None:
    """Those whom a clerk saw, or all."""
    for run_id, event in zip(subjects_of(events), events, strict=True):
        retry_parked.defer(run_id, event.actor, event.payload.get("customers"))


def anchor_run(events: Sequence[Event]) -> None:
    """Whoever restores the backup of tonight reads in the anchors what this run issued."""
    anchor_now.defer()


def check_everything(events: Sequence[Event]) -> None:
    check_integrity.defer(events[0].actor)


REACTIONS: dict[EventName, tuple[Handler, ...]] = {
    ACCESS_USER_CREATED: (notices.tell_of_users,),
    ACCESS_USER_DEACTIVATED: (notices.tell_of_users,),
    ACCESS_USER_REACTIVATED: (notices.tell_of_users,),
    ACCESS_ROLE_CHANGED: (notices.tell_of_users,),
    ACCESS_EMAIL_CHANGED: (notices.tell_of_users,),
    BANK_ACCOUNT_SAVED: (notices.tell_of_bank_accounts,),
    SELLER_CHANGED: (notices.tell_of_sellers, check_seller),
    SELLER_CREATED: (check_seller,),
    SELLER_VAT_ID_CHECK_ASKED: (check_seller,),
    CUSTOMER_CHANGED: (notices.tell_former_address,),
    CUSTOMER_UPDATED: (notices.tell_addresses_an_import_replaced,),
    CONTACT_ADDED: (notices.tell_former_recipient,),
    CONTACT_CHANGED: (notices.tell_former_address, notices.tell_former_recipient),
    CONTACT_REMOVED: (notices.tell_former_recipient,),
    CONTACT_CHOSEN_FOR_INVOICES: (notices.tell_former_recipient,),
    INVOICE_ISSUED: (plan_mails, in_batches(partial(render.defer, INVOICE.code)), index_words),
    PAPER_RENDER_ASKED: (for_each_kind(render_again),),
    PAPER_RENDERED: (for_each_kind(mail_papers),),
    DELIVERY_ASKED: (mail_runs,),
    MAIL_RETRIED: (for_each(send_mail.defer),),
    BILLING_PREVIEW_ASKED: (for_each(preview_run.defer),),
    BILLING_SAFETY_BOUND_RELEASED: (renew_previews,),
    BILLING_ISSUING_ASKED: (for_each(bill_run.defer),),
    BILLING_RUN_FINISHED: (anchor_run,),
    BILLING_RETRY_ASKED: (bill_parked_again,),
    VAT_ID_CHECK_ASKED: (ask_vies,),
    IMPORT_CONFIRMED: (for_each_in_the_name_of_its_actor(import_upload.defer),),
    ACCESS_ASKED_FOR_ALL: (send_access,),
    INTEGRITY_CHECK_ASKED: (check_everything,),
}


@job("react", queue="reactions")
def react(name: str, event_ids: list[int]) -> None:
    """Call every handler of an event with what one command recorded: one actor, one business date."""
    events = list(Event.objects.filter(pk__in=event_ids, name=name).order_by("pk"))
    if events:
        for handler in REACTIONS[EVENT_NAMES[name]]:
            with transaction.atomic():
                handler(events)


@job("tick", queue="tick", cron="* * * * *", only_one=True)
def tick(timestamp: int) -> None:
    """Once a minute: what is due by the business date? Each answer is marked, so that it is given once.

    Seals and what is repeated after a pause have a minute's job of their own (events, messaging, papers, taxes).
    """
    for seller in Seller.objects.order_by("pk"):
        today = business_date(seller.zone)
        with transaction.atomic():
            if claim_reminders(seller, today):
                remind.defer(seller.pk)
        with transaction.atomic():
            if is_unbilled(seller, today) and mark_day(f"billing:{seller.pk}", today):
                prepare_run.defer(seller.pk, today)
    finish_documents()


def claim_reminders(seller: Seller, today: date) -> bool:
    """Whether one of the two reminders begins now: each once a day, as soon as it may go out.

    The Zahlungserinnerung waits for the minute in which staff has set "payments booked until"; no earlier tick may
    use up its day.
    """
    return bool([kind for kind in KINDS if may_remind(seller, kind, today) and _is_first(seller, kind, today)])


def _is_first(seller: Seller, kind: str, today: date) -> bool:
    return mark_day(f"reminders:{kind}:{seller.pk}", today)


def is_unbilled(seller: Seller, today: date) -> bool:
    """From the first working day of the month on, until a run covers it: tried every day, whatever failed before."""
    return is_billing_day(seller, today) and list_unbilled(month_end(today)).filter(pk=seller.pk).exists()


def is_billing_day(seller: Seller, today: date) -> bool:
    """Whether the month should be billed by now."""
    return today >= first_working_day(today.year, today.month, seller.country)


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
def prepare_run(seller_id: int, on: date) -> None:
    """Prepare the month's preview and tell staff; issue too where the seller wants it without confirmation."""
    seller = Seller.objects.get(pk=seller_id)
    run = _preview(seller, on)
    try:
        if seller.bills_automatically and run.state == "previewed" and run.sums.invoices:
            commands.take_confirmation(run, issue_date=on, actor=SYSTEM)
        commands.begin_issuing(run)
    except DomainError as refusal:  # what changed since the preview is for people to judge
        logger.warning("billing run %s was not confirmed: %s", run.pk, refusal)
    if run.state == "running":
        commands.run_chunks(run, actor=run.confirmer)
        commands.finish_run(run, on=on, actor=run.confirmer)
    tell_staff(run)


def _preview(seller: Seller, today: date) -> BillingRun:
    """The month's preview: a retried job goes on with the run it had begun, and somebody's open preview is kept.

    It may hold safety bounds that were released; where it is no longer true, confirming it says so.
    """
    last_day = month_end(today)
    states = [*PREVIEWS, *ISSUING, "finished"]
    run = BillingRun.objects.filter(seller=seller, billed_until=last_day, started_by=SYSTEM.label, state__in=states)
    found = run.order_by("-pk").first() or find_preview(seller.pk, last_day)
    if found is None:
        found = commands.start_run(seller, last_day, on=today, actor=SYSTEM)
    if found.state == "previewing":
        commands.preview_run(found)
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
        total_with_vat=run.sums.total_with_vat,
        parked=run.sums.parked,
        notes=tuple(paragraphs_of(run.preview)) if run.preview else (),
        link=settings.BASE_URL + reverse("office:billing-run", args=[run.pk]),
    )


SWEEP = "finish_documents"


def finish_documents() -> None:
    """What the tables lack ten minutes after it should be there, whatever became of its job; once a day all of it."""
    today, before = business_date(), utc_now() - SOON
    with transaction.atomic():
        is_sweep = mark_day(SWEEP, today)
        if is_sweep:
            plan_automatic(INVOICE.find(_ids(list_unplanned(before))), on=today, actor=SYSTEM)
        wordless = _ids(list_without_words(before, recent=not is_sweep))
        for start in range(0, len(wordless), REACTION_BATCH):
            index_invoices(wordless[start : start + REACTION_BATCH])
        unrendered = _ids(list_without_files(before, recent=not is_sweep))
        defer_in_batches(partial(render.defer, INVOICE.code), unrendered, SYSTEM)
    for kind, ids in ids_by_kind(list_unmailed(before).values_list("paper_kind", "paper_id")[:BATCH]).items():
        deliver.defer(kind, ids, SYSTEM)


def _ids(rows: QuerySet[Invoice]) -> list[int]:
    return list(rows.values_list("pk", flat=True))
