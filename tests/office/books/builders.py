"""Sellers, services and settings for returns, and the sums of returns as short rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from kundenkontor.invoicing.books.sums import ReturnSums, return_sums
from kundenkontor.invoicing.issuing.lines import DraftLine, ServicePeriod
from kundenkontor.parties.models import Seller, SellerTaxSetting
from kundenkontor.parties.seller_commands import declare_returns
from tests.support.books import check_books
from tests.support.builders import CLARA, alpenhost, line

Row = tuple[str, str, str, str]


def day(text: str) -> date:
    """ "5.11." of 2026, "5.11.27" of 2027."""
    parts = text.split(".")
    return date(2000 + int(parts[2] or 26), int(parts[1]), int(parts[0]))


def german(**changes: Any) -> Seller:
    seller = alpenhost(short_name="nordhost", name="Nordhost GmbH", country="DE", vat_id="DE136695976", **changes)
    return seller


def served(since: str, until: str, net: str = "100.00", **changes: Any) -> DraftLine:
    """A line for a service from a day to a day; at 19 % German VAT unless said otherwise."""
    values: dict[str, Any] = {"rate": Decimal(19), "country": "DE"} | changes
    return line(net, **values)._replace(period=ServicePeriod(day(since), day(until)))


def at(since: str, until: str, net: str = "100.00", **changes: Any) -> DraftLine:
    return served(since, until, net, **{"rate": Decimal(20), "country": "AT"} | changes)


def sums(seller: Seller, since: str, until: str = "") -> ReturnSums:
    found = check_books()
    assert not found, found
    return return_sums(seller.pk, seller.country, day(since), day(until or since))


def vat(seller: Seller, since: str, until: str = "") -> list[Row]:
    """Month, rate, net and VAT at home."""
    rows = [row for row in sums(seller, since, until).vat if row.category == "S"]
    return [(f"{row.month:%m/%y}", f"{row.rate:.0f}", str(row.base), str(row.tax)) for row in rows]


def corrections(seller: Seller, since: str, until: str = "") -> list[Row]:
    rows = sums(seller, since, until).corrections
    return [(f"{row.month:%m/%y}", f"{row.rate:.0f}", str(row.base), str(row.tax)) for row in rows]


def setting(seller: Seller, kind: str, since: str, *, applies: bool = True) -> None:
    SellerTaxSetting.objects.create(seller=seller, kind=kind, valid_from=day(since), applies=applies)


def declare(seller: Seller, until: str, on: str, kind: str = "vat") -> None:
    declare_returns(seller, kind, until=day(until), on=day(on), actor=CLARA)
