"""Fixtures of the office's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine


@pytest.fixture
def business_day() -> Iterator[None]:
    """It is noon of 23 November 2026, the day of the builders."""
    with time_machine.travel("2026-11-23T11:00:00Z", tick=True):
        yield
