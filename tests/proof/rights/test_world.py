"""The populated database is one that the product itself finds in order."""

from __future__ import annotations

from kundenkontor.integrity import check_all
from tests.proof.rights.world import World
from tests.support.builders import record_what_was_built
from tests.support.databases import undone

# the world makes its logins and one bank account as rows, without the commands that record them
BUILT_AS_ROWS = {"bank_accounts_are_as_saved", "logins_are_as_recorded"}


def test_the_populated_database_passes_every_check_of_verify(world: World) -> None:
    with undone():
        record_what_was_built()
        found = {finding.code for finding in check_all() if finding.count}
    assert found == BUILT_AS_ROWS
