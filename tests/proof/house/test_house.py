"""The rules of the house: no circles, desks keep to themselves, small folders, and a new desk is a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from kundenkontor.config.database.postgres import APP_ROLE, Cluster
from tests.proof.house.imports import SOURCE, between_folders, circle_in, graph_of
from tests.support.databases import cloned

TESTS = SOURCE.parents[1] / "tests"
OF_THE_WHOLE = ("proof", "support", "data")
LARGEST_FOLDER = 20
FLAT_UP_TO = 15
GENERATED = ("migrations", "vendor")
FACES = ("office", "portal")
# who imports from whom among the desks and areas, and why
EXCEPTIONS = {
    ("office", "customers", "billing"): "a customer's page says why billing left the customer out",
}


def test_files_import_each_other_in_no_circle() -> None:
    assert circle_in(graph_of()) == []


def test_folders_import_each_other_in_no_circle() -> None:
    graph = graph_of()
    parents = {""} | {name.rpartition(".")[0] for name in graph}
    circles = {parent: circle_in(between_folders(graph, parent)) for parent in sorted(parents)}
    assert [parent for parent, circle in circles.items() if circle] == []


def test_a_circle_is_seen() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert not circle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()})


@pytest.mark.parametrize("face", FACES)
def test_desks_and_areas_keep_to_themselves(face: str) -> None:
    """What two of them need stands beside them (``desk/``, or the face's own folder), or below."""
    graph = graph_of()
    rooms = {path.name for path in (SOURCE / face).iterdir() if (path / "urls.py").exists()}
    assert len(rooms) >= 5
    crossing = {
        (face, room, other): sorted(name for name in graph if name.startswith(f"{face}.{room}."))
        for room, imported in between_folders(graph, face).items()
        for other in imported & rooms
        if room in rooms
    }
    assert set(crossing) == {one for one in EXCEPTIONS if one[0] == face}


def test_no_folder_is_crowded() -> None:
    """Of what people read and write; the catalogue has one fragment per package."""
    sizes = Counter(
        path.parent
        for base in (SOURCE, TESTS)
        for path in base.rglob("*")
        if path.suffix in (".py", ".html", ".sql", ".typ") and not set(path.parts) & set(GENERATED)
    )
    assert {folder.name: size for folder, size in sizes.items() if size > LARGEST_FOLDER} == {}


def test_a_package_past_fifteen_files_has_rooms() -> None:
    """But the command line, which is a list: one file per command, found by its name."""
    for package in set(SOURCE.iterdir()) - {SOURCE / "cli"}:
        if (package / "__init__.py").exists():
            assert len([file for file in package.glob("*.py") if file.name != "__init__.py"]) <= FLAT_UP_TO, package


def is_tested(folder: Path) -> bool:
    return any((TESTS / folder).rglob("test_*.py"))


def test_every_room_and_every_package_that_writes_has_its_tests() -> None:
    rooms = {file.parent.relative_to(SOURCE) for face in FACES for file in (SOURCE / face).glob("*/urls.py")}
    writing = {Path(found.relative_to(SOURCE).parts[0]) for found in SOURCE.rglob("commands*")}
    assert len(rooms) >= 15 and len(writing) >= 15
    assert sorted(str(folder) for folder in rooms | writing if not is_tested(folder)) == []


def test_a_folder_of_tests_bears_the_name_of_what_it_tests() -> None:
    folders = {file.parent.relative_to(TESTS) for file in TESTS.rglob("test_*.py")}
    mirrored = [folder for folder in folders if folder.parts and folder.parts[0] not in OF_THE_WHOLE]
    assert len(mirrored) >= 40
    assert [str(one) for one in mirrored if not ((SOURCE / one).is_dir() or (SOURCE / f"{one}.py").exists())] == []


@dataclass(frozen=True)
class Room:
    """A desk or an area that a newcomer adds: in its face, its line of the policy, and who sees it and who does not."""

    face: str
    decorator: str
    groups: str
    group: str
    policy_line: str
    sees: str
    does_not: str


ROOMS = {
    "desk": Room(
        "office", "staff_permission", "from kundenkontor.office.desk.groups import GROUPS", 'GROUPS["control"]',
        "ADMINISTRATION = frozenset({",
        'desk("administrator")', 'desk("support")',
    ),
    "area": Room(
        "portal", "customer_permission", "", '""', '"owner": frozenset({',
        'client_of(login("ada", huber))', 'client_of(login("rita", huber, role="reader"))',
    ),
}  # fmt: skip
URLS = '''"""Routes and navigation of greetings."""

from django.urls import path

from kundenkontor.{face}.greetings import screens
from kundenkontor.web.areas import Entry
{groups}

NAVIGATION = [Entry(99, "Greetings", "{face}:greetings", "mail", "greetings.read", {group})]
urlpatterns = [path("", screens.greetings, name="greetings")]
'''
SCREENS = '''"""Saying hello."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kundenkontor.web.gate.policy import {decorator}


@{decorator}("greetings.read")
@require_safe
def greetings(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello")
'''
VISIT = """
import django
django.setup()
from django.urls import reverse
from tests.office.steps import desk
from tests.portal.builders import client_of, login
from tests.support.builders import ada, alpenhost
huber = ada(alpenhost())
sees, does_not = {sees}, {does_not}
address, start = reverse("{face}:greetings"), "/office/" if "{face}" == "office" else "/"
assert address == start + "greetings/"
assert sees.get(address).content == b"Hello"
assert f'href="{{address}}"' in sees.get(start).content.decode()
assert does_not.get(address).status_code == 403
assert address not in does_not.get(start).content.decode()
print("greeted")
"""


@pytest.mark.parametrize("kind", ROOMS)
def test_a_new_desk_or_area_is_a_folder_and_its_permission_line(
    kind: str, tmp_path: Path, cluster: Cluster, template: str
) -> None:
    room = ROOMS[kind]
    source = tmp_path / "src" / "kundenkontor"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    folder = source / room.face / "greetings"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Greetings."""\n')
    (folder / "urls.py").write_text(URLS.format(face=room.face, groups=room.groups, group=room.group))
    (folder / "screens.py").write_text(SCREENS.format(decorator=room.decorator))
    policy = source / "access" / "policy.py"
    before = policy.read_text()
    assert before.count(room.policy_line) == 1
    policy.write_text(before.replace(room.policy_line, f'{room.policy_line}"greetings.read", '))

    with cloned(cluster, template) as name:
        environment = os.environ | {
            "PYTHONPATH": f"{source.parent}{os.pathsep}{SOURCE.parents[1]}",
            "DJANGO_SETTINGS_MODULE": "tests.support.settings",
            "DATABASE_URL": cluster.url(APP_ROLE, name),
            "ALLOWED_HOSTS": "testserver",
        }
        visit = VISIT.format(face=room.face, sees=room.sees, does_not=room.does_not)
        done = subprocess.run(
            [sys.executable, "-c", visit], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0 and "greeted" in done.stdout, done.stderr
    assert circle_in(between_folders(graph_of(source), room.face)) == []
