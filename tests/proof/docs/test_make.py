"""``make run`` as a newcomer may find it: a checkout with blanks in its path, a private umask, no locale."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

import pytest

from tests.proof.docs.machine.checkouts import install_packages, make_repository
from tests.support.browser import free_port
from tests.support.patience import CEILING, wait_until


@pytest.fixture
def checkout() -> Iterator[Path]:
    with TemporaryDirectory(prefix="kk make ", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "Mein Büro" / ("long name " * 12).strip()
        folder.mkdir(parents=True)
        make_repository(folder)
        install_packages(folder)
        yield folder


@pytest.mark.slow
def test_make_run_works_whatever_path_umask_and_locale(checkout: Path) -> None:
    run_make(checkout)
    run_make(checkout, LC_ALL="C")
    assert all(path.stat().st_mode & 0o077 == 0 for path in (checkout / "var").iterdir())


def run_make(checkout: Path, **locale: str) -> None:
    """Until the first page is there, then Ctrl-C."""
    port, output = free_port(), checkout.parent / "output.txt"
    # without demo data, which take their time and know nothing of paths
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "KUNDENKONTOR_MODE": "test", **locale}
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["make", "run"], cwd=checkout, env=environment, stdout=file, stderr=subprocess.STDOUT, umask=0o077,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or "is ready" in output.read_text(), "what make run promises")
        assert process.poll() is None, output.read_text()
        with urlopen(f"http://localhost:{port}/account/login/", timeout=CEILING) as page:
            assert "Anmelden" in page.read().decode()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=CEILING)
