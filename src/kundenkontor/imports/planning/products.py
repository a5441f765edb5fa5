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
    """``group`` is one of the catalogue's; a domain is indivisible: a cut period costs as much as a whole one."""

    code: str
    name: str
    group: str
    is_divisible: bool


def new_product(code: str, name: str) -> NewProduct:
    """Guess the group from code and name; what nobody recognises is an add-on."""
    group = guess_group(code, name)
    return NewProduct(code, name or code, group, is_divisible=group != "domains")


def guess_group(code: str, name: str) -> str:
    """By how the code begins, else the name; else a domain where either says so anywhere ("de-domain", ".de-Domain").

    A "Webhosting S with domain" begins with what it is.
    """
    texts = (code.lower(), name.lower())
    for text in texts:
        for group, beginnings in _GROUPS:
            if text.startswith(beginnings):
                return group
    return "domains" if any("domain" in text for text in texts) else "add_ons"
