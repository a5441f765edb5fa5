"""Which faults: the same for the same seed and tree, evenly over packages, then over kinds."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from functools import partial
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
    """Package by package; in each a kind, and of the kind a place. Which one, a hash says, so that a change elsewhere
    in the source draws nothing else."""
    left = all_faults()
    drawn: list[Fault] = []
    for round_ in range(count):
        for package in sorted(left, key=partial(_lot, seed)):
            kinds = left[package]
            if kinds and len(drawn) < count:
                kind = min(kinds, key=partial(_lot, seed, package, round_))
                fault = min(kinds[kind], key=lambda one: _lot(seed, one.file, one.function, one.before, one.after))
                drawn.append(fault)
                kinds[kind] = [one for one in kinds[kind] if (one.file, one.function) != (fault.file, fault.function)]
                if not kinds[kind]:
                    del kinds[kind]
    return drawn


def _lot(*of: object) -> bytes:
    return hashlib.sha256("|".join(map(str, of)).encode()).digest()
