"""The environment of all templates: pages, mails and error pages are Jinja2, compiled to Python once.

A template has the names its view gives it, ``request`` and ``frame`` (``web.context``), and what stands here; any other
name is an error. Components are macros under ``kk``, from ``web/components/``: ``{{ kk.money(row.amount) }}``.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.template.defaultfilters import capfirst, linebreaks_filter, truncatechars, urlize
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from kundenkontor.access import words as access
from kundenkontor.billing import words as billing
from kundenkontor.delivery import words as delivery
from kundenkontor.invoicing import words as invoicing
from kundenkontor.kernel import formats
from kundenkontor.parties import words as parties
from kundenkontor.taxes import words as taxes
from kundenkontor.web.addresses import address_of
from kundenkontor.web.controls import control_of, wrong_fields
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate import once, policy

COMPONENTS = "web/components/"
SPRITE = "web/icons.svg"
ICONS = frozenset(re.findall(r'<symbol id="([a-z-]+)"', (Path(__file__).parent / "static" / SPRITE).read_text()))


def environment(**options: Any) -> Environment:
    """What Django's Jinja2 backend calls once, with its loader."""
    folder = Path(settings.VAR_DIR) / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    made = Environment(  # nosec B701  # pages are escaped, plain texts are not
        **{**options, "autoescape": is_markup, "undefined": StrictUndefined},
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
        bytecode_cache=FileSystemBytecodeCache(str(folder)),
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made.globals["gettext"] = made.globals["_"] = text_of
    made.filters.update(FILTERS)
    made.globals.update(GLOBALS)
    made.globals["kk"] = components = SimpleNamespace()
    for name in made.list_templates(filter_func=lambda name: name.startswith(COMPONENTS)):
        vars(components).update(vars(made.get_template(name).module))
    return made


def is_markup(name: str | None) -> bool:
    """Mails are plain text; everything else is escaped."""
    return name is None or not name.endswith(".txt")


@pass_eval_context
def text_of(evaluated: EvalContext, message: str, **values: Any) -> str:
    """What the extension's own ``gettext`` says, translated once: a page has two hundred texts."""
    kept = reader_language(), message, bool(evaluated.autoescape)
    return _pattern(*kept) % values if values else _plain(*kept)


@cache
def _pattern(_language: str, message: str, is_escaped: bool) -> str:
    return Markup(gettext(message)) if is_escaped else gettext(message)  # nosec B704  # ours; values are escaped


@cache
def _plain(language: str, message: str, is_escaped: bool) -> str:
    return _pattern(language, message, is_escaped) % {}


def icon_url(name: str) -> str:
    """Where an icon is drawn. Raises KeyError for one that the sprite does not have."""
    if name not in ICONS:
        raise KeyError(name)
    return f"{_sprite()}#{name}"


@cache
def _sprite() -> str:
    return static(SPRITE)


def as_money(amount: Decimal, currency: str = "EUR", language: str = "") -> str:
    return formats.format_money(amount, currency, language or reader_language())


def as_number(value: Decimal | int, places: int = 0) -> str:
    """A count or a quantity, with all the decimal places that it has."""
    return formats.format_number(value, reader_language(), places=places)


def as_rate(value: Decimal) -> str:
    """A percentage with its sign."""
    return formats.format_rate(value, reader_language())


def as_day(value: date | datetime, language: str = "") -> str:
    """A calendar day; an instant in the reader's zone, with time."""
    if isinstance(value, datetime):
        return formats.format_instant(timezone.localtime(value), language or reader_language())
    return formats.format_date(value, language or reader_language())


def as_bytes(size: int) -> str:
    return formats.format_bytes(size, reader_language())


# tables of codes that pages show as they stand in a row
LABELS = SimpleNamespace(
    charges=billing.CHARGES,
    contact_groups=parties.CONTACT_GROUPS,
    membership_roles=access.MEMBERSHIP_ROLES,
    series=invoicing.SERIES,
    tax_settings=parties.TAX_SETTINGS,
    reminders=delivery.REMINDERS,
    vat_id_checks=taxes.CHECK_WAYS,
)
FILTERS = {
    "as_money": as_money,
    "as_number": as_number,
    "as_rate": as_rate,
    "as_day": as_day,
    "as_bytes": as_bytes,
    "as_iban": formats.format_iban,
    "capfirst": capfirst,
    "linebreaks": linebreaks_filter,
    "truncatechars": truncatechars,
    "urlize": urlize,
}
GLOBALS = {
    "labels": LABELS,
    "url": address_of,
    "static": cache(static),
    "language": reader_language,
    "icon_url": icon_url,
    "control_of": control_of,
    "wrong_fields": wrong_fields,
    "new_key": once.new_key,
    "zip": zip,
    "IDEMPOTENCY_FIELD": once.FIELD,
    "OPENED_FOR_FIELD": policy.OPENED_FOR,
}
