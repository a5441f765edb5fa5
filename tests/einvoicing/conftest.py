from __future__ import annotations

from collections.abc import Iterator

import pytest

from kundenkontor.einvoicing.rules import OfficialRules


@pytest.fixture(scope="session")
def official_rules() -> Iterator[OfficialRules]:
    with OfficialRules() as rules:
        yield rules
