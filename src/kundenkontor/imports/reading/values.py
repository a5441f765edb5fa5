"""Single values of a row: dates, prices, periods, countries. Strict: what is not clear is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import idna
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

from kundenkontor.kernel.addresses import is_address
from kundenkontor.kernel.countries import find_country
from kundenkontor.kernel.money import (
    ZERO,
    AmountError,
    AmountTooLarge,
    Style,
    TooManyPlaces,
    is_ambiguous,
    parse_amount,
)
from kundenkontor.kernel.texts import fold
from kundenkontor.kernel.vat_ids import normal_vat_id

MAX_TERMS_DAYS = 365
EARLIEST, LATEST = date(1980, 1, 1), date(2150, 12, 31)
HUNDRED = Decimal(100)

_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_GERMAN_DATE = re.compile(r"([0-9]{1,2})\.[ ]?([0-9]{1,2})\.[ ]?([0-9]{4})(?: 00:00(?::00)?)?")
_BLANK_GROUPS = re.compile("[+-]?[0-9]{1,3}(?:[ \u00a0\u202f'’][0-9]{3})+(?:[.,][0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,6}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])")
_YEARS = re.compile(r"([0-9]{1,2})(?:yearly|jahrlich|years|jahre|jahrig)")

PERIODS = {
    **dict.fromkeys(map(fold, ("monthly", "monatlich", "month", "Monat")), 1),
    **dict.fromkeys(map(fold, ("quarterly", "vierteljährlich", "quartalsweise", "Quartal", "quarter")), 3),
    **dict.fromkeys(map(fold, ("half-yearly", "halbjährlich", "semi-annually", "Halbjahr")), 6),
    **dict.fromkeys(map(fold, ("yearly", "jährlich", "annually", "annual", "Jahr", "year")), 12),
}
PERIOD_NAMES = {
    1: ("monthly", "monatlich"),
    3: ("quarterly", "vierteljährlich"),
    6: ("half-yearly", "halbjährlich"),
    12: ("yearly", "jährlich"),
    **{12 * years: (f"{years}-yearly", f"{years}-jährlich") for years in range(2, 11)},
}
YES = frozenset(map(fold, ("yes", "ja", "y", "j", "true", "wahr", "1", "x")))
NO = frozenset(map(fold, ("no", "nein", "n", "false", "falsch", "0", "")))
LANGUAGES = {
    **dict.fromkeys(map(fold, ("de", "de-AT", "de-DE", "de-CH", "German", "Deutsch")), "de"),
    **dict.fromkeys(map(fold, ("en", "en-GB", "en-US", "English", "Englisch")), "en"),
}


class ValueProblem(ValueError):
    """Why a value cannot be taken: a code of ``problems.TEMPLATES`` with its params."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def shown(text: str) -> str:
    """As much of a value as a report shows."""
    return text if len(text) <= 60 else text[:59] + "…"


@lru_cache(maxsize=65536)
def parse_date(text: str) -> date:
    """2026-12-31 or 31.12.2026; a time of midnight, which databases append, is dropped."""
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    elif match := _GERMAN_DATE.fullmatch(text):
        day, month, year = match.groups()
    else:
        raise ValueProblem("date_invalid", value=shown(text))
    try:
        value = date(int(year), int(month), int(day))
    except ValueError:
        raise ValueProblem("date_invalid", value=shown(text)) from None
    if not EARLIEST <= value <= LATEST:
        raise ValueProblem("date_out_of_range", value=shown(text))
    return value


@lru_cache(maxsize=65536)
def parse_price(text: str, style: Style | None) -> Decimal:
    """A net price of at most six places, not negative. Without a style "1.234" is refused: it may be 1234."""
    if style is None and is_ambiguous(text):
        raise ValueProblem("price_ambiguous", value=shown(text))
    try:
        value = parse_amount(_join_groups(text), places=6, style=style)
    except TooManyPlaces:
        raise ValueProblem("price_too_precise", value=shown(text)) from None
    except AmountTooLarge:
        raise ValueProblem("price_too_large", value=shown(text)) from None
    except AmountError:
        raise ValueProblem("price_invalid", value=shown(text)) from None
    if value < 0:
        raise ValueProblem("price_negative", value=shown(text))
    return value or ZERO


def _join_groups(text: str) -> str:
    """1 234,56 and 1'234.56 without their groups."""
    return re.sub("[ \u00a0\u202f'’]", "", text) if _BLANK_GROUPS.fullmatch(text) else text


@lru_cache(maxsize=4096)
def parse_discount(text: str, style: Style | None) -> Decimal:
    """A percentage from 0 to 100 with at most two places; "" is none."""
    if not text:
        return ZERO
    try:
        value = parse_amount(text.removesuffix("%"), places=2, style=style)
    except AmountError:
        raise ValueProblem("discount_invalid", value=shown(text)) from None
    if value < 0:
        raise ValueProblem("discount_negative", value=shown(text))
    if value > HUNDRED:
        raise ValueProblem("discount_above_100", value=shown(text))
    return value or ZERO


@lru_cache(maxsize=4096)
def parse_period(text: str) -> int:
    """The months of a billing period: monthly 1 … 10-yearly 120."""
    folded = fold(text)
    months = PERIODS.get(folded)
    if months is None and folded.isascii() and (match := _YEARS.fullmatch(folded)):
        years = int(match[1])
        months = years * 12 if 1 <= years <= 10 else None
    if months is None:
        raise ValueProblem("period_unknown", value=shown(text))
    return months


def parse_currency(text: str) -> str:
    """EUR only; "" means EUR too."""
    if text.upper() not in ("EUR", ""):
        raise ValueProblem("currency_unknown", value=shown(text))
    return "EUR"


@lru_cache(maxsize=4096)
def parse_country(text: str) -> str:
    """ISO 3166-1 alpha-2, by any of the ways in which people write a country."""
    code = find_country(text)
    if not code:
        raise ValueProblem("country_unknown", value=shown(text))
    return code


def parse_language(text: str) -> str:
    """de or en; "" is de."""
    if not text:
        return "de"
    language = LANGUAGES.get(fold(text))
    if language is None:
        raise ValueProblem("language_unknown", value=shown(text))
    return language


def parse_boolean(text: str) -> bool:
    """Yes or no; "" is no."""
    folded = fold(text)
    if folded in YES:
        return True
    if folded in NO and (folded or not text):
        return False
    raise ValueProblem("boolean_unknown", value=shown(text))


@lru_cache(maxsize=4096)
def parse_terms(text: str) -> int | None:
    """Days from issue to due date; "" leaves it to the seller."""
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise ValueProblem("terms_invalid", value=shown(text))
    days = int(text)
    if days < 0:
        raise ValueProblem("terms_negative", value=shown(text))
    if days > MAX_TERMS_DAYS:
        raise ValueProblem("terms_too_long", value=shown(text), limit=MAX_TERMS_DAYS)
    return days


def parse_email(text: str) -> str:
    """An address as mail servers take it; "" is none. A domain in Unicode is kept in its ASCII form."""
    if not text:
        return ""
    address = text if text.isascii() else _ascii_domain(text)
    if not _EMAIL.fullmatch(address) or not is_address(address):
        raise ValueProblem("email_invalid", value=shown(text))
    return address


def _ascii_domain(text: str) -> str:
    local, _, domain = text.rpartition("@")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return ""


@lru_cache(maxsize=65536)
def parse_vat_id(text: str, country: str) -> str:
    """The VAT id as every door writes it, with its country prefix; its check digits are right.

    A number of a country whose check digits nobody knows here is taken as it is: it stays unchecked anyway.
    """
    compact = normal_vat_id(text)
    if not compact:
        return ""
    for candidate in (compact, ("EL" if country == "GR" else country) + compact):
        if (valid := _valid_vat_id(candidate)) is not None:
            return valid
    if compact.isascii() and compact.isalnum() and len(compact) <= 20 and not _is_checkable(compact, country):
        return compact
    raise ValueProblem("vat_id_invalid", value=shown(text))


def _valid_vat_id(candidate: str) -> str | None:
    if not candidate.isascii():
        return None
    prefix = candidate[:2].lower()
    try:
        if eu_vat.is_valid(candidate):
            return str(eu_vat.compact(candidate))
        module = None if prefix in eu_vat.MEMBER_STATES or prefix == "el" else get_cc_module(prefix, "vat")
        return _with_prefix(prefix.upper(), module.compact(module.validate(candidate))) if module else None
    except (ValidationError, ValueError):
        return None


def _with_prefix(prefix: str, number: str) -> str:
    """Some modules cut the country off (GB, NO). Monaco's ids are French."""
    return number if number.startswith((prefix, "FR") if prefix == "MC" else prefix) else prefix + number


def _is_checkable(compact: str, country: str) -> bool:
    """Whether the number claims to be from, or the customer lives in, a country whose check digits are known."""
    prefix = compact[:2].lower()
    known = prefix.isalpha() and (prefix in (*eu_vat.MEMBER_STATES, "el") or get_cc_module(prefix, "vat") is not None)
    home = country.lower()
    return known or home in eu_vat.MEMBER_STATES or (bool(home) and get_cc_module(home, "vat") is not None)
