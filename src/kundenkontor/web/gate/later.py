"""Answers that are expected to be asked for again, and are no fault of ours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response


def ask_again(request: HttpRequest, answer: HttpResponse, seconds: int) -> HttpResponse:
    """Say after how long. Django would log every 503 as an error; who watches the log would be woken for a PDF."""
    answer.headers["Retry-After"] = str(seconds)
    log_response("%s: %s", answer.reason_phrase, request.path, response=answer, request=request, level="info")
    return answer
