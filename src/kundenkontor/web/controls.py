"""What the template of a form field asks about its widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
)


@dataclass(frozen=True, slots=True)
class Control:
    """A widget with its classes. ``described``: the ids of what explains it; ``unit`` stands beside it."""

    html: str
    unit: str
    is_check: bool
    is_group: bool
    described: str


def control_of(bound: BoundField) -> Control:
    """The control of one field, tied to its help and its errors for screen readers."""
    widget = bound.field.widget
    is_check = isinstance(widget, CheckboxInput)
    is_group = isinstance(widget, CheckboxSelectMultiple | RadioSelect)
    described = [f"{bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, str | bool] = {"class": _css_class(bound, is_check=is_check, is_group=is_group)}
    if is_group:
        widget.attrs["class"] = str(attrs["class"])
    if described and not is_group:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors and not is_group:
        attrs["aria-invalid"] = "true"
    html = "" if is_group else bound.as_widget(attrs=attrs)
    return Control(html, widget.attrs.get("data-unit", ""), is_check, is_group, " ".join(described))


def _css_class(bound: BoundField, *, is_check: bool, is_group: bool) -> str:
    widget = bound.field.widget
    if is_check or is_group:
        base = "form-check-input"
    elif isinstance(widget, Select):
        base = "form-select"
    else:
        base = "form-control kk-file" if isinstance(widget, FileInput) else "form-control"
    own = widget.attrs.get("class", "")
    return " ".join(part for part in (base, own, "is-invalid" if bound.errors else "") if part)


def wrong_fields(form: BaseForm) -> list[tuple[BoundField, Any]]:
    """The fields with errors, and their errors."""
    return [(form[name], errors) for name, errors in form.errors.items() if name in form.fields]
