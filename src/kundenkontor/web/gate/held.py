"""Rows that a form was compared with are what they were when it is saved, even for two who save at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase

MOST_READINGS = 10  # each more means that somebody else's change was saved in between

View = Callable[..., HttpResponseBase]


class ReadAnew(Exception):
    """A row was changed between its reading and its lock. Nothing is written yet, so the request begins again."""


def hold(rows: Iterable[Model]) -> None:
    """Lock rows until commit. Raises ReadAnew where one is not what was read; of one that is gone its command tells."""
    for row in rows:
        locked = type(row)._base_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
        columns = {field.attname for field in row._meta.concrete_fields} - row.get_deferred_fields()
        if locked is not None and any(getattr(row, column) != getattr(locked, column) for column in columns):
            raise ReadAnew()


def reading_anew(view: View) -> View:
    """Let a request begin again that raises ReadAnew: its form is then compared with what was saved meanwhile."""

    @wraps(view)
    def repeated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        for _ in range(MOST_READINGS - 1):
            try:
                return view(request, *args, **kwargs)
            except ReadAnew:
                for _name, uploads in request.FILES.lists():
                    for upload in uploads:
                        upload.seek(0)
        return view(request, *args, **kwargs)

    return repeated
