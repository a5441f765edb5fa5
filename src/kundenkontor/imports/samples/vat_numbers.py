"""Invented VAT numbers whose check digits are right, for generated customers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from stdnum import luhn
from stdnum.at import uid as at_uid
from stdnum.cz import dic as cz_dic
from stdnum.eu import vat as eu_vat
from stdnum.iso7064 import mod_11_10


def _digits(random: Random, count: int) -> str:
    """Digits of which the first is not 0."""
    return str(random.randrange(10 ** (count - 1), 10**count))


def _austria(random: Random) -> str:
    digits = _digits(random, 7)
    return "ATU" + digits + at_uid.calc_check_digit("U" + digits)


def _germany(random: Random) -> str:
    digits = _digits(random, 8)
    return f"DE{digits}{mod_11_10.calc_check_digit(digits)}"


def _italy(random: Random) -> str:
    digits = f"{random.randrange(1, 10**7):07}{random.randrange(1, 101):03}"  # province of registration 001 to 100
    return f"IT{digits}{luhn.calc_check_digit(digits)}"


def _france(random: Random) -> str:
    digits = _digits(random, 8)
    siren = f"{digits}{luhn.calc_check_digit(digits)}"
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"


def _first_valid(random: Random, prefix: str, count: int, suffix: str = "") -> str:
    """Digits and the check digit that fits; some have none (it would be 10), then others are drawn."""
    while True:
        digits = _digits(random, count)
        for check in range(10):
            if eu_vat.is_valid(number := f"{prefix}{digits}{check}{suffix}"):
                return number


def _netherlands(random: Random) -> str:
    return _first_valid(random, "NL", 8, "B01")


def _poland(random: Random) -> str:
    return _first_valid(random, "PL", 9)


def _slovenia(random: Random) -> str:
    return _first_valid(random, "SI", 7)


def _belgium(random: Random) -> str:
    digits = f"0{_digits(random, 7)}"
    return f"BE{digits}{97 - int(digits) % 97:02}"


def _czechia(random: Random) -> str:
    digits = str(random.randrange(10**6, 9 * 10**6))
    return f"CZ{digits}{cz_dic.calc_check_digit_legal(digits)}"


VAT_NUMBERS: dict[str, Callable[[Random], str]] = {
    "AT": _austria,
    "DE": _germany,
    "IT": _italy,
    "FR": _france,
    "NL": _netherlands,
    "PL": _poland,
    "SI": _slovenia,
    "BE": _belgium,
    "CZ": _czechia,
}
