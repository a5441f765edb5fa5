"""The ZIP of many stored PDFs over HTTP from the real web server, against plainly reading the same files, and against
a bare loop that sends them."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.figures import Figure, absolute, memory_mb, peak_memory_mb
from tests.proof.benchmarks.invoice_data import fill_invoices
from tests.proof.benchmarks.server import VAR, collect_static, fresh
from tests.support.browser import free_port

DOCUMENTS = int(os.environ.get("BENCH_FILES", "20000"))
ROUNDS = 3
PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Taken:
    """One download."""

    first_byte: float
    seconds: float
    size: int
    memory: float


def measure(cluster: Cluster) -> list[Figure]:
    shutil.rmtree(VAR / "files", ignore_errors=True)
    try:
        with fresh(cluster, "bench_zip"):
            collect_static()
            owners = fill_invoices(cluster, "bench_zip", DOCUMENTS + 2_000, small=1, large=DOCUMENTS, with_files=False)
            paths = store_documents(owners.large)
            address, cookie = prepare_download(owners.large)
            total = sum(path.stat().st_size for path in paths)
            plain, bare, taken = [], [], []
            with web_server() as (port, worker):
                fetch(port, "/rechnungen/", cookie, worker)
                for _ in range(ROUNDS):
                    plain.append(read_plainly(paths))
                    bare.append(read_sent(paths))
                    taken.append(fetch(port, address, cookie, worker))
    finally:
        shutil.rmtree(VAR / "files", ignore_errors=True)
    limit, sent = (total / min(seconds) / 1e6 for seconds in (plain, bare))
    best = max(one.size / one.seconds for one in taken) / 1e6
    first_byte, memory = min(one.first_byte for one in taken) * 1e3, max(one.memory for one in taken)
    return [
        Figure("ZIP over HTTP vs reading the files", DOCUMENTS, best, "MB/s", limit, best / limit, 0.4),
        Figure("ZIP over HTTP vs a bare loop of sendfile", DOCUMENTS, best, "MB/s", sent, best / sent, 0.55),
        Figure("a bare loop of sendfile vs reading the files", DOCUMENTS, sent, "MB/s", limit, sent / limit),
        absolute("ZIP: first byte", DOCUMENTS, first_byte, "ms", 50, "lower"),
        absolute("ZIP: memory growth of the web process", DOCUMENTS, memory, "MB", 32, "lower"),
    ]


def store_documents(customer_id: int) -> list[Path]:
    """Different bytes for each document of the customer, the size of a real invoice; returns the files."""
    from django.conf import settings

    from kundenkontor.documents.models import StoredFile
    from kundenkontor.documents.storage import DirectoryStorage
    from kundenkontor.invoicing.models import Invoice
    from kundenkontor.kernel.clock import utc_now
    from kundenkontor.papers.models import PaperFile
    from kundenkontor.printing.worker import make_documents
    from tests.printing import builders
    from tests.support.papers import key_of

    storage, now, paths, rows = DirectoryStorage(settings.STORED_FILES_DIR), utc_now(), [], []
    pdf = next(part for part in make_documents(builders.document(3).to_json()) if part.startswith(b"%PDF"))
    ids = list(Invoice.objects.filter(customer_id=customer_id).order_by("id").values_list("id", flat=True))
    for id_ in ids:
        content = pdf + b"%% %d\n" % id_
        sha256 = hashlib.sha256(content).hexdigest()
        path = storage.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        paths.append(path)
        rows.append(
            StoredFile(sha256=sha256, size=len(content), crc32=zlib.crc32(content), media_type="application/pdf",
                       created_at=now)
        )  # fmt: skip
    stored = StoredFile.objects.bulk_create(rows, batch_size=2000)
    PaperFile.objects.bulk_create(
        [
            PaperFile(customer_id=customer_id, **key_of(id_), kind="pdf", file=file, created_at=now)
            for id_, file in zip(ids, stored, strict=True)
        ],
        batch_size=2000,
    )
    return paths


def prepare_download(customer_id: int) -> tuple[str, str]:
    """What the reader's click on "whole period" does: a stored selection. Returns its address and a session."""
    from kundenkontor.access.models import User
    from kundenkontor.events.actor import SYSTEM
    from kundenkontor.invoicing.selecting.choice import Wish
    from kundenkontor.invoicing.selecting.commands import select_documents
    from kundenkontor.parties.models import Customer
    from kundenkontor.portal.invoices.overview import write_overview
    from tests.proof.benchmarks.billing_data import DUE
    from tests.proof.benchmarks.invoice_list import client_of

    client = client_of(customer_id)
    user = User.objects.get(memberships__customer_id=customer_id)
    customer = Customer.objects.get(pk=customer_id)
    selection = select_documents(customer, user, Wish("pdf"), write_overview, on=DUE, actor=SYSTEM)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return f"/rechnungen/download/{selection.pk}/", cookie


@contextmanager
def web_server() -> Iterator[tuple[int, int]]:
    """``kundenkontor serve`` with one worker process; gives its port and the worker's process id."""
    port = free_port()
    environment = os.environ | {"PORT": str(port)}
    server = subprocess.Popen([sys.executable, "-m", "kundenkontor.cli.main", "serve"], env=environment)
    try:
        _wait_for(port)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            urlopen(f"http://localhost:{port}/health/", timeout=30).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the web server did not start")


def fetch(port: int, address: str, cookie: str, worker: int) -> Taken:
    """Read the whole answer and throw it away."""
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    connection.connect()
    before, started = memory_mb(worker), time.perf_counter()
    connection.request("GET", address, headers={"Cookie": cookie})
    response = connection.getresponse()
    assert response.status == 200, (response.status, response.getheaders())
    size = len(response.read(1))
    first_byte = time.perf_counter() - started
    buffer = bytearray(PIECE)
    while count := response.readinto(buffer):
        size += count
    seconds = time.perf_counter() - started
    connection.close()
    return Taken(first_byte, seconds, size, peak_memory_mb(worker) - before)


def read_plainly(paths: list[Path]) -> float:
    """Seconds to read all files one after the other, with the same buffer."""
    buffer = memoryview(bytearray(PIECE))
    started = time.perf_counter()
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass
    return time.perf_counter() - started


def read_sent(paths: list[Path]) -> float:
    """Seconds in which a process sends all files over loopback, and this one throws the bytes away."""
    buffer = bytearray(PIECE)
    with socket.create_server(("localhost", 0)) as listener:
        command = [sys.executable, "-m", "tests.proof.benchmarks.bare_loop", str(listener.getsockname()[1])]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as sender:
            assert sender.stdin
            sender.stdin.write("\n".join(map(str, paths)).encode())
            sender.stdin.close()
            with listener.accept()[0] as connection:
                started = time.perf_counter()
                connection.sendall(b".")
                while connection.recv_into(buffer):
                    pass
                seconds = time.perf_counter() - started
    assert sender.returncode == 0
    return seconds
