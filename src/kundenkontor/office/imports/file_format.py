"""What the two files look like: every column, and an empty file to fill in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenkontor.imports.reading.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS, Column
from kundenkontor.imports.words import COLUMNS, FILES
from kundenkontor.kernel.formats import is_german
from kundenkontor.web.components import Link
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.exports import csv_response

COLUMNS_OF: dict[str, tuple[Column, ...]] = {"customers": CUSTOMER_COLUMNS, "contracts": CONTRACT_COLUMNS}


@require_safe
@staff_permission("imports.read")
def import_format(request: StaffRequest) -> HttpResponse:
    """Every column of both files: its heads, whether it is needed, what may stand in it."""
    files = [
        (FILES[kind], reverse("office:import-template", args=[kind]), [_described(column) for column in columns])
        for kind, columns in COLUMNS_OF.items()
    ]
    crumbs = [Link(_("Imports"), reverse("office:imports")), Link(_("Format of the files"))]
    return render(request, "office/imports/format.html", {"files": files, "crumbs": crumbs})


def _described(column: Column) -> dict[str, Any]:
    return {
        "head": head_of(column),
        "others": ", ".join(name for name in (column.german, column.name, *column.also) if name != head_of(column)),
        "is_required": column.is_required,
        "limit": column.limit,
        "meaning": COLUMNS[column.name],
    }


def head_of(column: Column) -> str:
    """As the reader's language writes it."""
    return column.german if is_german(reader_language()) else column.name


@require_safe
@staff_permission("imports.read")
def import_template(request: StaffRequest, rows: str) -> HttpResponseBase:
    """A file with nothing but the first line, as the reader's spreadsheet opens it: UTF-8 with its mark."""
    if rows not in COLUMNS_OF:
        raise Http404
    return csv_response(f"{rows}.csv", [head_of(column) for column in COLUMNS_OF[rows]], [], reader_language())
