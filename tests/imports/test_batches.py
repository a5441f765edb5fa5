"""An import writes in batches; in tests no batch would ever be full."""

from __future__ import annotations

import pytest

from kundenkontor.contracts.models import Contract
from kundenkontor.events.actor import SYSTEM
from kundenkontor.imports.writing.commands import import_files
from kundenkontor.parties.models import Customer, Seller
from tests.imports.conftest import TODAY
from tests.imports.test_changes import CONTRACT, CONTRACT_HEAD, CUSTOMER_HEAD


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_row_of_several_batches_is_written_and_counted(
    seller: Seller, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New rows and changed ones."""
    for name in ("INSERT_BATCH", "UPDATE_BATCH"):
        monkeypatch.setattr(f"kundenkontor.imports.writing.commands.{name}", size)
    said: list[tuple[str, int, int]] = []
    for street in ("Ring 1", "Ring 2"):
        said.clear()
        customers = [f"K{n},,Ada,Muster{n},,{street},1070,Wien,AT,,de,no,14" for n in range(5)]
        contracts = [CONTRACT.replace("V1,K1", f"V{n},K{n}").replace("alt", street) for n in range(5)]
        import_files(
            seller,
            "\n".join([CUSTOMER_HEAD, *customers]).encode(),
            "\n".join([CONTRACT_HEAD, *contracts]).encode(),
            cut_over_date=None,
            on=TODAY,
            actor=SYSTEM,
            progress=lambda step, done, total: said.append((step, done, total)),
        )
        steps = [*range(size, 5, size), 5]
        for step in ("customers", "contracts"):
            assert [one[1:] for one in said if one[0] == step] == [(done, 5) for done in steps]
        assert set(Customer.objects.values_list("street", flat=True)) == {street}
        assert sorted(Contract.objects.values_list("number", "description")) == [(f"V{n}", street) for n in range(5)]
