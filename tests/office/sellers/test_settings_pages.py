"""Sellers, bank accounts, number series, tax facts."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from kundenkontor.events.models import Event
from kundenkontor.invoicing.models import NumberSeries
from kundenkontor.kernel.checks import run_check
from kundenkontor.parties.errors import VatIdMalformed
from kundenkontor.parties.facts import freeze_seller_facts
from kundenkontor.parties.models import BankAccount, Seller
from kundenkontor.parties.seller_commands import change_seller
from kundenkontor.taxes.checks import CHECKS
from kundenkontor.taxes.models import SellerVatIdCheck, SellerVatIdQuestion
from tests.office.steps import desk, submit
from tests.support import builders
from tests.support.jobs import run_jobs

pytestmark = pytest.mark.django_db

SELLER = {
    "name": "Nordhost GmbH", "legal_form": "GmbH", "street": "Hafen 1", "postal_code": "20457", "city": "Hamburg",
    "country": "DE", "zone": "Europe/Berlin", "seat": "Hamburg", "register_number": "HRB 1234",
    "register_court": "Amtsgericht Hamburg", "managing_directors": "Anke Petersen", "vat_id": "DE136695976",
    "tax_number": "27/123/45678", "email": "service@nordhost.example", "accent_colour": "#0B5D66",
    "payment_terms_days": "14", "qr_mode": "rf",
}  # fmt: skip


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 80), "#0b5d66").save(buffer, "PNG")
    return buffer.getvalue()


def test_an_administrator_makes_a_seller_with_logo_and_bank_account() -> None:
    anna = desk("administrator")

    def send() -> Any:
        logo = SimpleUploadedFile("logo.png", png(), "image/png")
        return submit(anna, reverse("office:seller-new"), short_name="nordhost", logo=logo, **SELLER)

    early = send()
    assert early.status_code == 422 and "is still being set" in early.content.decode()
    run_jobs("make_unstored", reacting=False)
    response = send()

    made = Seller.objects.get(short_name="nordhost")
    assert response.headers["Location"] == reverse("office:seller", args=[made.pk])
    assert made.logo is not None and made.accent_colour == "#0b5d66"
    account = {"account_name": "Nordhost", "iban": "DE89 3704 0044 0532 0130 00", "position": "1", "is_active": "on"}
    assert submit(anna, reverse("office:bank-account-new", args=[made.pk]), **account).status_code == 302
    assert BankAccount.objects.get(seller=made).iban == "DE89370400440532013000"


@pytest.mark.invariant("I-L2")
def test_no_event_holds_a_full_iban() -> None:
    seller = builders.alpenhost()
    account = {"account_name": "A", "iban": "DE89370400440532013000", "position": "2", "is_active": "on"}
    submit(desk("administrator"), reverse("office:bank-account-new", args=[seller.pk]), **account)
    assert Event.objects.get(name="bank_account.saved").payload["iban"] == "…3000"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent_colour", "#ffe680"),
        ("accent_colour", "red"),
        ("zone", "Mars/Olympus"),
        ("imprint_url", "javascript:alert(1)"),
        ("payments_booked_until", "31.12.2199"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(field: str, value: str) -> None:
    seller = builders.alpenhost()
    url = reverse("office:seller-edit", args=[seller.pk])
    response = submit(desk("administrator"), url, **{**SELLER, field: value})
    assert response.status_code == 422 and list(response.context["form"].errors) == [field]


NOTHING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
FLAT = b'<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"><path d="M0 0h9v9z"/></svg>'


@pytest.mark.parametrize("content", [b"<svg><script/></svg>", b"MZ\x00", b"<svg", NOTHING, FLAT])
def test_a_logo_that_is_no_drawing_is_refused(content: bytes) -> None:
    seller = builders.alpenhost()
    logo = SimpleUploadedFile("logo.svg", content)
    url = reverse("office:seller-edit", args=[seller.pk])
    response = submit(desk("administrator"), url, **SELLER, logo=logo)
    assert response.status_code == 422 and "logo" in response.context["form"].errors


@pytest.mark.parametrize("iban", ["DE89370400440532013001", "12345", "<script>"])
def test_an_iban_with_wrong_check_digits_is_refused(iban: str) -> None:
    seller = builders.alpenhost()
    url = reverse("office:bank-account-new", args=[seller.pk])
    response = submit(desk("administrator"), url, account_name="A", iban=iban, position="1")
    assert response.status_code == 422 and "iban" in response.context["form"].errors


@pytest.mark.feature("M70")
def test_a_series_is_set_before_its_first_document_and_logged_never_after() -> None:
    ada = builders.ada(builders.alpenhost())
    anna = desk("administrator")
    url = reverse("office:number-series", args=[ada.seller_id, "invoice"])
    year = anna.get(reverse("office:home")).wsgi_request.today.year  # type: ignore[attr-defined]

    submit(anna, url, pattern="RG{year}{number:05}", next_number="4711")
    assert NumberSeries.objects.get(kind="invoice", year=year).next_number == 4711
    assert Event.objects.get(name="number_series.changed").actor_label == "anna"
    invoice = builders.issue(ada, on=date(year, 12, 30))
    assert invoice.number == f"RG{year}04711"
    refused = submit(anna, url, pattern="RG{year}{number:05}", next_number="9")
    assert refused.status_code == 422 and "next_number" in refused.context["form"].errors


def test_a_tax_fact_begins_on_its_day() -> None:
    seller = builders.alpenhost()
    url = reverse("office:tax-setting", args=[seller.pk])
    submit(desk("administrator"), url, kind="oss", applies="yes", valid_from="01.07.2026")
    facts = freeze_seller_facts(seller.pk)
    assert not facts.has("oss", date(2026, 6, 30)) and facts.has("oss", date(2026, 7, 1))
    again = submit(desk("administrator"), url, kind="oss", applies="yes", valid_from="01.08.2026")
    assert again.status_code == 422


@pytest.mark.parametrize("role", ["auditor", "support"])
def test_settings_are_not_changed_by_those_who_only_read(role: str) -> None:
    seller = builders.alpenhost()
    for name in ("seller-edit", "bank-account-new", "tax-setting"):
        assert submit(desk(role), reverse(f"office:{name}", args=[seller.pk]), **SELLER).status_code == 403
    assert submit(desk(role), reverse("office:number-series", args=[seller.pk, "invoice"])).status_code == 403


def test_a_sellers_own_vat_id_is_refused_where_its_digits_are_wrong_and_asked_about_where_it_is_new() -> None:
    seller = builders.alpenhost()
    with pytest.raises(VatIdMalformed):
        change_seller(seller, {"vat_id": "ATU12345678"}, on=builders.TODAY, actor=builders.CLARA)
    change_seller(seller, {"vat_id": "at u 13585627"}, on=builders.TODAY, actor=builders.CLARA)
    seller.refresh_from_db()
    assert seller.vat_id == "ATU13585627"
    run_jobs("check_seller_vat_id")
    check = SellerVatIdCheck.objects.get()
    assert (check.vat_id, check.outcome, check.checked_by) == ("ATU13585627", "valid", "clara")

    url = f"/office/sellers/{seller.pk}/"
    assert "VIES about ATU13585627" in desk("administrator").get(url).content.decode()
    change_seller(seller, {"vat_id": "ATU12345675"}, on=builders.TODAY, actor=builders.CLARA)
    assert "Nobody has asked VIES" in desk("administrator").get(url).content.decode()
    submit(desk("administrator"), f"{url}vat-id/")
    run_jobs("react", reacting=False)
    SellerVatIdQuestion.objects.exclude(state="done").update(attempts=1)
    assert "The question is being repeated" in desk("administrator").get(url).content.decode()
    run_jobs("check_seller_vat_id")
    assert "The question is being repeated" not in desk("administrator").get(url).content.decode()
    assert SellerVatIdCheck.objects.filter(vat_id="ATU12345675").exists()
    assert submit(desk("auditor"), f"{url}vat-id/").status_code == 403
    (found,) = [run_check(check) for check in CHECKS if check.code == "seller_vat_id_checks_are_as_recorded"]
    assert found.count == 0
    SellerVatIdCheck.objects.create(seller=seller, vat_id="X", outcome="valid", checked_on=builders.TODAY)
    (found,) = [run_check(check) for check in CHECKS if check.code == "seller_vat_id_checks_are_as_recorded"]
    assert found.examples == ("X",)
