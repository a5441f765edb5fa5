"""A process that runs money commands in children of its own and kills them at a statement; see ``Victims``."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Any

from tests.support.patience import CEILING

DONE, KILLED, FAILED = "done", "killed", "failed"


class Victims:
    """Talks to this file running as a program, which forks without threads or connections."""

    def __enter__(self) -> Victims:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.invariants.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=CEILING)
        self.process.stdout.close()

    def run(self, name: str, ids: dict[str, int], kill_at: int) -> tuple[str, list[str]]:
        """Run a scenario in a process that dies before its n-th statement. Returns how it ended, and the statements."""
        assert self.process.stdin is not None and self.process.stdout is not None
        order = {"name": name, "ids": ids, "kill_at": kill_at, "database": os.environ["DATABASE_URL"]}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer["outcome"], answer["statements"]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings")
    import django

    django.setup()
    import tests.proof.invariants.scenarios  # noqa: F401  # loaded before the fork

    known: set[str] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if order["name"] not in known and _is_warmed_up(order):
            known.add(order["name"])
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reader)
            _run(order, writer)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            said = pipe.read()
        _, status = os.waitpid(pid, 0)
        outcome = KILLED if os.WIFSIGNALED(status) else DONE if status == 0 else FAILED
        print(json.dumps({"outcome": outcome, "statements": said.splitlines()}), flush=True)


def _is_warmed_up(order: dict[str, Any]) -> bool:
    """Do it once and take it back, so that no child has to load what all of them need.

    False: whatever kept it from being done, the child will say; that the server was killed, for example.
    """
    from django.db import connection

    from tests.proof.invariants.scenarios import SCENARIOS
    from tests.support.databases import undone

    _point_at(order["database"])
    try:
        with undone():
            SCENARIOS[order["name"]].run(order["ids"])
    except Exception:
        return False
    finally:
        connection.close()
    gc.collect()
    gc.freeze()
    gc.disable()  # a child shares what its parent has, and lives too short for garbage
    return True


def _point_at(database: str) -> None:
    from urllib.parse import parse_qs, unquote, urlsplit

    from django.db import connection

    url = urlsplit(database)
    query = parse_qs(url.query)
    target = {"NAME": url.path[1:], "USER": url.username, "PASSWORD": unquote(url.password or "")}
    connection.settings_dict.update(target | {"HOST": query["host"][0], "PORT": query["port"][0]})


def _run(order: dict[str, Any], writer: int) -> None:
    from tests.proof.invariants.scenarios import SCENARIOS
    from tests.proof.invariants.statements import kill_this_process, striking_at

    _point_at(order["database"])
    try:
        with striking_at(order["kill_at"], kill_this_process) as seen:
            SCENARIOS[order["name"]].run(order["ids"])
        os.write(writer, "\n".join(seen).encode())
    except BaseException as error:
        os.write(writer, repr(error).encode())
        os._exit(1)


if __name__ == "__main__":
    main()
