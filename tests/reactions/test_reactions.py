"""What follows from what: issue, render, index, mail; and the tick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from kundenkontor.billing.models import BillingRun, ParkedCustomer
from kundenkontor.billing.runs.commands import discard_run, preview_run, start_run
from kundenkontor.delivery.checks import _find_unfinished
from kundenkontor.delivery.models import Delivery
from kundenkontor.delivery.unfinished import LATE
from kundenkontor.events.commands import Subject, mark_day, move_clock, record_events
from kundenkontor.events.models import Event
from kundenkontor.events.names import EVENT_NAMES
from kundenkontor.events.queries import business_date
from kundenkontor.invoicing.search import search_ids
from kundenkontor.kernel.clock import utc_now
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from kundenkontor.papers.jobs import render_due
from kundenkontor.papers.models import PaperFile, RenderFailure
from kundenkontor.parties.models import Seller
from kundenkontor.parties.seller_commands import change_seller
from kundenkontor.reactions import REACTIONS, first_working_day, is_unbilled, prepare_run, react, tick
from tests.support.billing import bill, hosting
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue
from tests.support.jobs import run_jobs, run_worker
from tests.support.papers import of_paper, render_pool


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path
    settings.SMTP_URL = ""


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()


@pytest.fixture
def seller(db: None) -> Seller:
    return alpenhost(mails_automatically=True)


def test_every_event_that_reacts_is_deferred_and_no_other(db: None) -> None:
    for name in EVENT_NAMES.values():
        record_events(name, [Subject(payload={})], actor=CLARA, on=TODAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT args ->> 'name' FROM procrastinate_jobs WHERE task_name = 'kundenkontor.react'")
        assert {row[0] for row in cursor.fetchall()} == {name.name for name in REACTIONS}


@pytest.mark.invariant("I-D4")
def test_an_issued_document_is_rendered_indexed_and_mailed_and_a_repeat_changes_nothing(seller: Seller) -> None:
    invoice = issue(ada(seller))
    run_jobs()
    assert Delivery.objects.get().state == "queued"
    assert OutgoingMail.objects.get().state == "done"
    found = search_ids(invoice.customer_id, invoice.number)
    assert found is not None and list(found) == [invoice.pk]
    for name in map(str, REACTIONS):
        react(name, list(Event.objects.filter(name=name).values_list("pk", flat=True)))
    run_jobs()
    assert (PaperFile.objects.count(), OutgoingMail.objects.count(), DemoMail.objects.count()) == (2, 1, 1)


def test_without_the_option_a_document_is_rendered_but_not_mailed(seller: Seller) -> None:
    seller.mails_automatically = False
    seller.save()
    issue(ada(seller))
    run_jobs()
    assert PaperFile.objects.count() == 2
    assert not Delivery.objects.exists() and not OutgoingMail.objects.exists()


@pytest.mark.commits
def test_a_rolled_back_document_has_no_reactions_and_a_committed_one_reaches_the_mailbox_through_the_worker() -> None:
    seller = alpenhost(mails_automatically=True)
    customer = ada(seller)
    with transaction.atomic():
        issue(customer)
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'kundenkontor.react'")
        assert cursor.fetchone() == (0,)
    invoice = issue(customer)
    for _ in range(3):
        run_worker()
    assert Delivery.objects.get().state == "queued"
    assert invoice.number.encode() in bytes(DemoMail.objects.get(recipient=customer.email).raw)


@pytest.mark.parametrize(
    ("year", "month", "country", "day"),
    [
        (2026, 11, "AT", 2),
        (2027, 1, "AT", 4),
        (2026, 5, "DE", 4),
        (2026, 8, "AT", 3),
        (2028, 5, "AT", 2),
        (2027, 1, "XX", 4),
        (2027, 11, "AT", 2),  # a Monday: All Saints' Day is free in all of Austria and France, not in all of Germany
        (2027, 11, "FR", 2),
        (2027, 11, "DE", 1),
        (2028, 5, "NL", 1),  # a Monday: work in the Netherlands
    ],
)
def test_the_first_working_day_knows_weekends_and_holidays(year: int, month: int, country: str, day: int) -> None:
    assert first_working_day(year, month, country) == date(year, month, day)


@pytest.mark.parametrize(("country", "is_due"), [("AT", False), ("DE", True)])
def test_a_month_is_due_by_the_holidays_of_the_sellers_own_country(db: None, country: str, is_due: bool) -> None:
    seller = alpenhost(country=country)
    bob(seller)
    assert is_unbilled(seller, date(2027, 11, 1)) == is_due
    assert is_unbilled(seller, date(2027, 11, 2))


def month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def stand_at(day: date) -> None:
    move_clock((day - business_date()).days, actor=CLARA)


@pytest.mark.feature("M27")
def test_the_tick_reminds_once_a_business_day(seller: Seller) -> None:
    seller.reminds_before_days = 3
    seller.save()
    tick(0)
    tick(0)
    assert run_jobs("remind") == ["remind"]
    move_clock(1, actor=CLARA)
    tick(0)
    assert run_jobs("remind") == ["remind"]


@pytest.mark.feature("M27", "M52")
@pytest.mark.parametrize("is_upcoming_on", [False, True])
def test_the_payment_reminder_goes_out_on_the_day_on_which_staff_sets_yesterday(
    seller: Seller, is_upcoming_on: bool
) -> None:
    issue(ada(seller), on=business_date())
    move_clock(20, actor=CLARA)
    seller.reminds_after_days = 5
    seller.reminds_before_days = 3 if is_upcoming_on else None
    seller.payments_booked_until = business_date() - timedelta(days=2)  # set the day before
    seller.save()
    tick(0)  # the first minute after midnight
    run_jobs("remind")
    assert not OutgoingMail.objects.filter(kind="reminder_overdue").exists()

    seller.payments_booked_until = business_date() - timedelta(days=1)  # at nine
    seller.save()
    for _ in range(2):
        tick(0)
        run_jobs("remind")

    assert OutgoingMail.objects.filter(kind="reminder_overdue").count() == 1


def test_a_day_is_claimed_once_and_free_again_after_a_rollback(db: None) -> None:
    with transaction.atomic():
        assert mark_day("x", TODAY)
        transaction.set_rollback(True)
    assert mark_day("x", TODAY)
    assert not mark_day("x", TODAY)
    assert mark_day("y", TODAY) and mark_day("x", TODAY + timedelta(days=1))


def next_first_working_day() -> date:
    start = (business_date().replace(day=1) + timedelta(days=32)).replace(day=1)
    return first_working_day(start.year, start.month, "AT")


def test_the_first_working_day_prepares_a_preview_and_tells_staff_once(seller: Seller) -> None:
    bob(seller)
    stand_at(next_first_working_day())
    tick(0)
    tick(0)
    assert run_jobs("prepare_run") == ["prepare_run"]
    run = BillingRun.objects.get()
    assert run.state == "previewed" and run.billed_until.month == business_date().month
    mail = OutgoingMail.objects.get(kind="billing_preview")
    assert mail.recipient == seller.bookkeeping_email and f"/{run.pk}/" in mail.body
    move_clock(1, actor=CLARA)
    tick(0)
    assert run_jobs("prepare_run") == []


def test_a_day_before_the_first_working_one_and_a_seller_without_customers_prepare_nothing(seller: Seller) -> None:
    stand_at(next_first_working_day() + timedelta(days=14))
    tick(0)
    bob(seller)
    first = next_first_working_day()
    if first.day > 1:
        stand_at(first - timedelta(days=1))
        tick(0)
    assert run_jobs("prepare_run") == []


def test_a_month_that_five_bad_days_missed_is_prepared_later_and_tried_every_day(seller: Seller) -> None:
    bob(seller)
    stand_at(next_first_working_day() + timedelta(days=14))
    tick(0)
    tick(0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # its job is lost
    move_clock(1, actor=CLARA)
    tick(0)
    assert run_jobs("prepare_run") == ["prepare_run"]
    move_clock(1, actor=CLARA)
    tick(0)
    assert run_jobs("prepare_run") == []


def test_a_preview_that_staff_threw_away_is_not_prepared_again(seller: Seller) -> None:
    bob(seller)
    stand_at(next_first_working_day())
    tick(0)
    run_jobs("prepare_run")
    discard_run(BillingRun.objects.get(), on=TODAY, actor=CLARA)
    move_clock(1, actor=CLARA)
    tick(0)
    assert run_jobs("prepare_run") == []


def test_a_repeated_job_goes_on_with_the_run_it_began(seller: Seller) -> None:
    prepare_run(seller.pk, TODAY)
    prepare_run(seller.pk, TODAY)
    assert BillingRun.objects.count() == 1


def test_the_schedule_keeps_the_preview_that_somebody_has_open_with_what_was_released_in_it(seller: Seller) -> None:
    customer = bob(seller)
    hosting(customer, "10.00")
    mine = start_run(seller, month_end(TODAY), on=TODAY, actor=CLARA)
    preview_run(mine)
    ParkedCustomer.objects.create(run=mine, customer=customer, code="safety_bound_amount", is_released=True)

    prepare_run(seller.pk, TODAY)

    run = BillingRun.objects.get()
    assert (run.pk, run.state) == (mine.pk, "previewed")
    assert run.parked.filter(is_released=True).exists()
    assert f"/{mine.pk}/" in OutgoingMail.objects.get(kind="billing_preview").body


def test_the_mail_about_a_preview_says_who_is_parked_what_it_warns_of_and_what_differs(seller: Seller) -> None:
    hosting(bob(seller), "10.00")
    bill(seller, month_end(TODAY))
    hosting(bob(seller, number="11003", street=""), "20.00", number="V2")
    hosting(ada(seller, country="DE", vat_id="DE136695976", vat_id_state="unchecked"), number="V3")
    OutgoingMail.objects.all().delete()

    prepare_run(seller.pk, TODAY)

    body = OutgoingMail.objects.get(kind="billing_preview").body
    assert "1 × UID ungeprüft" in body
    assert "1 × Die Anschrift ist unvollständig" in body
    assert "Gesamtbetrag inkl. USt: 12.00 → 24.00 (+12.00)" in body


@pytest.mark.invariant("I-D4")
def test_the_tick_takes_up_failed_renderings_and_lost_deliveries(seller: Seller) -> None:
    invoice = issue(ada(seller))
    run_jobs("react")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # the render job is lost
    long_ago = utc_now() - timedelta(hours=1)
    RenderFailure.objects.create(**of_paper(invoice), last_error="x", next_attempt_at=long_ago)
    render_due(0)
    assert not RenderFailure.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # the reaction is lost
    Delivery.objects.update(created_at=long_ago)
    assert Delivery.objects.get().state == "waiting"
    assert PaperFile.objects.filter(kind="pdf").exists()
    tick(0)
    assert run_jobs("deliver") == []  # rendered only just now: its own reaction may still come


@pytest.mark.invariant("I-D4")
def test_what_lost_its_jobs_is_found_in_the_tables(seller: Seller) -> None:
    """The queue is empty, as after a restore: files, words, plan and mail come all the same."""
    invoice = issue(ada(seller))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    with time_machine.travel(utc_now() + 2 * LATE, tick=True):
        assert _find_unfinished() == [
            f"{invoice.number}: no PDF",
            f"{invoice.number}: not found by search",
            f"{invoice.number}: not planned to be sent",
        ]
        tick(0)
        run_jobs()
        assert _find_unfinished() == []
    found = search_ids(invoice.customer_id, invoice.number)
    assert found is not None and list(found) == [invoice.pk]
    assert PaperFile.objects.count() == 2
    assert OutgoingMail.objects.get(customer_id=invoice.customer_id).state == "done"


def test_what_a_seller_issued_before_it_mailed_automatically_is_not_missing(seller: Seller) -> None:
    seller.mails_automatically = False
    seller.save()
    issue(ada(seller))
    run_jobs()
    change_seller(seller, {"mails_automatically": True}, on=TODAY, actor=CLARA)
    with time_machine.travel(utc_now() + 2 * LATE, tick=True):
        assert _find_unfinished() == []
