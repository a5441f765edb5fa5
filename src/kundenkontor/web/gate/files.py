"""Files of papers for readers of both faces: the stored bytes, or a page that says why they are not there yet."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render

from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import open_file
from kundenkontor.kernel.errors import DomainError
from kundenkontor.papers.errors import DocumentDamaged, DocumentNotMade, DocumentNotReady
from kundenkontor.papers.kinds import Paper
from kundenkontor.papers.waiting import file_for_reader
from kundenkontor.web.gate.later import ask_again
from kundenkontor.web.gate.requests import SignedInRequest

RELOAD_SECONDS = 4
LATER_SECONDS = 600


def serve_file(request: SignedInRequest, paper: Paper, name: str, *, is_inline: bool) -> HttpResponseBase:
    """The PDF or XML of a paper. Who may read it was asked before, behind row-level security."""
    try:
        stored = file_for_reader(paper, name, actor=request.actor)
    except DocumentNotReady as refusal:
        return being_made(request, refusal)
    except (DocumentNotMade, DocumentDamaged) as refusal:
        return _not_there(request, refusal, LATER_SECONDS)
    return _file_response(request, stored, f"{paper.number}.{name}", is_inline=is_inline)


def being_made(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """A page that loads itself again, without JavaScript too, until what is waited for is there."""
    return _not_there(request, refusal, RELOAD_SECONDS, reloads=True)


def _not_there(request: HttpRequest, refusal: DomainError, seconds: int, *, reloads: bool = False) -> HttpResponse:
    context = {"sentence": str(refusal), "reload_seconds": seconds if reloads else 0}
    return ask_again(request, render(request, "web/pages/being_made.html", context, status=503), seconds)


def _file_response(request: HttpRequest, stored: StoredFile, name: str, *, is_inline: bool) -> HttpResponseBase:
    """The stored bytes; a browser that has them already gets 304."""
    etag = f'"{stored.sha256}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(
        open_file(stored),
        as_attachment=not is_inline,
        filename=name,
        content_type=stored.media_type,
        headers={**headers, "Content-Length": str(stored.size)},
    )
