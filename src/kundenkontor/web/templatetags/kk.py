"""Components for templates: amounts, dates, states, forms, lists, navigation."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    Form,
    RadioSelect,
    Select,
)
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from kundenkontor.kernel import formats
from kundenkontor.web.areas import navigation_of
from kundenkontor.web.components import TONE_ICONS, Badge, Bar
from kundenkontor.web.forms import reader_language
from kundenkontor.web.gate.once import FIELD, new_key
from kundenkontor.web.gate.policy import OPENED_FOR
from kundenkontor.web.icons import ICONS
from kundenkontor.web.lists.filters import Listing
from kundenkontor.web.lists.paging import KeysetPage

register = template.Library()
HIDDEN = SafeString('aria-hidden="true"')


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An inline line icon. Without a label it is decoration and hidden from screen readers."""
    names = format_html('role="img" aria-label="{}"', label) if label else HIDDEN
    return format_html(
        '<svg class="kk-icon" viewBox="0 0 24 24" focusable="false" {}>{}</svg>',
        names,
        mark_safe(ICONS[name]),  # nosec  # a constant of this package
    )


@register.simple_tag
def money(amount: Decimal | None, currency: str = "EUR") -> SafeString | str:
    """An amount with currency, never broken, in tabular figures: 1.234,56 EUR or EUR 1,234.56."""
    if amount is None:
        return "–"
    text = formats.format_money(amount, currency, reader_language())
    return format_html('<data class="kk-money" value="{}">{}</data>', amount, text)


@register.filter
def as_money(amount: Decimal, currency: str = "EUR") -> str:
    """The same as plain text, for buttons and sentences."""
    return formats.format_money(amount, currency, reader_language())


@register.filter
def as_number(value: Decimal | int, places: int = 0) -> str:
    return formats.format_decimal(value, reader_language(), places=places)


@register.filter
def as_iban(iban: str) -> str:
    """In groups of four, as people read it."""
    return formats.format_iban(iban)


@register.simple_tag
def day(value: date | datetime | None) -> SafeString | str:
    """A calendar day; an instant is shown in the reader's zone with time."""
    if value is None:
        return "–"
    return format_html('<time class="kk-day" datetime="{}">{}</time>', value.isoformat(), as_day(value))


@register.filter
def as_day(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return formats.format_instant(timezone.localtime(value), reader_language())
    return formats.format_date(value, reader_language())


@register.filter
def as_bytes(size: int) -> str:
    return formats.format_bytes(size, reader_language())


@register.simple_tag
def status(tone: str, label: str) -> SafeString:
    """A state as word and shape. ``tone``: good, warn, bad, info, neutral."""
    return format_html(
        '<span class="kk-status kk-status-{}">{}{}</span>',
        tone,
        icon(TONE_ICONS[tone]),
        label,
    )


@register.simple_tag
def badge(value: Badge) -> SafeString:
    return status(value.tone, value.label)


@register.inclusion_tag("web/components/sort_head.html")
def sort_head(listing: Listing, name: str, css: str = "") -> dict[str, Any]:
    """A table head cell that sorts the list by its column."""
    link = listing.sort_link(name)
    icons = {"ascending": "sort-up", "descending": "sort-down", "none": "sort"}
    return {"link": link, "icon": icons[link.direction], "css": css}


@register.inclusion_tag("web/components/filters.html")
def filter_bar(listing: Listing) -> dict[str, Any]:
    """The filter form of a list with its chips. Works as a plain GET form."""
    return {"listing": listing}


@register.inclusion_tag("web/components/pager.html")
def pager(page: KeysetPage[Any], listing: Listing) -> dict[str, Any]:
    """Links to the page above and below."""
    return {
        "first_url": "" if page.is_first else listing.url(),
        "previous_url": listing.url(before=page.previous_token) if page.previous_token else "",
        "next_url": listing.url(after=page.next_token) if page.next_token else "",
    }


@register.inclusion_tag("web/components/form_errors.html")
def form_errors(form: Form) -> dict[str, Any]:
    """The summary on top of a form, linked to the fields."""
    wrong = [(form[name], errors) for name, errors in form.errors.items() if name in form.fields]
    return {"form": form, "wrong": wrong}


@register.inclusion_tag("web/components/form_fields.html")
def form_fields(form: Form) -> dict[str, Any]:
    """All visible fields in one column, and the hidden ones."""
    return {"form": form}


@register.inclusion_tag("web/components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """One field: label above, help below, error beside it, tied together for screen readers."""
    widget = bound.field.widget
    is_check = isinstance(widget, CheckboxInput)
    is_group = isinstance(widget, CheckboxSelectMultiple | RadioSelect)
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, str | bool] = {"class": _control_class(bound, is_check=is_check, is_group=is_group)}
    if is_group:
        widget.attrs["class"] = str(attrs["class"])
    if described and not is_group:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors and not is_group:
        attrs["aria-invalid"] = "true"
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "unit": widget.attrs.get("data-unit", ""),
        "is_check": is_check,
        "is_group": is_group,
        "described": " ".join(described),
    }


def _control_class(bound: BoundField, *, is_check: bool, is_group: bool) -> str:
    widget = bound.field.widget
    if is_check or is_group:
        base = "form-check-input"
    elif isinstance(widget, Select):
        base = "form-select"
    else:
        base = "form-control kk-file" if isinstance(widget, FileInput) else "form-control"
    own = widget.attrs.get("class", "")
    return " ".join(part for part in (base, own, "is-invalid" if bound.errors else "") if part)


@register.simple_tag
def idempotency_key() -> SafeString:
    """The hidden field that makes a submit happen once; see ``web.once``."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_key())


@register.simple_tag(takes_context=True)
def opened_for(context: dict[str, Any]) -> SafeString:
    """The hidden field with which a form of the portal refuses to be sent for a customer chosen meanwhile."""
    return format_html('<input type="hidden" name="{}" value="{}">', OPENED_FOR, context["request"].customer.pk)


@register.inclusion_tag("web/components/chart.html")
def chart(
    bars: list[Bar],
    *,
    caption: str,
    label_head: str,
    value_head: str,
    currency: str = "EUR",
) -> dict[str, Any]:
    """Bars over labels with the same numbers as a table; the drawing reads the table, so they cannot differ."""
    return {
        "bars": bars,
        "caption": caption,
        "label_head": label_head,
        "value_head": value_head,
        "currency": currency,
    }


@register.inclusion_tag("web/components/selection.html", takes_context=True)
def selection_bar(context: template.Context, form_id: str, actions: list[tuple[str, str, str]]) -> dict[str, Any]:
    """The bar under a table with checkboxes ``form="<form_id>"`` and ``data-bytes``.

    ``actions``: value of the submit button named ``action``, its label, its icon; the first one is primary. Without
    JavaScript the bar is always there; with it, it counts.
    """
    return {
        "form_id": form_id,
        "actions": actions,
        "template_text": gettext("{count} selected, {size}"),
    }


@register.inclusion_tag("web/components/navigation.html", takes_context=True)
def navigation(context: template.Context, face: str) -> dict[str, Any]:
    """The navigation of a face, without what the reader may not open."""
    request = context["request"]
    permissions: frozenset[str] = getattr(request, "permissions", frozenset())
    return {"groups": navigation_of(face, permissions, request.path, mode=settings.MODE)}
