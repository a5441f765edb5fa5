"""What nobody needs any more is thrown away; what somebody may still need is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection

from kundenkontor.documents.commands import freeze_selection
from kundenkontor.documents.jobs import purge_selections
from kundenkontor.documents.models import DownloadSelection, StoredFile
from kundenkontor.imports.jobs import purge_uploads
from kundenkontor.imports.models import ImportUpload
from kundenkontor.kernel import limits
from kundenkontor.kernel.clock import utc_now
from kundenkontor.once.jobs import purge_submits
from kundenkontor.once.models import GivenAnswer
from kundenkontor.web.jobs import purge_counts, purge_sessions
from tests.support.builders import alpenhost

pytestmark = pytest.mark.django_db


def test_previews_that_nobody_confirmed_go_after_a_week() -> None:
    seller, now = alpenhost(), utc_now()
    for days, state in ((8, "previewed"), (6, "previewed"), (30, "done")):
        ImportUpload.objects.create(
            seller=seller, state=state, uploaded_at=now - timedelta(days=days), uploaded_by=f"{days}"
        )

    purge_uploads()

    assert set(ImportUpload.objects.values_list("uploaded_by", flat=True)) == {"6", "30"}


def test_choices_of_downloads_go_after_a_week_with_the_texts_that_were_made_for_them() -> None:
    for days in (6, 8):
        freeze_selection(1, days, {"overview.csv": b"x"}, [])
        DownloadSelection.objects.filter(customer_id=days).update(created_at=utc_now() - timedelta(days=days))

    purge_selections()

    assert list(DownloadSelection.objects.values_list("customer_id", flat=True)) == [6]
    assert not StoredFile.objects.exists()


def test_a_login_that_chooses_without_end_fills_no_disk() -> None:
    for number in range(limits.SELECTIONS_OF_A_LOGIN + 3):
        freeze_selection(1, number, {"overview.csv": b"x" * 1000}, [])
    freeze_selection(2, 0, {"overview.csv": b"x"}, [])

    kept = DownloadSelection.objects.order_by("pk").values_list("user_id", "customer_id")
    assert list(kept) == [*((1, number) for number in range(3, limits.SELECTIONS_OF_A_LOGIN + 3)), (2, 0)]
    assert not StoredFile.objects.exists()


def test_keys_of_submits_go_after_a_month() -> None:
    now = utc_now()
    for days in (29, 31):
        GivenAnswer.objects.create(principal="login:1", key=f"{days}", created_at=now - timedelta(days=days))

    purge_submits()

    assert list(GivenAnswer.objects.values_list("key", flat=True)) == ["29"]


def test_sessions_that_ended_go_and_others_stay() -> None:
    for seconds in (3600, -3600):
        session = SessionStore()
        session.set_expiry(seconds)
        session.save()

    purge_sessions()

    assert Session.objects.count() == Session.objects.filter(expire_date__gt=utc_now()).count() == 1


def test_counts_of_tries_go_when_their_time_is_over() -> None:
    cache.clear()
    cache.set("over", 1, timeout=-5)
    cache.set("counted", 1, timeout=60)

    purge_counts()

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        assert cursor.fetchall() == [(":1:counted",)]
