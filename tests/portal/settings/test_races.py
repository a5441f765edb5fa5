"""Customer and staff at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection

from kundenkontor.parties.commands import request_data_change
from kundenkontor.parties.customer_commands import decide_data_request
from kundenkontor.parties.errors import NoOpenRequest, NothingRequested
from kundenkontor.parties.models import CustomerDataRequest
from tests.support.builders import CLARA, TODAY, ada, alpenhost


@pytest.mark.commits
def test_a_wish_and_its_decision_never_wait_for_each_other() -> None:
    """Each locks the customer first; otherwise some of these end in a deadlock."""
    customer, rounds = ada(alpenhost()), 60

    def wish() -> None:
        for number in range(rounds):
            with suppress(NothingRequested):
                request_data_change(customer, country=("DE", "CH")[number % 2], vat_id="", on=TODAY, actor=CLARA)

    def decide() -> None:
        for _ in range(rounds):
            for open_wish in CustomerDataRequest.objects.filter(decided_at=None):
                with suppress(NoOpenRequest):
                    decide_data_request(open_wish, accept=True, on=TODAY, actor=CLARA)

    def work(what: Callable[[], None]) -> None:
        try:
            what()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(work, what) for what in (wish, decide, decide)]:
            done.result()
    assert CustomerDataRequest.objects.exists()
