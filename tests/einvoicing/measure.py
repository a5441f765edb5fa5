"""Milliseconds per invoice of each step: ``python -m tests.einvoicing.measure``."""

from __future__ import annotations

import time
from collections.abc import Callable

from kundenkontor.einvoicing.checks import find_violations
from kundenkontor.einvoicing.cii import read_cii, write_cii
from kundenkontor.einvoicing.rules import OfficialRules
from kundenkontor.einvoicing.validation import xsd_errors
from tests.einvoicing.builders import collective


def measure(step: Callable[[], object], rounds: int) -> float:
    """The best of the rounds, in ms: the machine is shared, its noise only adds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - start)
    return best * 1000


def main() -> None:
    with OfficialRules() as rules:
        for count, rounds in ((1, 100), (20, 100), (600, 5)):
            invoice = collective(count)
            xml = write_cii(invoice)
            steps: dict[str, Callable[[], object]] = {
                "write": lambda invoice=invoice: write_cii(invoice),  # type: ignore[misc]
                "read": lambda xml=xml: read_cii(xml),  # type: ignore[misc]
                "checks": lambda invoice=invoice: find_violations(invoice),  # type: ignore[misc]
                "schema": lambda xml=xml: xsd_errors(xml),  # type: ignore[misc]
                "official": lambda xml=xml: rules.check(xml),  # type: ignore[misc]
            }
            figures = "  ".join(f"{name} {measure(step, rounds):8.2f}" for name, step in steps.items())
            print(f"{count:4} lines, {len(xml):8} bytes, ms: {figures}")


if __name__ == "__main__":
    main()
