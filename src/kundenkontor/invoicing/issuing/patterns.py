"""What document numbers look like. Pure."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from kundenkontor.invoicing.errors import PatternInvalid
from kundenkontor.kernel.kinds import DEFAULT_PATTERNS

_PATTERN = re.compile(r"([A-Z0-9]*)(\{year\})?([A-Z0-9]*)\{number(?::0([1-9]))?\}")
_ANY = "?"  # stands for any digit of a year
MAX_LENGTH = 21  # an RF reference (ISO 11649) holds no more


def default_pattern(kind: str, place: int) -> str:
    """What a series begins with. ``place``: how many sellers were there before; the first has the plain pattern, each
    other one letters of its own behind the kind's, so that no two sellers give the same number unasked."""
    letters = ""
    while place:
        place, rest = divmod(place, 26)
        letters = chr(ord("A") + rest) + letters
    return DEFAULT_PATTERNS[kind].replace("{year}", letters + "{year}", 1)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern whose numbers would not be capitals and digits, or too long. Raises PatternInvalid."""
    match = _PATTERN.fullmatch(pattern)
    if match is None or len(format_number(pattern, 2000, 10**9)) > MAX_LENGTH:
        raise PatternInvalid()


def format_number(pattern: str, year: int, number: int) -> str:
    """The document number for a place in the series. The pattern is data, never a format string."""
    before, width = _before_number(pattern, year)
    return f"{before}{number:0{width}}"


def before_number(pattern: str, year: int) -> str:
    """The fixed part of a series' numbers in a year."""
    return _before_number(pattern, year)[0]


def may_meet(pattern: str, other: str) -> bool:
    """Whether two series could ever give the same number: in some year, or when one of them has grown long.

    They meet where one fixed part goes on after the other with nothing but digits, for these may be a number.
    """
    short, long = sorted((_any_year(pattern), _any_year(other)), key=len)
    is_same = all(
        a == b or (_ANY in (a, b) and _is_digit(a) and _is_digit(b)) for a, b in zip(short, long, strict=False)
    )
    return is_same and all(_is_digit(char) for char in long[len(short) :])


def _any_year(pattern: str) -> str:
    match = _PATTERN.fullmatch(pattern)
    if match is None:
        raise PatternInvalid()
    before, has_year, middle, _ = match.groups()
    return f"{before}{_ANY * 4 if has_year else ''}{middle}"


def _is_digit(char: str) -> bool:
    return char.isdigit() or char == _ANY


@lru_cache(maxsize=100)
def _before_number(pattern: str, year: int) -> tuple[str, int]:
    """What stands before the number, and how many digits it has at least."""
    match = _PATTERN.fullmatch(pattern)
    if match is None:
        raise PatternInvalid()
    before, has_year, middle, width = match.groups()
    return f"{before}{year if has_year else ''}{middle}", int(width or 1)


def series_year(issue_date: date) -> int:
    """A series belongs to the year of the issue date."""
    return issue_date.year
