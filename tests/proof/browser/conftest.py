"""The full table of pages takes minutes: it is made by ``make screenshots`` only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proof.browser import sample
from tests.proof.browser.sample import Sample
from tests.support.browser import WebServer
from tests.support.papers import render_pool


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "screenshots" in str(config.option.markexpr):
        return
    left_out = [item for item in items if item.get_closest_marker("screenshots")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def demo_server(web_server: WebServer, settings: object, tmp_path: Path) -> Iterator[tuple[WebServer, Sample]]:
    """The real server on a database with the demo provider."""
    settings.STORED_FILES_DIR = tmp_path / "files"  # type: ignore[attr-defined]
    try:
        yield web_server, sample.fill()
    finally:
        render_pool().close()
        render_pool.cache_clear()
