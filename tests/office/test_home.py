"""The start page counts what stopped on its way, and leads to the rows it counts."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from kundenkontor.billing.models import BillingRun
from kundenkontor.delivery.unfinished import SOON
from kundenkontor.events.actor import SYSTEM
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import month_end, utc_now
from tests.office.steps import desk
from tests.support.builders import TODAY, ada, alpenhost, bob, invoice_contact, issue
from tests.support.papers import plan_deliveries, render_invoices

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path / "files"


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def look(url: str) -> str:
    """A page of the office, a while later."""
    with time_machine.travel(utc_now() + 2 * SOON):
        return str(desk().get(url).content.decode())


def matters() -> dict[str, tuple[int, str]]:
    """How many, and where, by what it says."""
    page = look(reverse("office:home"))
    rows = re.findall(r'<a class="kk-row-link" href="([^"]*)">([^<]*)</a></th><td[^>]*>.*?(\d+)\s*</', page, re.S)
    return {words: (int(count), url.replace("&amp;", "&")) for url, words, count in rows}


def test_a_document_without_files_is_counted_where_no_job_waits_for_it() -> None:
    invoice = issue(ada(alpenhost()))
    issue(bob(invoice.seller))
    assert "Documents should have their files by now" not in matters()  # its job waits
    forget_jobs()
    render_invoices([Invoice.objects.exclude(pk=invoice.pk).get().pk], on=TODAY, actor=SYSTEM)
    forget_jobs()

    count, url = matters()["Documents should have their files by now"]
    listed = look(url)
    assert count == listed.count('class="kk-row-link"') == 1 and invoice.number in listed


def test_a_planned_mail_that_did_not_go_is_counted() -> None:
    invoice = issue(ada(alpenhost()))
    invoice_contact(invoice.customer)
    plan_deliveries([invoice.pk], on=TODAY, actor=SYSTEM)
    render_invoices([invoice.pk], on=TODAY, actor=SYSTEM)
    count, url = matters()["Documents should be in the outbox by now"]
    assert count == 1 and invoice.number in look(url)


def test_a_month_that_nobody_billed_is_counted_and_a_job_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    seller = alpenhost()
    bob(seller)
    monkeypatch.setattr("kundenkontor.reactions.first_working_day", lambda *_: TODAY - timedelta(days=365))
    assert matters()["Sellers have not billed this month"] == (1, reverse("office:billing-runs"))
    today = desk().get(reverse("office:home")).wsgi_request.today  # type: ignore[attr-defined]
    run = {"billed_until": month_end(today), "started_by": SYSTEM.label, "state": "finished"}
    BillingRun.objects.create(seller=seller, created_at=utc_now(), **run)
    assert "Sellers have not billed this month" not in matters()
    forget_jobs()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args, attempts, priority, abort_requested)"
            " VALUES ('render', 'kundenkontor.render', 'failed', '{}', 3, 0, false)"
        )
    assert ProcrastinateJob.objects.count() == 1
    assert matters()["Background jobs have failed"] == (1, reverse("office:jobs") + "?state=failed")
