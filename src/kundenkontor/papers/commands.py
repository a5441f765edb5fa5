"""Making the files of papers: once, from what is frozen, the same bytes for ever."""

from __future__ import annotations

import atexit
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import QuerySet

from kundenkontor.documents.commands import note_damage, store_files
from kundenkontor.documents.errors import FileDamaged
from kundenkontor.documents.models import DamagedFile, StoredFile
from kundenkontor.documents.queries import verify_file
from kundenkontor.events.actor import Actor
from kundenkontor.events.commands import Subject, record_events
from kundenkontor.events.names import FILE_MEND_ASKED, PAPER_MENDED, PAPER_RENDER_ASKED, PAPER_RENDERED
from kundenkontor.jobs.attempts import ERROR_LENGTH, RESTARTABLE, claim, give_up, next_attempt, put_off, restart
from kundenkontor.kernel.clock import utc_now
from kundenkontor.kernel.errors import DomainError
from kundenkontor.papers.errors import NoDocument, OtherBytes
from kundenkontor.papers.kinds import Frozen, Paper, PaperKind, ids_by_kind, kind_of
from kundenkontor.papers.models import PaperFile, RenderFailure
from kundenkontor.papers.queries import find_file
from kundenkontor.printing.errors import RenderingError
from kundenkontor.printing.pool import Rendered, RenderPool, time_for

BATCH = 100
PAUSES = [timedelta(minutes=minutes) for minutes in (2, 8, 18, 32)]
MEND_PAUSES = [timedelta(minutes=2), timedelta(minutes=20), *[timedelta(hours=6)] * 12]  # three days in all
MEND_LEASE = timedelta(minutes=30)
MEND_BATCH = 20
LEASE = timedelta(hours=4)  # more than a batch takes in which every paper runs out of time, twice
MEDIA_TYPES = {"pdf": "application/pdf", "xml": "application/xml"}
Made = dict[int, dict[str, str]]  # the hashes of new files by paper and kind of file


@cache
def render_pool() -> RenderPool:
    """The render processes of this process; started with the first paper, ended with it."""
    pool = RenderPool()
    atexit.register(pool.close)
    return pool


def render_papers(kind: PaperKind, ids: Sequence[int], *, on: date, actor: Actor) -> list[int]:
    """Make the files of those papers that have none, and return their ids.

    Failures go to RenderFailure, one row per paper, and stop nobody; what failed before is tried where it is due. No
    transaction is open while rendering, nor before.
    """
    made: list[int] = []
    missing = without_pdf(kind, ids)
    _forget_failures(kind, set(ids).difference(missing))
    for start in range(0, len(missing), BATCH):
        made += _render_batch(kind, missing[start : start + BATCH], on=on, actor=actor)
    return made


@transaction.atomic
def ask_for_files(papers: Sequence[Paper], *, on: date, actor: Actor) -> None:
    """Let the worker try again, now, to make the files of papers.

    Claimed ones too: the claim may be a dead worker's for hours, and a paper rendered twice keeps its first bytes.
    """
    for kind, ids in ids_by_kind((paper.kind, paper.id) for paper in papers).items():
        restart(RenderFailure.objects.filter(paper_kind=kind, paper_id__in=ids), states=(*RESTARTABLE, "claimed"))
    record_events(PAPER_RENDER_ASKED, [paper.subject() for paper in papers], actor=actor, on=on)


@transaction.atomic
def ask_again_for_failed(*, limit: int, on: date, actor: Actor) -> int:
    """Let the worker try again with what could not be rendered, the oldest first; return how many."""
    rows = RenderFailure.objects.order_by("pk").values_list("paper_kind", "paper_id")[:limit]
    papers = [paper for code, ids in ids_by_kind(rows).items() for paper in kind_of(code).find(ids)]
    ask_for_files(papers, on=on, actor=actor)
    return len(papers)


def without_pdf(kind: PaperKind, ids: Sequence[int]) -> list[int]:
    """Those of the papers that are not rendered yet, in order."""
    rendered = PaperFile.objects.filter(paper_kind=kind.code, paper_id__in=ids, kind="pdf")
    return sorted(set(ids) - set(rendered.values_list("paper_id", flat=True)))


def _forget_failures(kind: PaperKind, rendered: Collection[int]) -> None:
    """A failure that was noted after somebody who waits had the paper made is none."""
    if rendered:
        rows = RenderFailure.objects.filter(paper_kind=kind.code, paper_id__in=list(rendered)).order_by("pk")
        with transaction.atomic():
            locked = list(rows.select_for_update().values_list("pk", flat=True))  # in one order, as ``restart`` does
            RenderFailure.objects.filter(pk__in=locked).delete()


def _render_batch(kind: PaperKind, ids: Sequence[int], *, on: date, actor: Actor) -> list[int]:
    failed_before = RenderFailure.objects.filter(paper_kind=kind.code, paper_id__in=ids)
    taken = claim(failed_before, lease=LEASE, limit=BATCH)
    claimed = {row.paper_id: row for row in taken if not give_up(row, PAUSES)}
    waiting = set(failed_before.values_list("paper_id", flat=True)) - claimed.keys()
    failures: dict[int, RenderingError] = {}
    frozen = dict(_freeze(kind, [id_ for id_ in ids if id_ not in waiting], failures))
    rendered: list[Rendered] = []
    for answer in render_pool().render_many((str(id_), paper.to_json()) for id_, paper in frozen.items()):
        if answer.error is None:
            rendered.append(answer)
        else:
            failures[int(answer.key)] = answer.error
    made = _store(kind, [*rendered, *_xml_of_failed(frozen, failures)], on=on, actor=actor)
    _note_failures(kind, failures, claimed)
    return made


def _xml_of_failed(frozen: Mapping[int, Frozen], failures: Mapping[int, RenderingError]) -> list[Rendered]:
    """What cannot be set, or not now, has its XML all the same."""
    papers = ((str(id_), paper.to_json()) for id_, paper in frozen.items() if id_ in failures)
    return [answer for answer in render_pool().render_many(papers, only_xml=True) if answer.error is None]


def _freeze(kind: PaperKind, ids: Sequence[int], failures: dict[int, RenderingError]) -> Iterator[tuple[int, Frozen]]:
    """Together; where one paper cannot be frozen, each by itself, so that it stops nobody."""
    try:
        frozen = kind.freeze(ids)
    except Exception as error:  # whatever is wrong with one paper stops no other
        if len(ids) == 1:
            failures[ids[0]] = _as_refusal(error)
            if isinstance(error, FileDamaged):  # a picture, which comes from the backup
                note_damage([error.params["sha256"]])
            return
        for id_ in ids:
            yield from _freeze(kind, [id_], failures)
        return
    yield from frozen.items()


def _as_refusal(error: Exception) -> RenderingError:
    return error if isinstance(error, RenderingError) else RenderingError(f"{type(error).__name__}: {error}")


@transaction.atomic
def _store(kind: PaperKind, rendered: Sequence[Rendered], *, on: date, actor: Actor) -> list[int]:
    """Write the bytes, then the links; a paper that somebody else rendered meanwhile keeps its first bytes.

    Returns the papers that now have their PDF by this.
    """
    papers = {paper.id: paper for paper in kind.find([int(answer.key) for answer in rendered])}
    contents = [(int(answer.key), "pdf", answer.pdf) for answer in rendered if answer.pdf]
    contents += [(int(answer.key), "xml", answer.xml) for answer in rendered if answer.xml]
    files = store_files([(content, MEDIA_TYPES[name]) for _, name, content in contents])
    made = _link(kind, papers, [(id_, name) for id_, name, _ in contents], files)
    _forget_failures(kind, {id_ for id_, name, _ in contents if name == "pdf"})
    subjects = [papers[id_].subject(hashes) for id_, hashes in made.items()]
    record_events(PAPER_RENDERED, subjects, actor=actor, on=on)
    return [id_ for id_, hashes in made.items() if "pdf" in hashes]


def _link(
    kind: PaperKind, papers: dict[int, Paper], links: Sequence[tuple[int, str]], files: Sequence[StoredFile]
) -> Made:
    """Insert the links that do not exist."""
    rows = [(id_, papers[id_].customer_id, name, file.pk) for (id_, name), file in zip(links, files, strict=True)]
    if not rows:
        return {}
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO papers_paperfile"
            " (paper_kind, template_version, created_at, paper_id, customer_id, kind, file_id)"
            " SELECT %s, %s, %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[])"
            " ON CONFLICT DO NOTHING RETURNING paper_id, kind",
            [kind.code, kind.template_version, utc_now(), *columns],
        )
        new = set(cursor.fetchall())
    made: Made = {}
    for link, file in zip(links, files, strict=True):
        if link in new:
            made.setdefault(link[0], {})[link[1]] = file.sha256
    return made


def _note_failures(kind: PaperKind, failures: dict[int, RenderingError], claimed: dict[int, RenderFailure]) -> None:
    """Once more for those that were claimed; the first attempt of the others is counted here."""
    for id_ in failures.keys() & claimed.keys():
        put_off(claimed[id_], PAUSES, error=str(failures[id_]))
    fresh = kind.find(sorted(failures.keys() - claimed.keys()))
    rows = [
        RenderFailure(
            paper_kind=paper.kind,
            paper_id=paper.id,
            customer_id=paper.customer_id,
            number=paper.number,
            attempts=1,
            next_attempt_at=next_attempt(1, PAUSES),
            last_error=str(failures[paper.id])[:ERROR_LENGTH],
        )
        for paper in fresh
    ]
    RenderFailure.objects.bulk_create(rows, ignore_conflicts=True)


def render_now(kind: PaperKind, id_: int, name: str, *, on: date, actor: Actor) -> None:
    """Make the file of a paper for somebody who waits, before all bulk work; nothing happens if it exists.

    Who wants the XML does not wait for typesetting. What cannot be made is noted as a failure.
    """
    (paper,) = kind.find([id_])
    if find_file(paper, name) is not None:
        return
    try:
        xml, pdf = _render_one(kind, id_, name)
    except RenderingError as error:
        _store(kind, _xml_of_failed(dict(_freeze(kind, [id_], {})), {id_: error}), on=on, actor=actor)
        _note_failures(kind, {id_: error}, {})
    else:
        _store(kind, [Rendered(str(id_), pdf, xml)], on=on, actor=actor)


def _render_one(kind: PaperKind, id_: int, name: str) -> tuple[bytes, bytes]:
    """XML and PDF, or the XML alone where only that is wanted. Raises RenderingError."""
    failures: dict[int, RenderingError] = {}
    frozen = dict(_freeze(kind, [id_], failures))
    if id_ in failures:
        raise failures[id_]
    document = frozen[id_].to_json()
    return render_pool().render(document, timeout=2 * time_for(document), only_xml=name == "xml")


def mend_files(damaged: QuerySet[DamagedFile], *, on: date, actor: Actor) -> None:
    """Make those of the damaged files again that are due, where that gives the very bytes that were stored."""
    for row in claim(damaged.select_related("file"), lease=MEND_LEASE, limit=MEND_BATCH):
        if give_up(row, MEND_PAUSES):
            continue
        try:
            _mend(row.file, on=on, actor=actor)
        except DomainError as refusal:
            put_off(row, MEND_PAUSES, error=str(refusal))
        else:
            row.delete()


def _mend(file: StoredFile, *, on: date, actor: Actor) -> None:
    """Nothing happens to a file that is whole. Raises NoDocument, OtherBytes, RenderingError."""
    if verify_file(file):
        return
    link = PaperFile.objects.filter(file=file).first()
    if link is None:
        raise NoDocument()
    kind = kind_of(link.paper_kind)
    (paper,) = kind.find([link.paper_id])
    xml, pdf = _render_one(kind, link.paper_id, link.kind)
    content = xml if link.kind == "xml" else pdf
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise OtherBytes(number=paper.number)
    with transaction.atomic():
        store_files([(content, file.media_type)])
        record_events(PAPER_MENDED, [paper.subject({link.kind: file.sha256})], actor=actor, on=on)


@transaction.atomic
def ask_to_mend(*, on: date, actor: Actor) -> None:
    """Let the worker try again now with all damaged files: after the backup gave one back, for example."""
    rows = DamagedFile.objects.order_by("pk")
    subjects = [Subject(row.file_id) for row in rows]
    restart(rows, states=(*RESTARTABLE, "claimed"))
    record_events(FILE_MEND_ASKED, subjects, actor=actor, on=on)
