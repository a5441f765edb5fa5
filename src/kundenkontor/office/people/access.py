"""Letting customers in: a link that sets the password, to one, some, or everybody who has no login yet."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kundenkontor.access.commands import AccessSent, ask_for_access, send_access
from kundenkontor.access.links import VALID_FOR
from kundenkontor.access.queries import mail_count, reachable, without_login
from kundenkontor.office.desk.choices import customers_found, seller_filters
from kundenkontor.office.desk.submits import ids_shown, submit_once
from kundenkontor.parties.models import Customer, Seller
from kundenkontor.web.components import Badge, Fact, Link
from kundenkontor.web.forms import whole_number, written
from kundenkontor.web.gate.policy import staff_permission
from kundenkontor.web.gate.requests import StaffRequest
from kundenkontor.web.lists.filters import Filter, Listing, Sort
from kundenkontor.web.lists.tables import Column, ListPage, render_list

SORTS = {
    "name": Sort(gettext_lazy("Name"), ("sort_key", "id")),
    "number": Sort(gettext_lazy("Number"), ("number", "id")),
}


def _chosen_seller(given: str) -> Seller | None:
    """The seller to which the list is narrowed, if it is."""
    return Seller.objects.filter(pk=whole_number(given)).first()


def _reach(customer: Customer) -> list[Badge]:
    return [] if customer.email else [Badge("warn", _("no e-mail"))]


def listing_of(request: StaffRequest) -> Listing:
    filters = [Filter("q", gettext_lazy("Search"), customers_found, "search"), *seller_filters()]
    return Listing(request.GET, filters=filters, sorts=SORTS, default_sort="name")


@require_safe
@staff_permission("access.send")
def access(request: StaffRequest) -> HttpResponseBase:
    """Customers without a login."""
    columns = [
        Column(
            gettext_lazy("Name"),
            lambda row: row.name,
            url=lambda row: reverse("office:customer", args=[row.pk]),
            sub=lambda row: row.number,
            sort="name",
        ),
        Column(gettext_lazy("E-mail"), lambda row: row.email),
        Column(gettext_lazy("Seller"), lambda row: row.seller.name),
        Column(gettext_lazy("Note"), _reach, "badges"),
    ]
    listing = listing_of(request)
    rows = without_login().select_related("seller")
    about = ListPage(
        _("Send access"),
        _("These customers cannot sign in yet. Each gets a link by mail with which the password is set."),
        _("Every customer has a login"),
        "without-login.csv",
        extra={
            "count": reachable(listing.apply(without_login())).count(),
            "all_url": reverse("office:access-send") + listing.url(),
            "actions": [("selected", _("Send access"), "mail")],
            "may_write": True,
            "selection_method": "post",
            "selection_url": reverse("office:access-send"),
        },
    )
    return render_list(request, about, listing, rows, columns, template="office/people/access.html")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_permission("access.send")
def access_send(request: StaffRequest) -> HttpResponseBase:
    """GET: how many would get a mail. POST: send to the chosen customers, or to all without a login that the list
    shows."""
    listing = listing_of(request)
    if request.method != "POST":
        return _ask(request, listing)
    back = reverse("office:access") + listing.url()
    if request.POST.get("action") == "all":
        return submit_once(request, back, lambda: _send_all(request, listing))
    ids = [found for one in request.POST.getlist("customer") if (found := whole_number(one))]
    if request.POST.get("back") == "customer" and ids:
        back = reverse("office:customer", args=[ids[0]])

    def act() -> str:
        rows = Customer.objects.filter(pk__in=ids).select_related("seller").order_by("pk")
        outcome = send_access(rows, on=request.today, actor=request.actor)
        _warn(request, outcome)
        count = outcome.mails
        sentence = ngettext("{n} access mail is on its way.", "{n} access mails are on their way.", count)
        return sentence.format(n=written(count))

    return submit_once(request, back, act)


def _warn(request: StaffRequest, outcome: AccessSent) -> None:
    if outcome.without_address:
        count = len(outcome.without_address)
        text = ngettext("{n} customer has no e-mail address.", "{n} customers have no e-mail address.", count)
        messages.warning(request, text.format(n=count))
    if outcome.inactive:
        count = len(outcome.inactive)
        text = ngettext("{n} login is locked.", "{n} logins are locked.", count)
        messages.warning(request, text.format(n=count))
    if outcome.over_quota:
        count = len(outcome.over_quota)
        text = ngettext(
            "{n} customer got so many access mails today that no more is sent.",
            "{n} customers got so many access mails today that no more are sent.",
            count,
        )
        messages.warning(request, text.format(n=count))
    if outcome.elsewhere:
        count = len(outcome.elsewhere)
        text = ngettext(
            "{n} customer has a login with another address. Change the address of that login, or lock it.",
            "{n} customers have a login with another address. Change the address of that login, or lock it.",
            count,
        )
        messages.warning(request, text.format(n=count))


def _ask(request: StaffRequest, listing: Listing) -> HttpResponse:
    seller = _chosen_seller(request.GET.get("seller", ""))
    all_rows = listing.apply(without_login())
    count, silent = mail_count(all_rows), all_rows.count() - reachable(all_rows).count()
    context = {
        "title": _("Send access to all without a login"),
        "facts": [
            Fact(_("Seller"), seller.name if seller else _("All")),
            *([Fact(_("Search"), listing.values["q"])] if "q" in listing.values else []),
            Fact(_("Mails"), written(count)),
            Fact(_("Without an e-mail address"), written(silent), note=_("They are left out.")),
            Fact(_("The link"), _("sets the password once, within {days} days").format(days=VALID_FOR.days)),
        ],
        "button": ngettext("Send {n} mail", "Send {n} mails", count).format(n=written(count)),
        "cancel_url": reverse("office:access") + listing.url(),
        "crumbs": [Link(_("Send access"), reverse("office:access")), Link(_("All"))],
    }
    return render(request, "office/people/send_all.html", context)


def _send_all(request: StaffRequest, listing: Listing) -> str:
    ids = ids_shown(listing.apply(without_login())) if "q" in listing.values else None
    ask_for_access(_chosen_seller(request.GET.get("seller", "")), ids, on=request.today, actor=request.actor)
    return _("The mails are being written. This list becomes shorter while that happens.")
