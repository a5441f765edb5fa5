"""Two who save one field within the same milliseconds: the second is asked, as if it had come later."""

from __future__ import annotations

import html
import re
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client

from tests.proof.invariants.threads import all_at_once
from tests.support.patience import CEILING, wait_until
from tests.web.test_edits import of_page, typed_of, world


@pytest.mark.commits
def test_of_two_who_save_one_field_at_the_same_moment_the_second_is_asked() -> None:
    """Both forms agree with what stands when they are read; the second waits for the first one's lock."""
    for case, (client, url, field, row, column, value) in world().items():
        mine, theirs = f"mine of {case}", {field: "theirs", column: value}

        answer = saved_while(row, theirs, client, url, typed_of(client, url) | {field: mine})

        assert getattr(answer, "status_code", answer) == 422, case
        assert re.search(f"“theirs”.*“{mine}”|„theirs“.*„{mine}“", html.unescape(answer.content.decode()))
        row.refresh_from_db()
        assert (getattr(row, field), getattr(row, column)) == ("theirs", value)
        assert client.post(url, of_page(client, url, answer)).status_code == 302
        row.refresh_from_db()
        assert (getattr(row, field), getattr(row, column)) == (mine, value)


def saved_while(row: Model, theirs: dict[str, Any], client: Client, url: str, mine: dict[str, str]) -> Any:
    """What a form is answered that is sent while another transaction has changed the row and not yet committed."""
    is_locked = threading.Event()

    def save_slowly() -> None:
        with transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(**theirs)
            is_locked.set()
            wait_until(somebody_waits, "the second, waiting for the lock")

    def save_meanwhile() -> Any:
        is_locked.wait(CEILING)
        return client.post(url, mine)

    told, answer = all_at_once([save_slowly, save_meanwhile])
    assert told is None
    return answer


def somebody_waits() -> bool:
    """For this connection; ``pg_stat_activity`` would not show who connected since this transaction began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))")
        return bool(cursor.fetchone()[0])
