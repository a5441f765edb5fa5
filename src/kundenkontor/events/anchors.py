"""Where the chain stood, written outside the database: a rewritten chain shows, and so does an older database.

``anchors.log`` gets a line per hour and after each billing run, ``anchors.head`` is overwritten whenever something was
sealed. Both also name the last numbers given, so that staff know them after a restore. Copy the log elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from kundenkontor.events.models import EventSeal, Restoration, SealAnchor

PAUSE = timedelta(hours=1)
_LINE = re.compile(r"(\S+Z) (\d+) ([0-9a-f]{64})((?: \S+=\d+)*)")


class Anchor(NamedTuple):
    """``numbers``: the last place of each series, as ``<seller id>/<kind>/<year>``."""

    at: datetime
    sequence: int
    hash: str
    numbers: Mapping[str, int]

    def line(self) -> str:
        named = "".join(f" {series}={last}" for series, last in sorted(self.numbers.items()))
        return f"{self.at:%Y-%m-%dT%H:%M:%S.%fZ} {self.sequence} {self.hash}{named}"


class Place(NamedTuple):
    """An anchor as a file has it; ``where`` names the line."""

    where: str
    anchor: Anchor


def anchor_file() -> Path:
    """Copied elsewhere by backups, and by whoever wants to notice a superuser who reaches files, too."""
    return Path(settings.VAR_DIR) / "anchors.log"


def head_file() -> Path:
    """In no backup: it is newer than every one."""
    return Path(settings.VAR_DIR) / "anchors.head"


def read_line(text: str) -> Anchor | None:
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    try:
        at = datetime.fromisoformat(match[1])
    except ValueError:
        return None
    pairs = (entry.rpartition("=") for entry in match[4].split())
    return Anchor(at, int(match[2]), match[3], {series: int(last) for series, _, last in pairs})


def write_head(numbers: Mapping[str, int], *, now: datetime) -> None:
    """After the commit that sealed: a head ahead of the database always means that the database is older."""
    last = EventSeal.objects.order_by("-sequence").first()
    if last is not None:
        anchor = Anchor(now, last.sequence, bytes(last.hash).hex(), numbers)
        fresh = head_file().with_suffix(".new")
        _write(fresh, f"{anchor.line()}\n", "w")
        fresh.replace(head_file())


@transaction.atomic
def anchor_chain(numbers: Mapping[str, int], *, now: datetime) -> SealAnchor | None:
    """Write the end of the chain down, in the database and in the file beside it, if it has grown since.

    The line is written before the commit; where that fails, the next call makes the row that is missing.
    """
    _mend_last_line()
    last = EventSeal.objects.order_by("-sequence").first()
    if last is None or SealAnchor.objects.filter(sequence=last.sequence).exists():
        return None
    anchor = SealAnchor(sequence=last.sequence, hash=bytes(last.hash), anchored_at=now, numbers=dict(numbers))
    SealAnchor.objects.bulk_create([anchor])
    _write(anchor_file(), f"{_of_row(anchor).line()}\n", "a")
    return anchor


def is_due(now: datetime) -> bool:
    """Whether the last anchor is an hour old."""
    last = SealAnchor.objects.order_by("-sequence").values_list("anchored_at", flat=True).first()
    return last is None or now - last >= PAUSE


def complete_file() -> None:
    """After a restore: the backup took the file before the database, so rows may have followed since."""
    written = {place.anchor.line() for place in _places() if isinstance(place, Place)}
    rows = [_of_row(row).line() for row in SealAnchor.objects.order_by("sequence")]
    behind = "".join(f"{line}\n" for line in rows if line not in written)
    if behind:
        _write(anchor_file(), behind, "a")


def find_ahead() -> Anchor | None:
    """The newest anchor of the files that the chain does not reach, or contradicts: the database is of an older state.

    Looks at the two newest only; ``verify_anchors`` looks at all.
    """
    newest = [anchor for anchor in (_last_line(anchor_file()), _last_line(head_file())) if anchor]
    hashes = _hashes(newest)
    ahead = [one for one in newest if hashes.get(one.sequence) != one.hash]
    restorations = _restorations() if ahead else []
    return max((one for one in ahead if not _is_excused(one, restorations)), key=lambda one: one.at, default=None)


def last_agreed() -> int:
    """The last seal that the files and the database have in common."""
    anchors = [place.anchor for place in _places() if isinstance(place, Place)]
    hashes = _hashes(anchors)
    return max((one.sequence for one in anchors if hashes.get(one.sequence) == one.hash), default=0)


def verify_anchors() -> list[str]:
    """Compare table and files both ways, and each with the chain; return what is wrong."""
    rows = [_of_row(row) for row in SealAnchor.objects.order_by("sequence")]
    places = list(_places())
    findings = [f"{place} is no anchor" for place in places if isinstance(place, str)]
    hashes = _hashes([*rows, *(place.anchor for place in places if isinstance(place, Place))])
    findings += [f"anchor {row.sequence} contradicts the chain" for row in rows if hashes.get(row.sequence) != row.hash]
    written: set[str] = set()
    stored = {row.line() for row in rows}
    restorations = _restorations()
    for where, anchor in (place for place in places if isinstance(place, Place)):
        is_logged = where != head_file().name
        written.update({anchor.line()} if is_logged else ())
        if _is_excused(anchor, restorations):
            continue
        if hashes.get(anchor.sequence) != anchor.hash:
            findings.append(f"seal {anchor.sequence} is not the one in {where}")
        elif is_logged and anchor.line() not in stored:
            findings.append(f"{where} has no row in the database")
    return findings + [
        f"anchor {row.sequence} is not in {anchor_file().name}" for row in rows if row.line() not in written
    ]


def _places() -> Iterator[Place | str]:
    """Every line of both files; where it says nothing, only where it stands."""
    for file, name in ((anchor_file(), "line {} of " + anchor_file().name), (head_file(), head_file().name)):
        lines = file.read_text("ascii", "replace").splitlines() if file.exists() else []
        for number, text in enumerate(lines, 1):
            anchor = read_line(text)
            where = name.format(number)
            yield where if anchor is None else Place(where, anchor)


def _hashes(anchors: Iterable[Anchor]) -> dict[int, str]:
    """What the chain has at the places of the anchors."""
    seals = EventSeal.objects.filter(sequence__in={anchor.sequence for anchor in anchors})
    return {sequence: bytes(hash_).hex() for sequence, hash_ in seals.values_list("sequence", "hash")}


def _stands(anchor: Anchor) -> bool:
    return _hashes([anchor]).get(anchor.sequence) == anchor.hash


def _restorations() -> list[tuple[int, datetime]]:
    return list(Restoration.objects.values_list("sequence", "noted_at"))


def _is_excused(anchor: Anchor, restorations: list[tuple[int, datetime]]) -> bool:
    """Written before a restoration about what came after the state that was restored."""
    return any(anchor.sequence > sequence and anchor.at <= noted_at for sequence, noted_at in restorations)


def _of_row(row: SealAnchor) -> Anchor:
    return Anchor(row.anchored_at, row.sequence, bytes(row.hash).hex(), row.numbers)


def _mend_last_line() -> None:
    """A line whose row was not committed names a seal that was: only then the row is made."""
    last = _last_line(anchor_file())
    if last and _stands(last) and not SealAnchor.objects.filter(sequence__gte=last.sequence).exists():
        SealAnchor.objects.bulk_create(
            [
                SealAnchor(
                    sequence=last.sequence,
                    hash=bytes.fromhex(last.hash),
                    anchored_at=last.at,
                    numbers=dict(last.numbers),
                )
            ]
        )


def _last_line(file: Path) -> Anchor | None:
    """Without reading the whole: issuing asks, too."""
    if not file.exists():
        return None
    with file.open("rb") as opened:
        opened.seek(max(opened.seek(0, os.SEEK_END) - 64 * 1024, 0))
        lines = opened.read().decode("ascii", "replace").splitlines()
    return next((anchor for line in reversed(lines) if (anchor := read_line(line))), None)


def _write(file: Path, text: str, mode: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open(mode, encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
