"""Routes of the tests of the shared web layer: its own, and one view per declaration."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import include, path

from kundenkontor.kernel.errors import DomainError
from kundenkontor.parties.models import Customer
from kundenkontor.web.gate.once import once
from kundenkontor.web.gate.policy import customer_permission, public, staff_permission
from kundenkontor.web.gate.requests import PortalRequest

handler400 = "kundenkontor.web.pages.bad_request"
handler403 = "kundenkontor.web.pages.permission_denied"
handler404 = "kundenkontor.web.pages.page_not_found"
handler429 = "kundenkontor.web.pages.too_many_requests"
handler500 = "kundenkontor.web.pages.server_error"


@customer_permission("invoices.read")
def customers(request: PortalRequest) -> HttpResponse:
    """Lists every customer it can see: the second wall must leave only the chosen one, even in a lazy template."""
    return TemplateResponse(request, "web/tests_customers.html", {"found": Customer.objects.all()})


@customer_permission("data.change")
def change(request: PortalRequest, customer_id: int) -> HttpResponse:
    with request.reading():
        customer = get_object_or_404(Customer, pk=customer_id)
    with once(request) as answer:
        Customer.objects.filter(pk=customer.pk).update(phone=request.POST["phone"])
        answer.location = "/customers/"
    return HttpResponse(status=204)


@staff_permission("payments.write")
def office(request: HttpRequest) -> HttpResponse:
    return HttpResponse("office")


@public
def refuse(request: HttpRequest) -> HttpResponse:
    raise DomainError()


urlpatterns = [
    path("", include("kundenkontor.web.urls")),
    path("", customers),
    path("customers/", customers),
    path("customers/<int:customer_id>/change/", change),
    path("office/", office),
    path("refuse/", refuse),
]
