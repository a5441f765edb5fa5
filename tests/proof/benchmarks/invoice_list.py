"""The portal's invoice list through the whole stack: session, policy, row-level security, filters, template."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.figures import Figure, percentile
from tests.proof.benchmarks.invoice_data import Owners, fill_invoices
from tests.proof.benchmarks.server import collect_static, fresh

if TYPE_CHECKING:
    from django.test import Client

FEW, MANY = 1_000, int(os.environ.get("BENCH_INVOICES", "1000000"))
SMALL, LARGE = 100, MANY // 20
REQUESTS, ROUNDS = 100, 5
ADDRESS = "/rechnungen/"


def measure(cluster: Cluster) -> list[Figure]:
    with fresh(cluster, "bench_list"):
        collect_static()
        owners = fill_invoices(cluster, "bench_list", FEW + SMALL, small=SMALL, large=1)
        client = client_of(owners.small)
        few = {place: seconds_of(client, address) for place, address in places(owners.small).items()}
        counts = {1: queries_of(client_of(owners.large), ADDRESS), 50: queries_of(client, ADDRESS)}
    with fresh(cluster, "bench_list"):
        owners = fill_invoices(cluster, "bench_list", MANY, small=SMALL, large=LARGE)
        figures = [figure for size, owner in sizes(owners) for figure in _compare(size, owner, few)]
    same = Figure("invoice list: queries for 50 rows and for 1", 50, counts[50], "queries", counts[1],
                  counts[50] / counts[1], 1, "lower")  # fmt: skip
    return [*figures, same]


def sizes(owners: Owners) -> list[tuple[int, int]]:
    return [(SMALL, owners.small), (LARGE, owners.large)]


def _compare(size: int, customer_id: int, few: dict[str, float]) -> list[Figure]:
    client = client_of(customer_id)
    found = []
    for place, address in places(customer_id).items():
        seconds = seconds_of(client, address)
        name = f"invoice list of {size}, {place} page, p95"
        found.append(Figure(name, MANY, seconds * 1e3, "ms", few[place] * 1e3, seconds / few[place], 1.3, "lower"))
    return found


def client_of(customer_id: int) -> Client:
    """Signed in as a login of the customer."""
    from django.test import Client

    from kundenkontor.access.models import Membership, User
    from kundenkontor.kernel.clock import utc_now

    user = User(username=f"bench-{customer_id}", created_at=utc_now())
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, customer_id=customer_id, role="owner")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def places(customer_id: int) -> dict[str, str]:
    """Addresses of the first page, and of the page in the middle as a reader who pages there gets it."""
    from django.core import signing

    from kundenkontor.invoicing.models import Invoice
    from kundenkontor.web.lists.paging import SALT

    ids = Invoice.objects.filter(customer_id=customer_id).order_by("-id").values_list("id", flat=True)
    middle = ids[ids.count() // 2 - 1]
    return {"first": ADDRESS, "middle": f"{ADDRESS}?after={signing.dumps([['-id'], [['', middle]]], salt=SALT)}"}


def seconds_of(client: Client, address: str) -> float:
    """p95 of a page; the best of some rounds, because other work on the machine only ever adds."""
    for _ in range(10):
        response = client.get(address)
        assert response.status_code == 200 and b"RE9" in response.content, response.status_code
    return min(percentile([_seconds(client, address) for _ in range(REQUESTS)], 0.95) for _ in range(ROUNDS))


def _seconds(client: Client, address: str) -> float:
    started = time.perf_counter()
    client.get(address)
    return time.perf_counter() - started


def queries_of(client: Client, address: str) -> int:
    """How many statements a page takes once everything is warm."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)
