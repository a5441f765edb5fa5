"""Products that a file names and nobody knows yet: made with the standard VAT nature, grouped by their code."""

from __future__ import annotations

from dataclasses import dataclass

_GROUPS = (
    ("domains", ("domain",)),
    ("ssl", ("ssl", "tls", "cert")),
    ("storage", ("storage", "backup", "speicher", "nas")),
    ("webhosting", ("webhosting", "hosting", "vserver", "server", "webspace")),
)


@dataclass(frozen=True, slots=True)
class NewProduct:
    """``group`` is one of Product.GROUPS; a domain is indivisible: a cut period costs as much as a whole one."""

    code: str
    name: str
    group: str
    is_divisible: bool


def new_product(code: str, name: str) -> NewProduct:
    """Guess the group from the code's beginning; what nobody recognises is an add-on."""
    group = guess_group(code)
    return NewProduct(code, name or code, group, is_divisible=group != "domains")


def guess_group(code: str) -> str:
    lower = code.lower()
    for group, beginnings in _GROUPS:
        if lower.startswith(beginnings):
            return group
    return "add_ons"
