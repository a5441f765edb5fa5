"""What an operator copies: the systemd units and the proxy's configuration."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
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
    assert f"ExecStart=/usr/local/bin/kundenkontor {command}\n" in unit
    assert "Environment" not in unit  # the wrapper alone knows the settings
    assert isinstance(main, Group) and main.get_command(Context(main), command) is not None
    assert PROTECTION.findall(unit) == PROTECTION.findall((ROOT / "deploy" / "kundenkontor.service").read_text())
    assert f"{name}.service" in (ROOT / "docs" / "operations" / "install.md").read_text()


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_each_unit_well_locked_in(name: str) -> None:
    """Its own rating: 0 is locked in, 10 is bare. What is left: the network, which mail and VAT ids need."""
    command = shutil.which("systemd-analyze")
    if command is None and os.environ.get("CI"):
        pytest.fail("systemd-analyze is missing")
    if command is None:
        pytest.skip("systemd-analyze is missing")
    unit = ROOT / "deploy" / f"{name}.service"
    rated = subprocess.run(
        [command, "security", "--offline=true", "--no-pager", "--threshold=20", unit], capture_output=True, text=True
    )
    assert rated.returncode == 0, rated.stdout[-300:]


def test_the_container_is_published_on_this_machine_only_and_locked_in() -> None:
    dockerfile, install = (ROOT / "Dockerfile").read_text(), (ROOT / "docs" / "operations" / "install.md").read_text()
    for text in (dockerfile, install):
        run = re.search(r"docker run(?:.*\\\n)*.*", text)
        assert run is not None
        for option in ("-p 127.0.0.1:8000:8000", "--cap-drop=ALL", "no-new-privileges", "--read-only", "--pids-limit"):
            assert option in run[0], option
    assert re.search(r"^USER (?!root)\w+$", dockerfile, re.M)


def test_the_proxy_buffers_limits_each_address_and_passes_on_nobodys_headers() -> None:
    shipped = (ROOT / "deploy" / "nginx.conf").read_text()
    for line in (
        "limit_conn ", "limit_req ", "X-Forwarded-For $remote_addr;", "X-Forwarded-Proto $scheme;",
        "proxy_buffering on;", "proxy_request_buffering on;", "return 301 https://",
    ):  # fmt: skip
        assert line in shipped
    assert "$http_x_forwarded" not in shipped and "$proxy_add_x_forwarded_for" not in shipped
    assert "BIND=0.0.0.0" not in (ROOT / "docs" / "operations" / "install.md").read_text()


def test_browsers_are_told_the_same_by_proxy_and_program() -> None:
    found = re.search(r'Strict-Transport-Security "max-age=(\d+)" always', (ROOT / "deploy" / "nginx.conf").read_text())
    settings = (ROOT / "src" / "kundenkontor" / "config" / "settings.py").read_text()
    assert found is not None and int(found[1]) == 365 * 24 * 3600
    assert "SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_PRODUCTION" in settings


def test_the_proxy_lets_an_import_of_two_largest_files_through() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", (ROOT / "deploy" / "nginx.conf").read_text())
    assert found is not None and int(found[1]) * 1024**2 > 2 * LARGEST_FILE
