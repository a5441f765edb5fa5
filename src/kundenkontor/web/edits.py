"""Forms that change what is: a form opened long ago undoes nothing that others changed since.

The page carries what each field showed, as a digest. What comes back is compared three ways: a field that its reader
left alone keeps what stands now; one that he changed and nobody else did is written; one that both changed is refused
with both values, and saving again keeps the reader's.
"""

from __future__ import annotations

import json
from copy import copy
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from kundenkontor.kernel.texts import many_lines
from kundenkontor.web.forms import in_words

SHOWN = "shown_values"


class EditForm(forms.Form):
    """Its ``initial`` is what stands now, each time that it is made. ``is_new``: nothing stands yet.

    ``decides`` names fields that show a proposal: leaving it alone is a decision too, which nobody takes unseen.
    """

    decides: tuple[str, ...] = ()

    def __init__(self, *args: Any, is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            self.fields[SHOWN] = forms.Field(
                required=False, widget=forms.HiddenInput({"id": False}), initial=self._digests
            )

    def _post_clean(self) -> None:
        """After all fields and ``clean``: Django's hook for what else can be wrong with a form."""
        super()._post_clean()  # type: ignore[misc]
        shown = _read(self.cleaned_data.pop(SHOWN, None))
        stale = {name: self._now(name) for name in shown if name in self.cleaned_data}
        stale = {name: now for name, now in stale.items() if _digest(now) != shown[name]}
        both = [name for name in stale if self._is_contested(name, shown[name], stale[name])]
        for name, now in stale.items():
            if name not in both:
                self.cleaned_data[name] = now
        if both:
            self._show_anew(stale, both)

    def _is_contested(self, name: str, shown: str, now: Any) -> bool:
        typed = _digest(self.cleaned_data[name])
        return typed != _digest(now) and (typed != shown or name in self.decides)

    def _show_anew(self, stale: dict[str, Any], both: list[str]) -> None:
        """The page that says so shows what stands now where its reader changed nothing, and is fresh itself."""
        data: Any = copy(self.data)
        data[self.add_prefix(SHOWN)] = self._digests()
        for name, now in stale.items():
            if name in both:
                self.add_error(name, self._conflict(name, now))
            else:
                _put(data, self.add_prefix(name), self.fields[name].prepare_value(now))
        self.data = data

    def _conflict(self, name: str, now: Any) -> ValidationError:
        sentence = _("Changed meanwhile: it is now “{now}”, you wrote “{typed}”. Save again to keep yours.")
        field = self.fields[name]
        typed = _in_words(field, self.cleaned_data[name])
        return ValidationError(sentence.format(now=_in_words(field, now), typed=typed), code="changed_meanwhile")

    def _now(self, name: str) -> Any:
        """What stands now, as the field would clean it."""
        field = self.fields[name]
        value = self.get_initial_for_field(field, name)
        try:
            return field.clean(field.prepare_value(value))
        except ValidationError:
            return value

    def _digests(self) -> str:
        names = [name for name, field in self.fields.items() if name != SHOWN and not _is_upload(field)]
        return json.dumps({name: _digest(self._now(name)) for name in names}, separators=(",", ":"))


def _is_upload(field: forms.Field) -> bool:
    return isinstance(field, forms.FileField)


def _read(text: Any) -> dict[str, str]:
    """What the page says that it showed; nothing where it says nothing that can be read."""
    try:
        found = json.loads(str(text or "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _digest(value: Any) -> str:
    return sha256(_canonical(value).encode()).hexdigest()[:12]


def _canonical(value: Any) -> str:
    """The same text for the same value, whether it was typed or stands in the database."""
    if value is None or value is False:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value.pk) if isinstance(value, Model) else many_lines(str(value))


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField) and not isinstance(value, bool | Model):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return in_words(value)


def _put(data: Any, name: str, value: Any) -> None:
    """As a browser sends it: a box without a tick sends nothing."""
    if value is None or value is False:
        data.pop(name, None)
    else:
        data[name] = "on" if value is True else str(value)
