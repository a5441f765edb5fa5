"""What an operator copies: the systemd units and the proxy's configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Context, Group

from kundenkontor.cli.main import main
from kundenkontor.office.imports.uploads import LARGEST_FILE

ROOT = Path(__file__).resolve().parents[3]
UNITS = {"kundenkontor": "up", "kundenkontor-web": "serve", "kundenkontor-worker": "worker"}
PROTECTION = re.compile(r"^(?:Protect|Private|Restrict|NoNew|Capability|Lock|System|UMask|User|State)\w*=.*$", re.M)


@pytest.mark.parametrize(("name", "command"), UNITS.items())
def test_each_unit_runs_one_command_as_its_own_user_and_equally_locked_in(name: str, command: str) -> None:
    unit = (ROOT / "deploy" / f"{name}.service").read_text()
    assert f"ExecStart=/opt/kundenkontor/.venv/bin/kundenkontor {command}\n" in unit
    assert isinstance(main, Group) and main.get_command(Context(main), command) is not None
    assert PROTECTION.findall(unit) == PROTECTION.findall((ROOT / "deploy" / "kundenkontor.service").read_text())
    assert f"{name}.service" in (ROOT / "docs" / "operations" / "install.md").read_text()


def test_the_proxy_lets_an_import_of_two_largest_files_through() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", (ROOT / "docs" / "operations" / "install.md").read_text())
    assert found is not None and int(found[1]) * 1024**2 > 2 * LARGEST_FILE
