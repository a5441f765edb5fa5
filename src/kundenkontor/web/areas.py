"""Desks of the office and areas of the portal: a folder with ``urls.py`` is one, nothing lists them by name."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from types import ModuleType
from typing import Any

from django.urls import URLPattern, URLResolver, include, path

from kundenkontor.web.addresses import address_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a face's navigation: shown to readers with ``permission``, sorted by ``order``, under ``group``.

    It leads towards its own address and what lies below; with ``whole_area`` towards all that lies beside it too.
    """

    order: int
    label: Any
    url_name: str
    icon: str
    permission: str
    group: Any = ""
    exact: bool = False
    whole_area: bool = False
    in_production: bool = True


def areas_of(face: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    """Name and ``urls`` of every folder of a face that has routes."""
    for found in pkgutil.iter_modules(face.__path__):
        name = f"{face.__name__}.{found.name}.urls"
        if found.ispkg and find_spec(name):
            yield found.name, import_module(name)


def routes_of(face: ModuleType) -> list[URLPattern | URLResolver]:
    """The routes of all areas, each under its ``PREFIX``, else under the name of its folder."""
    return [path(getattr(urls, "PREFIX", f"{name}/"), include(urls.urlpatterns)) for name, urls in areas_of(face)]


@cache
def entries_of(face: str) -> tuple[Entry, ...]:
    """The navigation of a face, in order: its own entries and those of its areas."""
    package = import_module(f"kundenkontor.{face}")
    modules = [import_module(f"kundenkontor.{face}.urls"), *(urls for _, urls in areas_of(package))]
    entries = [entry for urls in modules for entry in getattr(urls, "NAVIGATION", ())]
    return tuple(sorted(entries, key=lambda entry: entry.order))


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry ready for the template."""

    label: Any
    url: str
    icon: str
    is_current: bool


def _beside(url: str) -> str:
    return url[: url.rindex("/", 0, -1) + 1]


def navigation_of(
    face: str, permissions: frozenset[str], path: str, *, mode: str
) -> list[tuple[str, list[ShownEntry]]]:
    """What a reader sees of it, by group. Of the entries that lead towards ``path``, the nearest is current."""
    seen = [
        (entry, address_of(entry.url_name))
        for entry in entries_of(face)
        if (not entry.permission or entry.permission in permissions) and (entry.in_production or mode != "production")
    ]
    leading = [
        (path.startswith(url), len(url), url)
        for entry, url in seen
        if path == url or (not entry.exact and path.startswith(_beside(url) if entry.whole_area else url))
    ]
    current = max(leading, default=(False, 0, ""))[-1]
    return [
        (str(group), [ShownEntry(entry.label, url, entry.icon, url == current) for entry, url in found])
        for group, found in groupby(seen, key=lambda pair: pair[0].group)
    ]
