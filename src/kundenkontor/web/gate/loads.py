"""Heavy requests and long answers: who may send a large body, and how many downloads one login has at once."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Hashable
from threading import BoundedSemaphore, Lock
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from kundenkontor.access.policy import may
from kundenkontor.kernel import limits
from kundenkontor.web.gate.declared import access_of
from kundenkontor.web.gate.policy import ask_to_sign_in

GetResponse = Callable[[HttpRequest], HttpResponseBase]
ANYBODY = "anybody"  # all signed-out readers together


class Lane:
    """A number of places in this process, and how many of them one reader may have."""

    def __init__(self, places: int, of_one: int) -> None:
        self.places, self.of_one = places, of_one
        self._taken: Counter[Hashable] = Counter()
        self._lock = Lock()

    def enter(self, who: Hashable) -> bool:
        """Take a place, if there is one."""
        with self._lock:
            if self._taken.total() >= self.places or self._taken[who] >= self.of_one:
                return False
            self._taken[who] += 1
            return True

    def leave(self, who: Hashable) -> None:
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]


STREAMS = Lane(limits.STREAMS, limits.STREAMS_OF_A_LOGIN)
FILES = Lane(limits.FILES, limits.FILES_OF_A_LOGIN)
UPLOADS = BoundedSemaphore(limits.UPLOADS)


class BodyMiddleware:
    """413 for a body larger than a form's, before a byte of it is read, unless the route takes uploads from this login.

    Stands before the check of CSRF tokens, which reads the form.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            if getattr(request, "has_upload_place", False):
                UPLOADS.release()

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponseBase | None:
        if size_of_body(request) <= limits.BODY_BYTES:
            return None
        access = access_of(view)
        if access is None or not access.takes_uploads or size_of_body(request) > limits.UPLOAD_BYTES:
            return body_refused(request)
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        if not may(request.user, access.permission):
            return body_refused(request)
        if not UPLOADS.acquire(blocking=False):
            return too_many(request)
        request.has_upload_place = True  # type: ignore[attr-defined]
        return None


class StreamsMiddleware:
    """429 for a login that has many downloads open already, and for everybody while all places are taken."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.streaming:
            return response
        lane = FILES if isinstance(response, FileResponse) else STREAMS
        who = request.user.pk or ANYBODY
        closers: list[Callable[[], object]] = response._resource_closers  # type: ignore[attr-defined]
        if not lane.enter(who):
            for close in closers:  # not response.close(), which says that the request is over
                close()
            return too_many(request)
        # once, when it was sent or given up, or else when nobody knows it any more
        closers.append(weakref.finalize(response, lane.leave, who))
        return response


def size_of_body(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def body_refused(request: HttpRequest) -> HttpResponse:
    return render(request, "web/pages/413.html", status=413)


def too_many(request: HttpRequest) -> HttpResponse:
    answer = render(request, "web/pages/too_many_transfers.html", status=429)
    answer.headers["Retry-After"] = "30"
    return answer
