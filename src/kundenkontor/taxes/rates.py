"""Standard VAT rates of member states and their parts since 2019: the seed of a table that staff maintain. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from kundenkontor.taxes.territories import AZORES, JUNGHOLZ_AND_MITTELBERG, MADEIRA

# country -> [(valid from, percent)], oldest first; a row holds until the next begins
STANDARD_RATES: dict[str, list[tuple[str, str]]] = {
    "AT": [("2019-01-01", "20")],
    "BE": [("2019-01-01", "21")],
    "BG": [("2019-01-01", "20")],
    "CY": [("2019-01-01", "19")],
    "CZ": [("2019-01-01", "21")],
    "DE": [("2019-01-01", "19"), ("2020-07-01", "16"), ("2021-01-01", "19")],
    "DK": [("2019-01-01", "25")],
    "EE": [("2019-01-01", "20"), ("2024-01-01", "22"), ("2025-07-01", "24")],
    "ES": [("2019-01-01", "21")],
    "FI": [("2019-01-01", "24"), ("2024-09-01", "25.5")],
    "FR": [("2019-01-01", "20")],
    "GR": [("2019-01-01", "24")],
    "HR": [("2019-01-01", "25")],
    "HU": [("2019-01-01", "27")],
    "IE": [("2019-01-01", "23"), ("2020-09-01", "21"), ("2021-03-01", "23")],
    "IT": [("2019-01-01", "22")],
    "LT": [("2019-01-01", "21")],
    "LU": [("2019-01-01", "17"), ("2023-01-01", "16"), ("2024-01-01", "17")],
    "LV": [("2019-01-01", "21")],
    "MT": [("2019-01-01", "18")],
    "NL": [("2019-01-01", "21")],
    "PL": [("2019-01-01", "23")],
    "PT": [("2019-01-01", "23")],
    "RO": [("2019-01-01", "19"), ("2025-08-01", "21")],
    "SE": [("2019-01-01", "25")],
    "SI": [("2019-01-01", "22")],
    "SK": [("2019-01-01", "20"), ("2025-01-01", "23")],
}
# of parts of a member state; see ``territories.RATE_AREAS``
AREA_RATES: dict[str, list[tuple[str, str]]] = {
    AZORES: [("2019-01-01", "18"), ("2021-07-01", "16")],  # Decreto Legislativo Regional n.º 15-A/2021/A
    MADEIRA: [("2019-01-01", "22")],  # art. 18.º n.º 3 CIVA, since 2012-04-01
    JUNGHOLZ_AND_MITTELBERG: [("2019-01-01", "19")],  # § 10 Abs. 4 UStG (AT), of sellers established there
}


class RateTable:
    """Rates by country (or part of one) and day; fast enough to be asked per line.

    The rows of a country are (first day, rate), oldest first; each holds until the next begins. None: no rate.
    """

    def __init__(self, rows: Mapping[str, Sequence[tuple[date, Decimal | None]]]) -> None:
        self._starts = {country: [start for start, _ in row] for country, row in rows.items()}
        self._rates = {country: [rate for _, rate in row] for country, row in rows.items()}

    def __call__(self, country: str, on: date) -> Decimal | None:
        starts = self._starts.get(country)
        if starts is None:
            return None
        index = bisect_right(starts, on) - 1
        return None if index < 0 else self._rates[country][index]
