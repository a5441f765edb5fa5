"""The page of an access letter: its link sets the first password, once and for a while.

The token leaves the address at once, so that it stands in no Referer, bookmark or later log line; the session keeps
which link it was, not the token. Opening the link uses nothing up, because mail scanners open links too.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.access.links import VALID_FOR
from kundenkontor.access.models import AccessLink, User
from kundenkontor.access.password_commands import use_access_link
from kundenkontor.access.queries import find_access_link, usable_links
from kundenkontor.events.queries import business_date
from kundenkontor.kernel.errors import DomainError
from kundenkontor.web.forms import PasswordField, add_refusal
from kundenkontor.web.gate.limits import limited
from kundenkontor.web.gate.policy import public
from kundenkontor.web.sign_in.brand import say_brand, with_brand
from kundenkontor.web.sign_in.views import password_rules

SESSION_LINK = "access_link_id"


class FirstPasswordForm(forms.Form):
    """The first password of a login, twice."""

    password = PasswordField(
        label=gettext_lazy("New password"), autocomplete="new-password", help_text=lazy(password_rules, str)()
    )
    repeated = PasswordField(label=gettext_lazy("New password, repeated"), autocomplete="new-password")

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password", "")
        if password and password != cleaned.get("repeated"):
            self.add_error("repeated", _("The two passwords differ."))
        elif password:
            try:
                validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


@public
@limited
@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Keep which link it is for the next page; GET changes nothing but the session."""
    link = find_access_link(token)
    request.session[SESSION_LINK] = link.pk if link else 0
    return redirect(with_brand(request, reverse("portal:set-password")))


@public
@limited
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest) -> HttpResponseBase:
    link = usable_links().filter(pk=request.session.get(SESSION_LINK, 0)).first()
    if link is None:
        return render(
            request, "portal/account/access_link.html", {"is_over": True, "link_days": VALID_FOR.days}, status=410
        )
    say_brand(request, link.user_id)
    form = FirstPasswordForm(request.POST if request.method == "POST" else None, user=link.user)
    if request.method == "POST" and form.is_valid():
        try:
            use_link(link, form.cleaned_data["password"])
        except DomainError as error:
            add_refusal(form, error)
        else:
            request.session.flush()
            messages.success(request, _("Your password is set. Please sign in."))
            return redirect(with_brand(request, reverse("account_login")))
    context = {"form": form, "login": link.user.username, "is_over": False}
    return render(request, "portal/account/access_link.html", context, status=422 if form.is_bound else 200)


@transaction.atomic
def use_link(link: AccessLink, password: str) -> None:
    """Set the password, and tell the login's owner, as after every other change of it."""
    user = use_access_link(link.pk, password, on=business_date())
    get_adapter().send_notification_mail("account/email/password_set", user)
