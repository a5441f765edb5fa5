"""Which faults: the same for the same seed and tree, evenly over packages, then over kinds."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

from tests.proof.faults.changes import Fault, faults_in

PROJECT = Path(__file__).resolve().parents[3]
SOURCE = PROJECT / "src" / "kundenkontor"
LEFT_OUT = {"migrations", "locale", "build"}


def all_faults() -> dict[str, dict[str, list[Fault]]]:
    """Package → kind → every fault that can be planted in it."""
    found: dict[str, dict[str, list[Fault]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(SOURCE.rglob("*.py")):
        parts = file.relative_to(SOURCE).parts
        if not LEFT_OUT & set(parts):
            for fault in faults_in(file.relative_to(PROJECT), file.read_bytes()):
                found[parts[0].removesuffix(".py")][fault.kind].append(fault)
    return found


def draw(seed: int, count: int) -> list[Fault]:
    """Package by package in an order that is drawn; in each a kind, and of the kind a place."""
    chance = random.Random(seed)
    left = all_faults()
    drawn: list[Fault] = []
    while len(drawn) < count and left:
        for package in chance.sample(sorted(left), len(left)):
            kinds = left[package]
            kind = chance.choice(sorted(kinds))
            fault = chance.choice(kinds[kind])
            kinds[kind] = [one for one in kinds[kind] if one.line != fault.line or one.file != fault.file]
            if not kinds[kind]:
                del kinds[kind]
            if not kinds:
                del left[package]
            drawn.append(fault)
    return drawn[:count]
