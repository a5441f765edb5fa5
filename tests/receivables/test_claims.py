"""The table of kinds of claims."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from django.db import connection

import kundenkontor
from kundenkontor.kernel.kinds import Item
from kundenkontor.ledger.models import ROLES
from kundenkontor.receivables.claims import CLAIMS, claims_sql

SOURCES = Path(kundenkontor.__file__).parent


def test_every_kind_that_a_document_leaves_is_a_claim_on_an_account_of_its_own() -> None:
    assert set(get_args(Item)) <= CLAIMS.keys()
    accounts = {claim.account.role for claim in CLAIMS.values()}
    assert len({(claim.account, claim.sign) for claim in CLAIMS.values()}) == len(accounts)
    assert accounts <= set(ROLES)


@pytest.mark.django_db
def test_statements_see_the_same_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.kind, c.sign, c.role FROM {claims_sql('c')}")
        rows = cursor.fetchall()
    assert rows == [(claim.code, claim.sign, claim.account.role) for claim in CLAIMS.values()]


def test_no_other_file_compares_a_kind_of_claim() -> None:
    """Whether it is owed to us or by us is asked of the table; a new kind is a row."""
    compared = re.compile(r"kind (=|!=|<>) ?'?\"?(receivable|balance)\b|kind=\"(receivable|balance)\"")
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*")
        if path.suffix in {".py", ".sql"} and "migrations" not in path.parts and compared.search(path.read_text())
    }
    assert found == set()
