"""Stored bytes: once, by hash, and never damaged without being seen."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from kundenkontor.documents.commands import store_file, store_files
from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import open_file, read_file, verify_file, verify_files
from kundenkontor.documents.storage import DirectoryStorage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.STORED_FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def test_bytes_are_stored_once_under_their_hash(files: Path) -> None:
    first, second = store_file(b"hello", "text/plain"), store_file(b"hello", "text/plain")
    assert first.pk == second.pk
    assert first.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert [path.name for path in files.rglob("*") if path.is_file()] == [first.sha256]
    assert (first.size, read_file(first), verify_file(first)) == (5, b"hello", True)


def test_a_batch_gives_rows_in_order_with_repeats() -> None:
    rows = store_files([(b"b", "text/plain"), (b"a", "text/plain"), (b"b", "text/plain")])
    assert [read_file(row) for row in rows] == [b"b", b"a", b"b"]
    assert StoredFile.objects.count() == 2


@pytest.mark.invariant("I-D1")
def test_a_changed_file_is_found_and_a_cut_one_is_not_served(files: Path) -> None:
    kept, changed, cut = store_files([(b"kept!", "a/b"), (b"right", "a/b"), (b"whole", "a/b")])
    for row, content in ((changed, b"wrong"), (cut, b"who")):
        path = DirectoryStorage(files).path(row.sha256)
        path.chmod(0o640)
        path.write_bytes(content)
    assert list(verify_files([kept, changed, cut])) == [changed, cut]
    with pytest.raises(FileDamaged):
        open_file(cut)


def test_a_missing_file_is_damaged() -> None:
    with pytest.raises(FileDamaged):
        open_file(StoredFile(sha256="0" * 64, size=1))


@pytest.mark.security("path traversal")
@pytest.mark.parametrize("text", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", ""])
def test_only_a_hash_becomes_a_path(files: Path, text: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        DirectoryStorage(files).path(text)


@pytest.mark.invariant("I-D1")
def test_the_row_of_a_stored_file_cannot_be_changed() -> None:
    row = store_file(b"x", "text/plain")
    with pytest.raises(DatabaseError), transaction.atomic():
        StoredFile.objects.filter(pk=row.pk).update(size=2)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_a_crash_while_writing_leaves_no_half_file(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("kundenkontor.documents.storage.os.rename", fail)
    with pytest.raises(OSError, match="disk full"):
        store_file(b"lost", "text/plain")
    assert not [path for path in files.rglob("*") if path.is_file()]
    assert not StoredFile.objects.exists()
