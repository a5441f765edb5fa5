"""Users and roles: colleagues in the office, and the logins of customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenkontor.access.commands import (
    change_email,
    change_role,
    create_staff,
    deactivate_user,
    reactivate_user,
    remove_membership,
)
from kundenkontor.access.links import VALID_FOR
from kundenkontor.access.models import Membership, User
from kundenkontor.access.words import LOGIN_KINDS, STAFF_ROLES, STAFF_ROLES_EXPLAINED
from kundenkontor.office.desk.form_pages import FormPage, serve_form
from kundenkontor.office.desk.statuses import login_badge
from kundenkontor.office.desk.submits import submit_once
from kundenkontor.parties.words import LANGUAGES
from kundenkontor.web.components import Fact, Link
from kundenkontor.web.edits import EditForm
from kundenkontor.web.forms import EmailField, TextField, reader_language
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Action, Column, ListPage, render_list

SORTS = {"name": Sort(gettext_lazy("User name"), ("username", "id"))}


def search(rows: QuerySet[User], text: str) -> QuerySet[User]:
    return rows.filter(Q(username__istartswith=text) | Q(email__icontains=text) | Q(name__icontains=text))


def of_kind(rows: QuerySet[User], kind: str) -> QuerySet[User]:
    return rows.filter(staff_role="") if kind == "customers" else rows.exclude(staff_role="")


@require_safe
@staff_permission("users.read")
def users(request: StaffRequest) -> HttpResponseBase:
    """All logins."""
    columns = [
        Column(
            gettext_lazy("User name"),
            lambda row: row.username,
            url=lambda row: reverse("office:user", args=[row.pk]),
            sub=lambda row: row.name,
            sort="name",
        ),
        Column(gettext_lazy("E-mail"), lambda row: row.email),
        Column(gettext_lazy("Role"), lambda row: str(STAFF_ROLES.get(row.staff_role, _("Customer")))),
        Column(gettext_lazy("Customers"), lambda row: row.customer_count, "number"),
        Column(gettext_lazy("Last sign-in"), lambda row: row.last_login, "day"),
        Column(gettext_lazy("Status"), lambda user: [login_badge(user)], "badges"),
    ]
    about = ListPage(
        _("Users and roles"),
        _("Who may sign in, and what for."),
        _("No users yet"),
        "users.csv",
        action=Action(_("Invite colleague"), reverse("office:user-new"), "users.write"),
    )
    filters = [
        Filter("q", gettext_lazy("Search"), search, "search"),
        Filter("kind", gettext_lazy("Kind"), of_kind, "choice", LOGIN_KINDS),
        Filter("role", gettext_lazy("Role"), lambda rows, v: rows.filter(staff_role=v), "choice",
               STAFF_ROLES),
    ]  # fmt: skip
    listing = Listing(request.GET, filters=filters, sorts=SORTS, default_sort="name")
    return render_list(request, about, listing, User.objects.annotate(customer_count=Count("memberships")), columns)


@require_safe
@staff_permission("users.read")
def user(request: StaffRequest, user_id: int) -> HttpResponse:
    """One login: role, state, customers."""
    found = get_object_or_404(User, pk=user_id)
    memberships = Membership.objects.filter(user=found).select_related("customer").order_by("customer__sort_key", "id")
    context = {
        "login": found,
        "facts": [
            Fact(_("Name"), found.name or "–"),
            Fact(_("E-mail"), found.email or "–"),
            Fact(_("Role"), STAFF_ROLES.get(found.staff_role, _("Customer"))),
            Fact(_("Language"), LANGUAGES[found.language]),
        ],
        "badges": [login_badge(found)],
        "memberships": memberships,
        "is_own": found.pk == request.user.pk,
        "crumbs": [Link(_("Users and roles"), reverse("office:users")), Link(found.username)],
    }
    return render(request, "office/people/user.html", context)


class StaffForm(forms.Form):
    username = TextField(label=gettext_lazy("User name"), max_length=60)
    name = TextField(label=gettext_lazy("Name"), max_length=200)
    email = EmailField(label=gettext_lazy("E-mail"), max_length=254)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=STAFF_ROLES_EXPLAINED, widget=forms.RadioSelect, initial="clerk"
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("users.write")
def user_new(request: StaffRequest) -> HttpResponse:
    """Invite a colleague: the password is set with a link that is mailed."""
    url = reverse("office:users")
    about = FormPage(
        _("Invite colleague"),
        _("Send invitation"),
        url,
        lead=_("A link goes out by mail with which the password is set, once and within {days} days.").format(
            days=VALID_FOR.days
        ),
        crumbs=[Link(_("Users and roles"), url), Link(_("Invite colleague"))],
        done=_("The invitation is on its way."),
    )

    def act(data: dict[str, Any]) -> str:
        made = create_staff(**data, on=request.today, actor=request.actor)
        return reverse("office:user", args=[made.pk])

    form = StaffForm(request.POST or None, initial={"language": reader_language()})
    return serve_form(request, form, about, act)


class RoleForm(EditForm):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=STAFF_ROLES_EXPLAINED, widget=forms.RadioSelect)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("users.write")
def user_role(request: StaffRequest, user_id: int) -> HttpResponse:
    """Give a colleague another role. Customers' logins never become colleagues this way."""
    found = get_object_or_404(User.objects.exclude(staff_role=""), pk=user_id)
    url = reverse("office:user", args=[found.pk])
    about = FormPage(
        _("Change role"),
        _("Change role"),
        url,
        lead=found.username,
        crumbs=[Link(_("Users and roles"), reverse("office:users")), Link(found.username, url), Link(_("Change role"))],
        done=_("The role is changed; it counts from the next click."),
    )

    def act(data: dict[str, Any]) -> str:
        change_role(found, data["role"], on=request.today, actor=request.actor)
        return url

    form = RoleForm(request.POST or None, initial={"role": found.staff_role})
    return serve_form(request, form, about, act, compared=[found])


class EmailForm(EditForm):
    email = EmailField(label=gettext_lazy("E-mail"), max_length=254)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("users.write")
def user_email(request: StaffRequest, user_id: int) -> HttpResponse:
    """Move a login, a colleague's or a customer's, to another address."""
    found = get_object_or_404(User, pk=user_id)
    url = reverse("office:user", args=[found.pk])
    about = FormPage(
        _("Change e-mail address"),
        _("Change e-mail address"),
        url,
        lead=_("Ends the sessions of this login and the links that were mailed to it. The old address is told."),
        crumbs=[Link(_("Users and roles"), reverse("office:users")), Link(found.username, url), Link(_("E-mail"))],
        done=_("The e-mail address is changed."),
    )

    def act(data: dict[str, Any]) -> str:
        key = str(request.session.session_key)
        change_email(found, data["email"], on=request.today, actor=request.actor, kept_session=key)
        return url

    form = EmailForm(request.POST or None, initial={"email": found.email})
    return serve_form(request, form, about, act, compared=[found])


@require_POST
@staff_permission("users.write")
def user_state(request: StaffRequest, user_id: int) -> HttpResponseBase:
    """Lock a login, which ends its sessions, or open it again."""
    found = get_object_or_404(User, pk=user_id)

    def act() -> str:
        if request.POST.get("state") == "locked":
            deactivate_user(found, on=request.today, actor=request.actor)
            return _("The login is locked and its sessions have ended.")
        reactivate_user(found, on=request.today, actor=request.actor)
        return _("The login is open again.")

    return submit_once(request, reverse("office:user", args=[found.pk]), act)


@require_POST
@staff_permission("users.write")
def membership_remove(request: StaffRequest, user_id: int, customer_id: int) -> HttpResponseBase:
    """Take a customer away from a login."""
    membership = get_object_or_404(
        Membership.objects.select_related("user", "customer"), user_id=user_id, customer_id=customer_id
    )

    def act() -> str:
        remove_membership(membership.user, membership.customer, on=request.today, actor=request.actor)
        return _("The login no longer reaches this customer.")

    return submit_once(request, reverse("office:user", args=[user_id]), act)
