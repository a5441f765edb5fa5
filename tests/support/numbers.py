"""``--numbers feature`` and ``--numbers invariant``: which binding numbers the run has proved."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from tests.support.breakers import REPORT

FEATURES = [
    *(f"M{n}" for n in (*range(1, 45), 47, 48, 49, 63, 64, 65, 69, 70, 71, 72)),
    *(f"S{n}" for n in (17, 18, 19)),
]
INVARIANTS = [
    *("I-M1", "I-M2", "I-M3", "I-M5", "I-M8", "I-N1", "I-N2", "I-N3", "I-D1", "I-D2", "I-D3", "I-D4", "I-D5"),
    *("I-T1", "I-T2", "I-T3", "I-T4", "I-T5", "I-B1", "I-B2", "I-B3", "I-B4", "I-B5", "I-A1", "I-A3", "I-L1", "I-L2"),
]
EXPECTED = {"feature": FEATURES, "invariant": INVARIANTS}


class Numbers:
    """Collects outcomes by number in the controlling process; workers hand the numbers over with their reports."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.outcomes: dict[str, dict[str, str]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, number in report.user_properties:
            if name != self.kind:
                continue
            known = self.outcomes[str(number)].get(report.nodeid, "passed")
            self.outcomes[str(number)][report.nodeid] = report.outcome if report.outcome != "passed" else known

    def outcome_of(self, number: str) -> str:
        outcomes = set(self.outcomes.get(number, {}).values())
        if "failed" in outcomes:
            return "failed"
        return "passed" if "passed" in outcomes else "missing"

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section(f"{self.kind}s")
        lines = feature_lines(self) if self.kind == "feature" else invariant_lines(self)
        for line in lines:
            terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.kind == "feature":
            session.exitstatus = 0
        elif any(is_red(self, number) for number in INVARIANTS):
            session.exitstatus = 1


def feature_lines(numbers: Numbers) -> list[str]:
    return [
        f"{number} {numbers.outcome_of(number)} {' '.join(sorted(numbers.outcomes.get(number, {})))}".strip()
        for number in FEATURES
    ]


def breaker_lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in REPORT.read_text().splitlines()] if REPORT.exists() else []


def never_hit(number: str) -> list[str]:
    """Money commands of which a statement was never hit by this invariant's breakers."""
    return [
        f"{line['command'] or line['test']}: {line['statements_hit']} of {line['statements_total']} statements"
        for line in breaker_lines()
        if line["invariant"] == number and line["statements_hit"] < line["statements_total"]
    ]


def is_red(numbers: Numbers, number: str) -> bool:
    return numbers.outcome_of(number) != "passed" or bool(never_hit(number))


def invariant_lines(numbers: Numbers) -> list[str]:
    """``I-N1 passed 3 tests, threads 16, kills 40, statements 31 of 31``."""
    found = []
    for number in INVARIANTS:
        lines = [line for line in breaker_lines() if line["invariant"] == number]
        threads = max((line["threads"] for line in lines), default=0)
        kills, hit, total = (
            sum(line[key] for line in lines) for key in ("kills", "statements_hit", "statements_total")
        )
        tests = sorted(numbers.outcomes.get(number, {}))
        head = f"{number} {numbers.outcome_of(number)} {len(tests)} tests"
        found.append(
            f"{head}, threads {threads}, kills {kills}, statements {hit} of {total}  {' '.join(tests)}".strip()
        )
        found += [f"  RED {reason}" for reason in never_hit(number)]
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--numbers", choices=sorted(EXPECTED), help="print which binding numbers this run proved")


def pytest_configure(config: pytest.Config) -> None:
    kind = config.getoption("--numbers")
    if kind and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Numbers(kind))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for kind in EXPECTED:
        for marker in item.iter_markers(kind):
            item.user_properties.extend((kind, number) for number in marker.args)
