"""The rules of the house: no circles, desks keep to themselves, small folders, and a new desk is a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kundenkontor.config.database.postgres import APP_ROLE, Cluster
from tests.proof.house.imports import SOURCE, between_folders, circle_in, graph_of
from tests.support.databases import cloned

LARGEST_FOLDER = 20
FLAT_UP_TO = 15
GENERATED = ("migrations", "vendor")
FACES = ("office", "portal")
SHARED = "desk"
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
        for base in (SOURCE, SOURCE.parents[1] / "tests")
        for path in base.rglob("*")
        if path.suffix in (".py", ".html", ".sql", ".typ") and not set(path.parts) & set(GENERATED)
    )
    assert {folder.name: size for folder, size in sizes.items() if size > LARGEST_FOLDER} == {}


def test_a_package_past_fifteen_files_has_rooms() -> None:
    for package in SOURCE.iterdir():
        if (package / "__init__.py").exists():
            assert len([file for file in package.glob("*.py") if file.name != "__init__.py"]) <= FLAT_UP_TO, package


URLS = '''"""Routes and navigation of greetings."""

from django.urls import path

from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.office.greetings import screens
from kundenkontor.web.areas import Entry

NAVIGATION = [Entry(99, "Greetings", "office:greetings", "mail", "greetings.read", GROUPS["control"])]
urlpatterns = [path("", screens.greetings, name="greetings")]
'''
SCREENS = '''"""Saying hello."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kundenkontor.web.gate.policy import staff_permission


@require_safe
@staff_permission("greetings.read")
def greetings(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello")
'''
VISIT = """
import django
django.setup()
from tests.office.steps import desk
anna, sam = desk("administrator"), desk("support")
assert anna.get("/office/greetings/").content == b"Hello"
assert 'href="/office/greetings/"' in anna.get("/office/").content.decode()
assert sam.get("/office/greetings/").status_code == 403
assert "/office/greetings/" not in sam.get("/office/").content.decode()
print("greeted")
"""


def test_a_new_desk_is_a_folder_and_its_permission_line(tmp_path: Path, cluster: Cluster, template: str) -> None:
    source = tmp_path / "src" / "kundenkontor"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    desk = source / "office" / "greetings"
    desk.mkdir()
    (desk / "__init__.py").write_text('"""Greetings."""\n')
    (desk / "urls.py").write_text(URLS)
    (desk / "screens.py").write_text(SCREENS)
    policy = source / "access" / "policy.py"
    policy.write_text(
        policy.read_text().replace("ADMINISTRATION = frozenset({", 'ADMINISTRATION = frozenset({"greetings.read", ')
    )

    with cloned(cluster, template) as name:
        environment = os.environ | {
            "PYTHONPATH": f"{source.parent}{os.pathsep}{SOURCE.parents[1]}",
            "DJANGO_SETTINGS_MODULE": "tests.support.settings",
            "DATABASE_URL": cluster.url(APP_ROLE, name),
            "ALLOWED_HOSTS": "testserver",
        }
        done = subprocess.run(
            [sys.executable, "-c", VISIT], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0 and "greeted" in done.stdout, done.stderr
    assert circle_in(between_folders(graph_of(source), "office")) == []
