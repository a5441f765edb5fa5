"""Import in the office: upload, preview, confirm, past imports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils.translation import override

from kundenkontor.contracts.models import Contract
from kundenkontor.events.queries import business_date
from kundenkontor.imports.models import ImportRun, ImportUpload
from kundenkontor.imports.planning.plan import suggested_cut_over_date
from kundenkontor.imports.uploads.commands import (
    confirm_upload,
    end_stuck_uploads,
    purge_uploads,
    store_upload,
    take_in,
)
from kundenkontor.parties.models import Customer, Seller
from tests.office.steps import desk, submit
from tests.support import builders

DATA = Path(__file__).resolve().parents[2] / "data" / "import"


def upload(seller: Seller, folder: str, names: tuple[str, str] = ("customers.csv", "contracts.csv")) -> Any:
    files = [SimpleUploadedFile(name, (DATA / folder / name).read_bytes(), "text/csv") for name in names]
    values = {"seller": str(seller.pk), "cut_over_date": "01.12.2026", "next_invoice": "5000"}
    return submit(desk(), reverse("office:import-new"), customers=files[0], contracts=files[1], **values)


@pytest.mark.django_db
def test_the_preview_writes_nothing_and_names_every_bad_row() -> None:
    response = upload(builders.alpenhost(), "bad")
    page = desk().get(response.headers["Location"])
    assert page.context["chosen"] == "refused"
    assert all(page.context["words"](row).problems for row in page.context["shown"].rows)
    assert not Customer.objects.exists() and not ImportRun.objects.exists()
    new = desk().get(response.headers["Location"], {"show": "new", "page": "999"})
    assert new.context["shown"].rows and new.context["shown"].page == new.context["shown"].pages


@pytest.mark.commits
def test_a_confirmed_import_comes_in_by_the_worker_and_a_repeat_changes_nothing(
    work_off_jobs: Callable[[], None],
) -> None:
    seller = builders.alpenhost()
    response = upload(seller, "utf8")
    stored = ImportUpload.objects.get()

    submit(desk(), reverse("office:import-confirm", args=[stored.pk]))
    page = desk().get(response.headers["Location"])
    assert page.context["progress"]["poll_url"] == reverse("office:import-progress", args=[stored.pk])
    work_off_jobs()

    stored.refresh_from_db()
    assert (stored.state, stored.customers_file, stored.error) == ("done", None, "")
    counts = Customer.objects.count(), Contract.objects.count()
    assert all(counts)
    assert desk().get(response.headers["Location"]).headers["Location"] == reverse(
        "office:import", args=[stored.run_id]
    )
    assert desk().get(reverse("office:import-progress", args=[stored.pk])).context["progress"]["done_url"]
    again = upload(seller, "utf8")
    preview = desk().get(again.headers["Location"])
    assert {tab.label: tab.count for tab in preview.context["tabs"]}["new"] == 0
    assert "These files change nothing" in preview.content.decode()
    assert reverse("office:import-confirm", args=[ImportUpload.objects.latest("pk").pk]) not in preview.content.decode()
    assert (Customer.objects.count(), Contract.objects.count()) == counts


@pytest.mark.django_db
def test_counts_are_written_as_numbers_are() -> None:
    page = desk().get(upload(builders.alpenhost(), "utf8").headers["Location"])
    assert page.context["button"] == "Import 1,140 rows"


@pytest.mark.django_db
def test_files_are_thrown_away_or_taken_in_but_not_both() -> None:
    upload(builders.alpenhost(), "utf8")
    stored = ImportUpload.objects.get()
    submit(desk(), reverse("office:import-confirm", args=[stored.pk]))
    submit(desk(), reverse("office:import-discard", args=[stored.pk]))
    stored.refresh_from_db()
    assert stored.state == "waiting"


@pytest.mark.django_db
@pytest.mark.parametrize(("days_ago", "is_given", "is_kept"), [(8, False, False), (800, False, True), (8, True, True)])
def test_a_cut_over_date_is_taken_only_where_it_is_needed_or_given_and_the_preview_names_what_it_leaves_out(
    days_ago: int, is_given: bool, is_kept: bool
) -> None:
    seller = builders.alpenhost()
    builders.ada(seller)
    day, start = suggested_cut_over_date(business_date()), business_date() - timedelta(days=days_ago)
    head = "contract_number,customer_number,product_code,net_price,period,start_date"
    file = SimpleUploadedFile("contracts.csv", f"{head}\nV1,11001,web,100.00,yearly,{start}\n".encode(), "text/csv")
    values = {"seller": str(seller.pk), "cut_over_date": day.isoformat() if is_given else ""}

    response = submit(desk(), reverse("office:import-new"), contracts=file, **values)

    assert ImportUpload.objects.get().cut_over_date == (day if is_kept else None)
    page = desk().get(response.headers["Location"])
    assert ("100.00" in page.context["warning"]) == is_kept
    assert desk().get(reverse("office:import-new")).context["form"]["cut_over_date"].value() is None


@pytest.mark.django_db
def test_a_spreadsheet_is_refused_with_a_sentence() -> None:
    seller = builders.alpenhost()
    file = SimpleUploadedFile("customers.xlsx", b"PK\x03\x04" + b"0" * 100)
    response = submit(desk(), reverse("office:import-new"), customers=file, seller=str(seller.pk))
    assert response.status_code == 422 and response.context["form"].errors
    assert not ImportUpload.objects.exists()
    assert submit(desk(), reverse("office:import-new"), seller=str(seller.pk)).status_code == 422


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["auditor", "support"])
def test_who_may_not_import_uploads_nothing(role: str) -> None:
    assert submit(desk(role), reverse("office:import-new")).status_code == 403


@pytest.mark.django_db
def test_a_refused_import_says_why_in_the_language_of_whoever_looks() -> None:
    seller = builders.alpenhost()
    files = ("customers.csv", b"customer_number,company,country\nK1,Ada GmbH,AT\n"), None
    kept = store_upload(
        seller, *files, cut_over_date=None, next_numbers={"receipt": 5}, on=business_date(), actor=builders.CLARA
    )
    confirm_upload(kept, on=business_date(), actor=builders.CLARA)
    take_in(kept, on=business_date(), actor=builders.CLARA)

    kept.refresh_from_db()
    assert kept.state == "failed" and not Customer.objects.exists()
    with override("de"):
        assert "Nummernkreis" in kept.error
    with override("en"):
        assert "no number series" in kept.error


@pytest.mark.django_db
def test_the_files_of_a_refused_import_are_thrown_away_by_hand_or_after_a_week() -> None:
    for _ in range(2):
        upload(builders.alpenhost() if not Seller.objects.exists() else Seller.objects.get(), "utf8")
    by_hand, left = ImportUpload.objects.order_by("pk")
    ImportUpload.objects.update(state="failed")
    discard = reverse("office:import-discard", args=[by_hand.pk])
    assert discard in desk().get(reverse("office:import-preview", args=[by_hand.pk])).content.decode()
    submit(desk(), discard)
    assert list(ImportUpload.objects.all()) == [left]
    purge_uploads()
    assert ImportUpload.objects.exists()
    ImportUpload.objects.update(uploaded_at=left.uploaded_at - timedelta(days=8))
    purge_uploads()
    assert not ImportUpload.objects.exists()


@pytest.mark.django_db
def test_an_upload_whose_job_was_given_up_ends_after_a_day_and_says_why() -> None:
    upload(builders.alpenhost(), "utf8")
    stuck = ImportUpload.objects.get()
    submit(desk(), reverse("office:import-confirm", args=[stuck.pk]))
    end_stuck_uploads()
    assert ImportUpload.objects.get().state == "waiting"
    ImportUpload.objects.update(uploaded_at=stuck.uploaded_at - timedelta(hours=25))
    end_stuck_uploads()
    assert ImportUpload.objects.get().state == "waiting"  # its job waits in the queue

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    end_stuck_uploads()
    shown = desk().get(reverse("office:import-preview", args=[stuck.pk])).content.decode()
    assert "did not come to an end" in shown
    submit(desk(), reverse("office:import-discard", args=[stuck.pk]))
    assert not ImportUpload.objects.exists()
