"""Events, integrity, jobs and the clock."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.models import BusinessClock, Event
from kundenkontor.events.names import ROWS_SEALED
from kundenkontor.messaging.commands import queue_mail
from kundenkontor.parties.models import Seller
from tests.office.steps import desk, queries, submit
from tests.support.builders import CLARA, TODAY, ada, alpenhost, issue
from tests.support.jobs import run_jobs
from tests.support.papers import deliver_invoices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("business_day")]


@pytest.fixture
def seller() -> Seller:
    return alpenhost()


def page(url: str) -> str:
    answer = desk().get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


def test_events_are_filtered_by_customer_name_and_actor(seller: Seller) -> None:
    issue(ada(seller))
    text = page("/office/control/events/?q=11001&name=invoice.&actor=clara")
    assert "invoice.issued" in text and "RE2026000001" in text and "11001" in text
    assert "invoice.issued" not in page("/office/control/events/?actor=nobody")
    assert desk("support").get("/office/control/events/").status_code == 403


def test_a_long_list_in_an_event_is_told_by_its_ends(seller: Seller) -> None:
    record_events(ROWS_SEALED, [Subject(1, "some_rows", payload={"ids": [*range(100, 900)], "columns": ["id"]})],
                  actor=CLARA, on=TODAY)  # fmt: skip
    assert "100 … 899 (800)" in page("/office/control/events/?name=rows.")


def test_the_integrity_page_shows_each_check_and_the_chain(seller: Seller) -> None:
    issue(ada(seller))
    assert "No check has been run yet" in page("/office/control/integrity/")
    submit(desk(), "/office/control/integrity/run/")
    run_jobs("check_integrity")
    text = page("/office/control/integrity/")
    assert "started by clara" in text and "in order" in text
    assert "Checked just now" in page("/office/control/integrity/?now=1")


def test_the_auditor_reads_integrity_and_jobs_and_starts_nothing(seller: Seller) -> None:
    otto = desk("auditor")
    assert (
        otto.get("/office/control/integrity/").status_code == 200
        and otto.get("/office/control/jobs/").status_code == 200
    )
    assert submit(otto, "/office/control/integrity/run/").status_code == 403
    assert otto.get("/office/control/clock/").status_code == 403


def test_a_failed_job_is_shown_and_run_again(seller: Seller) -> None:
    queue_mail(to="ada@huber.example", subject="Ihre Rechnung", body="", kind="invoice")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' RETURNING id")
        job_id = cursor.fetchone()[0]
    assert "1 job has failed" in page("/office/control/jobs/")
    submit(desk(), f"/office/control/jobs/{job_id}/retry/")
    assert run_jobs("send_mail") == ["send_mail"]


def test_of_jobs_that_wait_once_only_one_is_run_again(seller: Seller) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, priority, queueing_lock, args, status)"
            " SELECT 'kundenkontor.send_due_mails', 'mail', 0, 'send_due_mails', '{}', 'failed'"
            " FROM generate_series(1, 2) RETURNING id"
        )
        first, second = (row[0] for row in cursor.fetchall())
    clara = desk()
    for job_id in (first, second, first):
        submit(clara, f"/office/control/jobs/{job_id}/retry/")
    said = clara.get("/office/control/jobs/").content.decode()
    assert "Another job of this kind waits already" in said and "This job has not failed" in said
    assert [event.payload["job"] for event in Event.objects.filter(name="job.restarted")] == [first]


def test_the_clock_moves_forward_and_every_page_shows_it(seller: Seller, settings: Any) -> None:
    assert "23 Nov 2026" in page("/office/control/clock/")
    submit(desk(), "/office/control/clock/", days="8")
    assert BusinessClock.objects.get().offset_days == 8
    assert "1 Dec 2026" in page("/office/control/clock/")
    assert Event.objects.filter(name="clock.moved", actor_label="clara").count() == 1
    assert submit(desk(), "/office/control/clock/", days="-3").status_code == 422
    settings.MODE = "production"
    assert desk().get("/office/control/clock/").status_code == 404


@pytest.mark.parametrize("url", ["/office/control/events/", "/office/control/jobs/"])
def test_lists_need_the_same_queries_for_one_and_three_rows(seller: Seller, url: str) -> None:
    customer = ada(seller)

    def add() -> None:
        deliver_invoices([issue(customer).pk], on=TODAY, actor=CLARA)

    add()
    before = queries(desk(), url)
    add()
    add()
    assert queries(desk(), url) == before
