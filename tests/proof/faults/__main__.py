"""``python -m tests.proof.faults --seed 1 --count 40 --minutes 60``, or ``make faults``: what became of each fault."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from tests.proof.faults.changes import Fault
from tests.proof.faults.drawing import draw
from tests.proof.faults.equivalents import EQUIVALENTS
from tests.proof.faults.reaching import nearest_tests
from tests.proof.faults.trying import Outcome, copied, shown, try_fault

WANTED = 0.9


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--only", type=int, nargs="*", help="the numbers of some of the drawn faults")
    parser.add_argument("--show", action="store_true", help="print what is drawn and which tests would run first")
    return parser.parse_args()


def main() -> int:
    """Exit code 1 if fewer than nine of ten were caught."""
    arguments = _arguments()
    drawn = draw(arguments.seed, arguments.count)
    chosen = [(number, drawn[number - 1]) for number in arguments.only or range(1, len(drawn) + 1)]
    if arguments.show:
        for number, fault in chosen:
            print(f"{number:3} {shown(fault)}\n      {', '.join(nearest_tests(fault)[:3])}")
        return 0
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits none, nor would pytest
    outcomes = _tried(chosen, time.monotonic() + arguments.minutes * 60)
    caught = sum(bool(one.by) for one in outcomes)
    print(f"Seed {arguments.seed}: {len(outcomes)} faults, {caught} caught, {len(outcomes) - caught} survived.")
    return int(caught < WANTED * len(outcomes))


def _tried(chosen: list[tuple[int, Fault]], end: float) -> list[Outcome]:
    """Each has a fair share of the time that is left, so that one that survives takes it from nobody."""
    outcomes = []
    with copied() as copy:
        for done, (number, fault) in enumerate(chosen):
            seconds = (end - time.monotonic()) / (len(chosen) - done)
            outcome = try_fault(copy, fault, seconds)
            print(f"{number:3} {outcome}", flush=True)
            if not outcome.by and (reason := EQUIVALENTS.get(_key(fault))):
                print(f"          {reason}", flush=True)
            outcomes.append(outcome)
    return outcomes


def _key(fault: Fault) -> tuple[str, str, str]:
    return fault.file.relative_to(Path("src") / "kundenkontor").as_posix(), fault.function, fault.kind


if __name__ == "__main__":
    sys.exit(main())
