"""The shared vectors, in the folder named by KUNDENKONTOR_VECTORS (default: tests/data/vectors). No database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof.vectors.checks import CHECKS, Case

FOLDER = Path(os.environ.get("KUNDENKONTOR_VECTORS") or Path(__file__).parents[2] / "data" / "vectors")
FILES = sorted(FOLDER.glob("*.json"))
PURE_MODULES = (
    "kundenkontor.kernel.money",
    "kundenkontor.kernel.references",
    "kundenkontor.contracts.periods",
    "kundenkontor.invoicing.issuing.totals",
    "kundenkontor.invoicing.issuing.gross",
    "kundenkontor.taxes.rules",
    "kundenkontor.taxes.rates",
    "kundenkontor.taxes.territories",
    "kundenkontor.taxes.notes",
    "kundenkontor.taxes.vat_ids",
)
INVARIANTS = {"totals": "I-T1", "gross": "I-T1", "periods": "I-B1", "taxes": "I-T4"}


def cases() -> list[object]:
    """Every case of every file with a function; one skipped case, by name, for each file without."""
    found: list[object] = []
    for path in FILES:
        name = path.stem
        if name not in CHECKS:
            reason = f"{path.name}: its function does not exist yet"
            found.append(pytest.param(name, {}, id=name, marks=pytest.mark.skip(reason=reason)))
            continue
        marks = [pytest.mark.invariant(INVARIANTS[name])] if name in INVARIANTS else []
        listed = json.loads(path.read_text("utf-8"))["cases"]
        found += [pytest.param(name, case, id=f"{name}-{number}", marks=marks) for number, case in enumerate(listed)]
    return found


@pytest.mark.parametrize(("name", "case"), cases())
def test_a_vector_holds(name: str, case: Case) -> None:
    CHECKS[name](case)


def test_the_folder_holds_vectors() -> None:
    assert FILES, f"no *.json in {FOLDER}"


def test_the_arithmetic_runs_without_django() -> None:
    program = f"import sys, {', '.join(PURE_MODULES)}; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
