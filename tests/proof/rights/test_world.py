"""The populated database is one that the product itself finds in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from kundenkontor.events import seals
from kundenkontor.integrity import check_all
from tests.proof.rights.world import World


def test_the_populated_database_passes_every_check_of_verify(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "anchor_file", lambda: tmp_path / "anchors.log")  # the test processes share the real one
    assert [finding for finding in check_all() if finding.count] == []
