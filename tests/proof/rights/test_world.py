"""The populated database is one that the product itself finds in order."""

from __future__ import annotations

from kundenkontor.integrity import check_all
from tests.proof.rights.world import World


def test_the_populated_database_passes_every_check_of_verify(world: World) -> None:
    assert [finding for finding in check_all() if finding.count] == []
