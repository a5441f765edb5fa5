"""Sign-in pages: allauth's flows with our forms, texts and templates. Only these routes exist, no sign-up."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm
from allauth.core import ratelimit
from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.access.password_commands import record_password_set
from kundenkontor.events.queries import business_date
from kundenkontor.web.forms import TextField
from kundenkontor.web.gate.limits import limited
from kundenkontor.web.gate.policy import public, signed_in
from kundenkontor.web.gate.tries import known_browser, remember_browser
from kundenkontor.web.gate.typed import FIELD, unseal_typed
from kundenkontor.web.sign_in.brand import say_brand, with_brand
from kundenkontor.web.sign_in.jobs import send_reset_links


def plain(form: forms.Form, **labels: Any) -> None:
    """Give allauth's fields our labels; a label above each field, no placeholder in place of it."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)


def password_rules() -> str:
    """What the validators ask for, in one sentence."""
    lengths = [one.min_length for one in get_default_password_validators() if isinstance(one, MinimumLengthValidator)]
    text = gettext("At least {length} characters. No common password, and nothing close to your user name or address.")
    return text.format(length=max(lengths, default=1))


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is not typed
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(
            self,
            login=_("User name or e-mail"),
            password=_("Password"),
            remember=_("Stay signed in"),
        )
        self.fields["login"].widget.attrs["autofocus"] = True

    def user_credentials(self) -> dict[str, str]:
        """The backend looks for a user name and for an address. Naming an address as such, too, has the password of
        a known one checked twice, and the time tells strangers that it is known."""
        return {"username": self.cleaned_data["login"], "password": self.cleaned_data["password"]}


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, password1=_("New password"), password2=_("New password, repeated"))
        self.fields["password1"].help_text = password_rules()


class OtherPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "password1": _("New password"),
            "password2": _("New password, repeated"),
        }
        plain(self, oldpassword=_("Current password"), **labels)
        self.fields["password1"].help_text = password_rules()


class ForgottenForm(forms.Form):
    login = TextField(
        label=_("User name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class LoginView(views.LoginView):  # type: ignore[misc]
    form_class = SignInForm
    template_name = "web/sign_in/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused: HttpResponse | None = None
        if not known_browser(request, request.POST.get("login", "")):
            refused = ratelimit.consume_or_429(request, action="sign_in")
        return refused or super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if path := unseal_typed(self.request, self.request.POST.get(FIELD, "")):
            response = redirect(path)
        remember_browser(self.request, response, form.user)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = getattr(self.request, "typed", "") or self.request.POST.get(FIELD, "")
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"typed": typed, "typed_field": FIELD}


class LogoutView(views.LogoutView):  # type: ignore[misc]
    template_name = "web/sign_in/logout.html"


class PasswordResetView(views.PasswordResetView):  # type: ignore[misc]
    """Answers the same, in the same time, whether somebody has this address or not: the search is the worker's."""

    form_class = ForgottenForm
    template_name = "web/sign_in/password_reset.html"

    def get_form_class(self) -> type[forms.Form]:
        return ForgottenForm

    def form_valid(self, form: forms.Form) -> HttpResponse:
        login = form.cleaned_data["login"]
        refused: HttpResponse | None = ratelimit.consume_or_429(
            self.request, action="reset_password", key=login.lower()
        )
        if refused:
            return refused
        send_reset_links.defer(login=login)
        return redirect(with_brand(self.request, reverse("account_reset_password_done")))


class PasswordResetDoneView(views.PasswordResetDoneView):  # type: ignore[misc]
    template_name = "web/sign_in/password_reset_done.html"


class PasswordResetFromKeyView(views.PasswordResetFromKeyView):  # type: ignore[misc]
    form_class = NewPasswordForm
    template_name = "web/sign_in/password_reset_from_key.html"

    @transaction.atomic
    def form_valid(self, form: forms.Form) -> HttpResponse:
        super().form_valid(form)
        record_password_set(self.reset_user, on=business_date())
        say_brand(self.request, self.reset_user.pk)
        return redirect(with_brand(self.request, reverse("account_reset_password_from_key_done")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.reset_user is not None:
            say_brand(self.request, self.reset_user.pk)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context


class PasswordResetFromKeyDoneView(views.PasswordResetFromKeyDoneView):  # type: ignore[misc]
    template_name = "web/sign_in/password_reset_from_key_done.html"


class PasswordChangeView(views.PasswordChangeView):  # type: ignore[misc]
    form_class = OtherPasswordForm
    template_name = "web/sign_in/password_change.html"

    @transaction.atomic
    def form_valid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record_password_set(self.request.user, on=business_date())
        return response


# allauth's form views would take PUT and PATCH as well
as_form = require_http_methods(["GET", "HEAD", "POST"])

login = public(as_form(LoginView.as_view()))
logout = public(as_form(LogoutView.as_view()))
password_reset = public(as_form(PasswordResetView.as_view()))
password_reset_done = public(require_safe(PasswordResetDoneView.as_view()))
password_reset_from_key = public(limited(as_form(PasswordResetFromKeyView.as_view())))
password_reset_from_key_done = public(require_safe(PasswordResetFromKeyDoneView.as_view()))
password_change = signed_in(as_form(PasswordChangeView.as_view()))
