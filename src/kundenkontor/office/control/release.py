"""Letting documents be issued again after a restore: which number of each series was sent last?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kundenkontor.invoicing.issuing.patterns import format_number
from kundenkontor.invoicing.issuing.release_commands import release_numbers
from kundenkontor.invoicing.issuing.releasing import SeriesToSay, list_series_to_say
from kundenkontor.invoicing.issuing.restored import list_unreleased
from kundenkontor.invoicing.words import SERIES
from kundenkontor.kernel.formats import format_date
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.forms import LongTextField, reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest

LARGEST = 999_999_999


class ReleaseForm(forms.Form):
    """A number for each series, named by the series' place in the list."""

    def __init__(self, data: Any, series: Sequence[SeriesToSay]) -> None:
        super().__init__(data)
        for place, one in enumerate(series):
            self.fields[f"series_{place}"] = forms.IntegerField(
                label=f"{one.seller}: {SERIES[one.key.kind]} {one.key.year}",
                min_value=one.last,
                max_value=LARGEST,
                initial=one.known,
                help_text=_help(one),
            )
        self.fields["reason"] = LongTextField(
            label=gettext_lazy("What happened"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
        )


def _help(one: SeriesToSay) -> str:
    here = _("Last document here: {number}.").format(number=one.last_number or _("none"))
    if one.known == one.last:
        return here
    known = format_number(one.pattern, one.key.year, one.known)
    return here + " " + _("According to the anchors {number} was given.").format(number=known)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("settings.write")
def release(request: StaffRequest) -> HttpResponse:
    """Say the last number sent of every series; what is missing here becomes a declared gap."""
    restorations, language = list(list_unreleased()), reader_language()
    series = list_series_to_say(request.today) if restorations else []
    causes = {"backup": _("restored from a backup"), "anchors": _("the database ends before its anchors")}
    integrity = reverse("office:integrity")
    about = FormPage(
        _("Release issuing"),
        _("Release issuing"),
        integrity,
        lead=_(
            "The database is of an older state. Look for the last document of each series that was sent: in mailboxes,"
            " with customers, in the last anchors. Numbers between the last one here and that one count as given."
        ),
        crumbs=[Link(_("Integrity"), integrity), Link(_("Release issuing"))],
        facts=[Fact(format_date(one.noted_at.date(), language), causes[one.cause]) for one in restorations],
        warning="" if restorations else _("Issuing is released already."),
        done=_("Documents can be issued again."),
    )

    def act(data: dict[str, Any]) -> str:
        last_sent = {one.key: data[f"series_{place}"] for place, one in enumerate(series)}
        release_numbers(last_sent, reason=data["reason"], on=request.today, actor=request.actor)
        return integrity

    return serve_form(request, ReleaseForm(request.POST or None, series), about, act)
