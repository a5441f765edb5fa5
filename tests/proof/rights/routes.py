"""Every route of the product, and how its parameters are filled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kundenkontor.web.gate.declared import Access, access_of
from tests.proof.rights.world import MISSING, World

# exist in test mode only, for the browser tests of the components
TEST_ONLY = ("web_gallery", "web_gallery_progress")
# what a parameter may be that names no object of a customer
WORDS: dict[str, tuple[Any, ...]] = {
    "kind": ("pdf", "imprint", "invoice"),
    "rows": ("customers", "contracts"),
    "tab": ("documents",),
    "seller": ("alpenhost",),
    "index": (0,),
}
TOKENS = {"token": "x" * 43, "uidb36": "1", "key": f"abc123-{'0' * 32}"}  # well-formed, so that they are looked up
OBJECTS = ("own", "foreign", "other seller", "missing")
OWNERS = {"own": "ada", "foreign": "bob", "other seller": "cyd", "missing": "ada"}
# an object that is named in the body of a POST: route -> field, parameter, further fields
IN_BODY = {
    "switch_customer": ("customer", "customer_id", {}),
    "office:draft-new": ("customer", "customer_id", {}),
    "portal:select": ("invoice", "invoice_id", {"action": "pdf"}),
}
# where a parameter's name means something else: route -> parameter -> key of World.ids
ANOTHER_MEANING = {
    "office:mailbox-mail": {"mail_id": "demo_mail_id"},
    "office:mailbox-raw": {"mail_id": "demo_mail_id"},
    "office:mailbox-attachment": {"mail_id": "demo_mail_id"},
    "office:one-off-discard": {"item_id": "one_off_id"},
    "office:balance-offset": {"item_id": "balance_item_id"},
    "office:balance-refund": {"item_id": "balance_item_id"},
    "office:billing-run-recompute": {"run_id": "preview_id"},
    "office:billing-run-confirm": {"run_id": "preview_id"},
    "office:billing-run-discard": {"run_id": "preview_id"},
    "office:user-role": {"user_id": "staff_user_id"},
}


class UnknownParameter(Exception):
    """A route has a parameter that nobody taught the matrix to fill."""


@dataclass(frozen=True)
class Route:
    name: str
    address: str
    parameters: tuple[str, ...]
    access: Access | None
    methods: frozenset[str]

    def names_object_in(self, method: str) -> bool:
        """Whether a parameter, or a field of a POST, is the id of something that may belong to a customer."""
        in_address = any(one.endswith("_id") for one in self.parameters)
        return (method in ("GET", "POST") and in_address) or (method == "POST" and self.name in IN_BODY)

    def body(self, world: World, whose: str) -> dict[str, Any]:
        """The fields of a POST that name an object."""
        if self.name not in IN_BODY:
            return {}
        field, parameter, more = IN_BODY[self.name]
        return {field: fill(parameter, world, whose), **more}

    def url(self, world: World, whose: str) -> str:
        """Its address for an object: Ada's own, Bob's, Cyd's at another seller, or one that does not exist."""
        last: Exception | None = None
        for choice in range(max(len(values) for values in WORDS.values())):
            try:
                return reverse(self.name, kwargs=self._arguments(world, whose, choice))
            except UnknownParameter:
                raise
            except Exception as error:  # a word that this route does not take: try the next one
                last = error
        raise UnknownParameter(f"{self.name}: {self.parameters}") from last

    def _arguments(self, world: World, whose: str, choice: int) -> dict[str, Any]:
        keys = ANOTHER_MEANING.get(self.name, {})
        return {one: fill(keys.get(one, one), world, whose, choice) for one in self.parameters}


def fill(parameter: str, world: World, whose: str, choice: int = 0) -> Any:
    """The value of a route parameter."""
    if parameter in WORDS:
        values = WORDS[parameter]
        return values[min(choice, len(values) - 1)]
    if parameter in TOKENS:
        return TOKENS[parameter]
    owner = OWNERS[whose]
    if parameter not in world.ids[owner]:
        raise UnknownParameter(f"tests/proof/rights/world.py has no {parameter} to fill this route with")
    return MISSING if whose == "missing" else world.ids[owner][parameter]


def all_routes() -> list[Route]:
    """Sorted by address; the pages of test mode are left out."""
    found = [route for route in _walk(get_resolver(), "", "") if route.name not in TEST_ONLY]
    return sorted(found, key=lambda route: route.address)


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, address, inner)
        else:
            yield _route(pattern, address, namespace)


def _route(pattern: URLPattern, address: str, namespace: str) -> Route:
    shown = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", address)
    shown = "/" + shown.replace("^", "").replace("$", "").replace("\\", "")
    shown = re.sub(r"<(?:int|str|slug|path):", "<", shown)
    parameters = tuple(re.findall(r"<(\w+)>", shown))
    name = f"{namespace}{pattern.name}"
    return Route(name, shown, parameters, access_of(pattern.callback), methods_of(pattern.callback))


def methods_of(view: Callable[..., Any]) -> frozenset[str]:
    """What the decorators of a view (require_POST, require_safe …) or its class let through; empty: not declared."""
    found: list[set[str]] = []
    inner: Any = view
    while inner is not None:
        if hasattr(inner, "view_class"):
            of_class = inner.view_class
            found.append({one.upper() for one in of_class.http_method_names if hasattr(of_class, one)} - {"OPTIONS"})
        cells = zip(inner.__code__.co_freevars, inner.__closure__ or (), strict=True)
        found += [set(cell.cell_contents) for name, cell in cells if name == "request_method_list"]
        inner = getattr(inner, "__wrapped__", None)
    return frozenset(set.intersection(*found)) if found else frozenset()
