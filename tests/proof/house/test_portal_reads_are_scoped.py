"""The portal names the customer in every query on a customer table; row-level security is its second wall only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from tests.proof.declared import portal_policies

PORTAL = Path(__file__).resolve().parents[3] / "src" / "kundenkontor" / "portal"
# a query is scoped by the customer, or by rows that were read for it
SCOPES = ("customer", "contract", "invoice", "charge", "original", "payment", "open_item", "item", "pk__in", "user_id")


def customer_models() -> set[str]:
    """The names of the models whose tables hold rows of customers."""
    return {model.__name__ for model in apps.get_models() if model._meta.db_table in portal_policies()}


def unscoped(tree: ast.AST, models: set[str]) -> Iterator[str]:
    """Every ``Model.objects.method(…)`` whose arguments name no scope, and every ``objects.all()``."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        manager = node.func.value
        if not (isinstance(manager, ast.Attribute) and manager.attr == "objects"):
            continue
        if not (isinstance(manager.value, ast.Name) and manager.value.id in models):
            continue
        named = [keyword.arg or "" for keyword in node.keywords]
        if node.func.attr in ("create", "bulk_create"):
            continue
        if not any(name.startswith(SCOPES) for name in named):
            yield f"line {node.lineno}: {ast.unparse(node)[:100]}"


@pytest.mark.invariant("I-A3")
def test_every_query_of_the_portal_on_a_customer_table_names_its_scope() -> None:
    models = customer_models()
    found = [
        f"{file.name} {place}"
        for file in sorted(PORTAL.rglob("*.py"))
        if "migrations" not in file.parts
        for place in unscoped(ast.parse(file.read_text()), models)
    ]
    assert found == []


@pytest.mark.invariant("I-A3")
def test_the_check_sees_a_query_without_scope() -> None:
    assert list(unscoped(ast.parse("Invoice.objects.all()\nInvoice.objects.get(pk=1)"), {"Invoice"}))
    assert not list(unscoped(ast.parse("Invoice.objects.filter(customer=request.customer)"), {"Invoice"}))


@pytest.mark.invariant("I-A3")
def test_only_the_policy_asks_for_roles() -> None:
    """Views declare a permission; none compares a role, which would be a second policy."""
    found = []
    for folder in ("portal", "office"):
        for file in sorted(PORTAL.with_name(folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Compare) and "request" in ast.unparse(node):
                    text = ast.unparse(node)
                    if ".staff_role" in text or "membership.role" in text:
                        found.append(f"{folder}/{file.name}:{node.lineno}: {text}")
    assert found == []
