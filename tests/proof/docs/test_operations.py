"""The commands of docs/operations, typed as they stand there, on a machine that has nothing of ours."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import psycopg
import pytest

from tests.proof.docs.blocks import OPERATIONS, blocks_of, fenced
from tests.proof.docs.machine.clean import Machine, clean_machine, what_is_missing, what_is_refused
from tests.proof.docs.populating import SCRIPT

HOST = "kunden.example.com"
PAGES = "curl --silent --show-error --cacert /etc/ssl/kundenkontor/fullchain.pem"
PAGES += f" --resolve {HOST}:443:127.0.0.1 --resolve {HOST}:80:127.0.0.1"
HEALTHY = "curl --silent --retry 1200 --retry-delay 1 --retry-all-errors --retry-max-time {} --fail {}/health/"
LOCAL = "http://127.0.0.1:8000"
UNITS = ("kundenkontor", "kundenkontor-web", "kundenkontor-worker")
TABLES = ("invoicing_invoice", "ledger_posting", "events_event", "documents_storedfile")
FILES = "var/lib/kundenkontor/files"
TYPED_ELSEWHERE = {"install.md": "sh untested"}  # the container: nobody here has an engine


@pytest.fixture
def machine() -> Iterator[Machine]:
    reason = what_is_missing()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if refused := reason or what_is_refused():
        pytest.skip(refused)
    with clean_machine() as made:
        yield made


@pytest.mark.parametrize("document", [path.name for path in OPERATIONS.glob("*.md")])
def test_whatever_an_operator_types_is_run_by_these_tests(document: str) -> None:
    marks = {mark for mark, text in fenced(document)}
    assert marks <= {"sh run", TYPED_ELSEWHERE.get(document, "")}
    runs = {"install.md", "upgrade.md", "backup.md", "monitoring.md"}
    assert document in runs or "sh run" not in marks


@pytest.mark.slow
def test_install_upgrade_backup_and_restore_work_as_written(machine: Machine) -> None:
    install(machine)
    assert_reached_through_the_proxy_only_by_https(machine)
    assert_wrapper_takes_nothing_else(machine)
    machine.run("systemctl stop kundenkontor")
    machine.python(SCRIPT)
    upgrade(machine)
    machine.run("systemctl stop kundenkontor\nsudo kundenkontor worker --once")  # nothing changes from here on
    before, files = rows(machine), stored(machine)
    assert before["invoicing_invoice"] == 2
    assert len(files) >= 5

    back_up, bring_back, nightly, keep_keys, make_database, restore = blocks_of("backup.md")
    assert "Sealed by key" in machine.run(back_up)
    machine.run(nightly)
    machine.run(keep_keys)
    assert_missing_files_are_named(machine, bring_back)
    run_cron_line(machine, len(files))
    lose_everything(machine)
    machine.run(make_database)
    said = machine.run(restore)

    assert f"Restored: database and {len(files)} files" in said
    assert "✗" not in said
    assert "nothing is issued" in said
    after = rows(machine)
    assert after.pop("events_event") > before.pop("events_event")  # that it was restored
    assert after == before
    assert stored(machine) == files
    assert_app_role_is_bounded(machine)
    assert_healthy(machine)
    for block in blocks_of("monitoring.md"):
        machine.run(block)
    split_into_two_services(machine)
    restore_without_a_database_of_their_own(machine, restore)
    assert_damage_is_found(machine)


def install(machine: Machine) -> None:
    """Down to the page behind the proxy."""
    machine.fill_in(SECRET_KEY="k5" * 40, **machine.database_settings())
    user_and_source, program, *others, proxy, _ = blocks_of("install.md")
    machine.run(user_and_source)
    machine.install_packages()
    machine.run(program)
    said = "".join(machine.run(block) for block in others)
    assert f"https://{HOST}/zugang/" in said
    verified = machine.run(f"systemd-analyze verify {' '.join(f'/opt/kundenkontor/deploy/{u}.service' for u in UNITS)}")
    assert verified == ""
    assert_healthy(machine)
    assert "test is successful" in machine.run(proxy)


def assert_healthy(machine: Machine) -> None:
    """It answers on this machine, by plain HTTP and whatever name."""
    done = machine.call(HEALTHY.format(600, LOCAL))
    logs = "".join(path.read_text() for path in (machine.root / "var/log").glob("kundenkontor*.log"))
    assert (done.returncode, done.stdout) == (0, "ok\n"), logs


def assert_reached_through_the_proxy_only_by_https(machine: Machine) -> None:
    moved = machine.run(
        f"{PAGES} --output /dev/null --write-out '%{{http_code}} %{{redirect_url}}' http://{HOST}/a?b=c"
    )
    assert moved == f"301 https://{HOST}/a?b=c"
    forged = "-H 'X-Forwarded-Proto: http' -H 'X-Forwarded-For: 10.0.0.1'"
    for path, status in (("/account/login/", 200), ("/nowhere/", 404), ("/health/", 200)):
        head = machine.run(f"{PAGES} {forged} --head https://{HOST}{path}").lower()
        assert head.splitlines()[0].split()[1] == str(status)
        assert head.count("strict-transport-security: max-age=31536000") == 1
    page = machine.run(f"{PAGES} https://{HOST}/account/login/")
    style = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert style is not None and 'name="password"' in page
    assert machine.run(f"{PAGES} --fail https://{HOST}{style[1]}")


def assert_wrapper_takes_nothing_else(machine: Machine) -> None:
    """Values are taken as they stand, not run; a broken line and another user are refused in one sentence."""
    sender = machine.run(
        "printf 'MAIL_FROM=Über $(touch /tmp/run) <a@example.com>\\nLOG_LEVEL=\"LOUD\"' >> /etc/kundenkontor.env\n"
        "sudo kundenkontor verify 2>&1 || true"
    )
    assert "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'" in sender
    assert not (machine.root / "tmp/run").exists()
    refused = machine.call(
        "sed --in-place '$ d' /etc/kundenkontor.env; echo nonsense >> /etc/kundenkontor.env; sudo kundenkontor verify"
    )
    assert re.search(
        r"kundenkontor: /etc/kundenkontor.env, line \d+: neither NAME=value nor a comment.", refused.stderr
    )
    machine.run("sed --in-place '$ d' /etc/kundenkontor.env")
    other = machine.call("kundenkontor verify", "www-data")
    assert (other.returncode, other.stderr.count("\n")) == (1, 1)
    assert "sudo kundenkontor" in other.stderr


def upgrade(machine: Machine) -> None:
    for block in blocks_of("upgrade.md"):
        machine.run(block)
    assert_healthy(machine)


def assert_missing_files_are_named(machine: Machine, bring_back: str) -> None:
    path, *others = (machine.root / FILES).glob("??/??/*")
    name = f"files/{path.relative_to(machine.root / FILES)}"
    target = "/var/backups/kundenkontor/incomplete"
    path.unlink()

    refused = machine.call(f"sudo kundenkontor backup {target}")

    assert refused.returncode == 1
    assert name in refused.stderr and "--without-missing" in refused.stderr
    assert not (machine.root / target[1:]).exists()
    said = machine.run(f"sudo kundenkontor backup --without-missing {target}")
    assert name in said and f"database and {len(others)} files" in said
    machine.run(f"{bring_back}\nrm {target}")
    assert path.stat().st_mode & 0o007 == 0


def run_cron_line(machine: Machine, files: int) -> None:
    """The very line, as cron runs it: by sh, with next to nothing in its environment, and % is a line's end."""
    (line,) = re.findall(r"^[0-9*].*$", (machine.root / "etc/cron.d/kundenkontor").read_text(), re.M)
    *when, user, command = line.split(None, 6)
    assert len(when) == 5
    assert "%" not in command.replace("\\%", "")
    environment = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": user, "HOME": "/var/lib/kundenkontor"}
    quoted = command.replace("\\%", "%").replace("'", "'\\''")
    said = machine.run(f"exec sh -c '{quoted}'", user, **environment)
    found = re.search(r"^/(var/backups/kundenkontor/\d{4}-\d\d-\d\d\.tar): database and (\d+) files", said)
    assert found is not None and int(found[2]) == files
    assert (machine.root / found[1]).stat().st_mode & 0o077 == 0


def lose_everything(machine: Machine) -> None:
    """The disk with database and data folder is gone; roles, settings and backups are left."""
    machine.run(
        "systemctl stop kundenkontor; dropdb --force kundenkontor; find /var/lib/kundenkontor -mindepth 1 -delete"
    )
    machine.run("systemctl start kundenkontor || true")


def split_into_two_services(machine: Machine) -> None:
    machine.run(blocks_of("install.md")[-1])
    assert_healthy(machine)
    machine.run("systemctl disable --now kundenkontor-web kundenkontor-worker")


def restore_without_a_database_of_their_own(machine: Machine, restore: str) -> None:
    machine.run("sed --in-place '/^DATABASE_/d' /etc/kundenkontor.env; find /var/lib/kundenkontor -mindepth 1 -delete")

    said = machine.run(restore)

    assert "Restored: database and" in said
    assert "✗" not in said
    assert_healthy(machine)


def assert_app_role_is_bounded(machine: Machine) -> None:
    """After the restore the application has its rights again, and no more."""
    with machine.connect("app") as connection:
        assert connection.execute("SELECT count(*) FROM invoicing_invoice").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM invoicing_invoice")


def assert_damage_is_found(machine: Machine) -> None:
    """What the documents call the check finds a changed file; what is filled is not restored into."""
    newest = sorted((machine.root / "var/backups/kundenkontor").glob("*.tar"))[-1]
    refused = machine.call(f"sudo kundenkontor restore /{newest.relative_to(machine.root)}")
    assert refused.stderr.strip() == "Error: The database is not empty; a backup is restored into an empty one only."
    path = next((machine.root / FILES).glob("??/??/*"))
    path.chmod(0o600)
    path.write_bytes(b"x" * path.stat().st_size)
    assert machine.call("sudo kundenkontor verify").returncode == 1


def stored(machine: Machine) -> list[str]:
    return sorted(path.name for path in (machine.root / FILES).glob("??/??/*"))


def rows(machine: Machine) -> dict[str, int]:
    with machine.connect("owner") as connection:
        counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES}
        return {table: int(str(row[0])) for table, row in counts.items() if row}
