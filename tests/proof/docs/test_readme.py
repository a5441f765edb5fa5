"""The first ten minutes of both READMEs, done as they are written, from nothing to a paid and a cancelled invoice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kundenkontor import demo
from kundenkontor.access.commands import create_user
from kundenkontor.config.database.postgres import OWNER_ROLE, Cluster
from kundenkontor.events.actor import SYSTEM
from kundenkontor.events.queries import business_date
from kundenkontor.invoicing.models import Invoice
from tests.proof.docs.newcomer.reader import Reader
from tests.proof.docs.newcomer.steps import Step, steps_of
from tests.support.builders import alpenhost, record_what_was_built
from tests.support.patience import wait_until
from tests.support.processes import StartUp

READMES = {"de": ("README.de.md", "Die ersten zehn Minuten"), "en": ("README.md", "The first ten minutes")}


def seller_and_clerk() -> None:
    """All that the newcomer uses of the demo; filling the rest takes its time and is tested elsewhere."""
    alpenhost()
    clara = create_user("clara", email="clara@alpenhost.example", staff_role="clerk", on=business_date(), actor=SYSTEM)
    clara.set_password(demo.PASSWORD)
    clara.save(update_fields=["password"])
    record_what_was_built()


@pytest.mark.slow
@pytest.mark.commits
@pytest.mark.parametrize("language", READMES)
def test_the_first_ten_minutes_go_as_the_readme_says(
    language: str, cluster: Cluster, fresh_database: str, start_up: StartUp, tmp_path: Path
) -> None:
    seller_and_clerk()
    (tmp_path / ".venv").symlink_to(sys.prefix)
    database = {
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "DATABASE_OWNER_URL": cluster.url(OWNER_ROLE, fresh_database),
    }
    started = start_up(tmp_path / "var", **database)
    started.wait_until_ready()
    reader = Reader(f"{started.url}/", language, tmp_path)
    environment = {"PATH": os.environ["PATH"], "KUNDENKONTOR_VAR": str(tmp_path / "var"), **database}

    steps = list(steps_of(*READMES[language]))
    for step in steps:
        follow(step, reader, environment)

    assert len([step for step in steps if step.do == "press"]) > 40
    assert Invoice.objects.filter(type_code="381").exists()


def follow(step: Step, reader: Reader, environment: dict[str, str]) -> None:
    if step.do == "type":
        done = subprocess.run(step.what.split(), cwd=reader.folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{step.what}\n{done.stdout}\n{done.stderr}"
    elif step.do == "fill":
        reader.fill(step.what, step.value)
    elif step.do == "press":
        look_until(lambda: reader.may_press(step.what), reader, step)
        reader.press(step.what)
    else:
        look_until(lambda: reader.sees(step.what), reader, step)


def look_until(is_there: Callable[[], bool], reader: Reader, step: Step) -> None:
    """Look again and again, as long as the worker needs for it."""

    def looked() -> bool:
        if is_there():
            return True
        reader.reload()
        return is_there()

    try:
        wait_until(looked, step.what)
    except AssertionError as error:
        raise AssertionError(f"{step}\n{reader}") from error
