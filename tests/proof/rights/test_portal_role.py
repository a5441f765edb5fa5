"""Every statement with which a page of the portal reads rows of customers runs as the portal role (I-A3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.proof.declared import portal_policies
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME
from tests.proof.rights.reading import content_of
from tests.proof.rights.routes import all_routes
from tests.proof.rights.world import World

# whose login it is, and which customers it may choose, is asked before anything else
OF_THE_POLICY = re.compile(r'FROM "access_membership"')
# a file that may have to be made is looked up as the app role, after the document was found as the portal role
MADE_WHEN_ASKED = {"portal:invoice-pdf", "portal:invoice-xml"}


class Watch:
    """Notes statements on customer tables outside the portal role."""

    def __init__(self) -> None:
        self.is_portal = False
        self.statements: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "set_config('role'" in sql:
            self.is_portal = True
        elif sql.startswith("RESET ROLE"):
            self.is_portal = False
        elif not self.is_portal and is_about_customers(sql):
            self.statements.append(sql[:300])
        return execute(sql, params, many, context)


def is_about_customers(sql: str) -> bool:
    tables = (table for table in portal_policies() if f'"{table}"' in sql or f" {table} " in sql)
    return not OF_THE_POLICY.search(sql) and any(tables)


@pytest.mark.invariant("I-A1")
@pytest.mark.invariant("I-A3")
def test_every_page_of_the_portal_reads_customers_as_the_portal_role(world: World) -> None:
    client, wrong = client_of(world, BY_NAME["owner"]), []
    for route in all_routes():
        if route.access is None or route.access.kind != "customer" or "GET" not in route.methods:
            continue
        if route.name in MADE_WHEN_ASKED:
            continue
        watch = Watch()
        with connection.execute_wrapper(watch):
            content_of(client.get(route.url(world, "own")))
        wrong += [f"{route.address}: {statement}" for statement in watch.statements]
    assert not wrong, "\n".join(wrong)
