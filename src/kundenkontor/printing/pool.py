"""Render processes: spawned, recycled, one per core; a killed one costs nobody a document."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from queue import PriorityQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Self

from kundenkontor.printing.errors import PoolClosed, RenderingError, RenderTimedOut, WorkerLost
from kundenkontor.printing.process import RenderProcess

DOCUMENTS_PER_PROCESS = 500
TIMEOUT_SECONDS = 60.0
CHARACTERS_PER_SECOND = 20_000  # of a frozen paper, beyond that: a tenth of what a busy machine sets
_URGENT, _BULK, _STOP = range(3)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The answer for one key: either ``error`` is None, or ``xml`` and ``pdf`` are empty. No PDF was wished: it is
    empty too."""

    key: str
    pdf: bytes
    xml: bytes
    error: RenderingError | None = None


@dataclass(order=True, slots=True)
class _Task:
    urgency: int
    order: int
    document: str = field(compare=False, default="")
    only_xml: bool = field(compare=False, default=False)
    answer: Future[tuple[bytes, bytes]] = field(compare=False, default_factory=Future)


class RenderPool:
    """One thread per process keeps it fed. Safe to use from several threads; close it, or use ``with``."""

    def __init__(self, processes: int | None = None, *, documents_per_process: int = DOCUMENTS_PER_PROCESS) -> None:
        self._tasks: PriorityQueue[_Task] = PriorityQueue()
        self._order = count()
        self._size = processes or os.cpu_count() or 1
        self._limit = documents_per_process
        self._threads: list[Thread] = []
        self._processes: list[RenderProcess] = []
        self._start_lock = Lock()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def render(self, document: str, *, timeout: float = 20.0, only_xml: bool = False) -> tuple[bytes, bytes]:
        """XML and PDF of one frozen document (``to_json``), before all bulk work: somebody waits for it.

        Raise RenderTimedOut after ``timeout`` seconds, WorkerLost, or what the document is refused for.
        """
        task = self._submit(_URGENT, document, only_xml=only_xml)
        try:
            return task.answer.result(timeout)
        except TimeoutError:
            task.answer.cancel()
            raise RenderTimedOut(f"{timeout:g}") from None

    def render_many(self, documents: Iterable[tuple[str, str]], *, only_xml: bool = False) -> Iterator[Rendered]:
        """Render (key, frozen JSON) pairs in order; an error belongs to its key and stops nothing.

        Reads ahead only a few documents, so the input may be a stream of any length.
        """
        waiting: deque[tuple[str, _Task]] = deque()
        try:
            for key, document in documents:
                waiting.append((key, self._submit(_BULK, document, only_xml=only_xml)))
                if len(waiting) >= 4 * self._size:
                    yield _outcome(*waiting.popleft())
            while waiting:
                yield _outcome(*waiting.popleft())
        finally:
            for _, task in waiting:
                task.answer.cancel()

    def close(self) -> None:
        """End the processes after the document each is at; waiting ones are refused with PoolClosed."""
        with self._start_lock:
            self._is_closed = True
        for _ in self._threads:
            self._tasks.put(_Task(_STOP, next(self._order)))
        for thread in self._threads:
            thread.join()

    def process_ids(self) -> list[int]:
        """Of the processes now running, for whoever watches their memory."""
        return [process.process_id for process in list(self._processes) if process.process_id is not None]

    def _submit(self, urgency: int, document: str, *, only_xml: bool) -> _Task:
        self._start()
        task = _Task(urgency, next(self._order), document, only_xml)
        self._tasks.put(task)
        return task

    def _start(self) -> None:
        """With the first document: a pool that nobody uses costs nothing."""
        with self._start_lock:
            if self._is_closed:
                raise PoolClosed("closed")
            while len(self._threads) < self._size:
                thread = Thread(target=self._feed, name=f"render-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _feed(self) -> None:
        process = RenderProcess(self._limit)
        self._processes.append(process)
        while (task := self._tasks.get()).urgency != _STOP:
            if not task.answer.set_running_or_notify_cancel():
                continue
            if self._is_closed:
                task.answer.set_exception(PoolClosed("closed"))
                continue
            _work_off(process, task)
        process.stop()


def time_for(document: str) -> float:
    """Seconds that a paper may take: a long one is no hanging one."""
    return TIMEOUT_SECONDS + len(document) / CHARACTERS_PER_SECOND


def _work_off(process: RenderProcess, task: _Task) -> None:
    """A lost process may be an accident (out of memory, kill): try once more in a fresh one."""
    try:
        try:
            answer = process.render(task.document, time_for(task.document), only_xml=task.only_xml)
        except WorkerLost:
            answer = process.render(task.document, time_for(task.document), only_xml=task.only_xml)
    except Exception as error:  # it belongs to the caller, not to this thread
        task.answer.set_exception(error)
    else:
        task.answer.set_result(answer)


def _outcome(key: str, task: _Task) -> Rendered:
    try:
        xml, pdf = task.answer.result()
    except RenderingError as error:
        return Rendered(key, b"", b"", error)
    return Rendered(key, pdf, xml)
