"""Help pages: short answers to what customers ask."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenkontor.web.components import Link
from kundenkontor.web.gate.policy import customer_permission
from kundenkontor.web.gate.requests import PortalRequest


@customer_permission("account.read")
@require_safe
def help_index(request: PortalRequest) -> HttpResponseBase:
    return render(request, "portal/account/help/index.html", {"contact": request.customer.seller})


@customer_permission("account.read")
@require_safe
def help_change_address(request: PortalRequest) -> HttpResponseBase:
    """Adressdaten ändern (M40)."""
    crumbs = [Link(_("Help"), reverse("portal:help")), Link(_("Changing address data"))]
    return render(request, "portal/account/help/change_address.html", {"crumbs": crumbs})


@customer_permission("account.read")
@require_safe
def help_pay(request: PortalRequest) -> HttpResponseBase:
    """How to pay, so that the payment is matched (M47, M48)."""
    crumbs = [Link(_("Help"), reverse("portal:help")), Link(_("Paying invoices"))]
    return render(request, "portal/account/help/pay.html", {"crumbs": crumbs})
