"""The populated database is one that the product itself finds in order."""

from __future__ import annotations

import pytest
from django.db import InternalError, connection

from kundenkontor.integrity import check_all
from tests.proof.rights.world import World


def test_the_populated_database_passes_every_check_of_verify(world: World) -> None:
    assert [finding for finding in check_all() if finding.count] == []


def test_no_connection_but_that_of_the_test_writes_in_the_copy_that_tests_share(world: World) -> None:
    other = connection.copy()
    try:
        with pytest.raises(InternalError), other.cursor() as cursor:
            cursor.execute("UPDATE parties_customer SET phone = ''")
    finally:
        other.close()
