"""What portal tests share: files in a folder of the test, and no render process left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.papers import render_pool


@pytest.fixture(autouse=True)
def stored_files(settings: Any, tmp_path: Path) -> None:
    settings.STORED_FILES_DIR = tmp_path / "files"


@pytest.fixture(autouse=True, scope="module")
def no_pool_left() -> Iterator[None]:
    yield
    render_pool().close()
    render_pool.cache_clear()
