"""Holes of this product family, one test per row of the list: foreign objects, mass assignment, logic."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import models
from django.test import Client

from kundenkontor.access.models import Membership, User
from kundenkontor.access.policy import CUSTOMER_PERMISSIONS, may
from kundenkontor.documents.models import DownloadSelection, StoredFile
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.models import Invoice
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.models import Contact, Customer
from kundenkontor.receivables.models import OpenItem
from kundenkontor.web.gate.once import new_key
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME
from tests.proof.rights.reading import content_of
from tests.proof.rights.world import MISSING, World

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"


def owner(world: World, name: str = "owner") -> Client:
    return client_of(world, BY_NAME[name])


def post(client: Client, path: str, **fields: Any) -> Any:
    return client.post(path, {"idempotency_key": new_key(), **fields})


def plain(answer: Any, object_id: int) -> str:
    """A page without what differs on every call: the object's own id and the CSRF token."""
    return re.sub(r'value="[^"]{40,}"', "", answer.content.decode().replace(str(object_id), ""))


@pytest.mark.security("Kimai CVE-2026-28685")
def test_kimai_cve_2026_28685_an_invoice_of_another_customer_does_not_exist(world: World) -> None:
    client, bobs = owner(world), world.ids["bob"]["invoice_id"]
    for page in ("", "pdf/", "xml/", "positionen.csv"):
        foreign, missing = client.get(f"/rechnungen/{bobs}/{page}"), client.get(f"/rechnungen/{MISSING}/{page}")
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert plain(foreign, bobs) == plain(missing, MISSING)


@pytest.mark.security("InvoicePlane CVE-2025-64012")
def test_invoiceplane_cve_2025_64012_a_number_in_the_address_is_no_key(world: World) -> None:
    client = owner(world)
    number = Invoice.objects.get(pk=world.ids["ada"]["invoice_id"]).number
    assert client.get(f"/rechnungen/{number}/").status_code == 404
    for guess in ("0", "-1", "1e3", "9" * 30, "%31", "1%00"):
        assert client.get(f"/rechnungen/{guess}/").status_code == 404 or guess == "%31"


@pytest.mark.security("InvoiceShelf CVE-2026-55610")
@pytest.mark.security("Akaunting CVE-2026-19198")
def test_akaunting_cve_2026_19198_a_bulk_choice_with_one_foreign_document_chooses_nothing(world: World) -> None:
    client, before = owner(world), DownloadSelection.objects.count()
    own, bobs, cyds = (world.ids[name]["invoice_id"] for name in ("ada", "bob", "cyd"))
    for ids in ([bobs], [own, bobs], [own, cyds], [own, MISSING], [own, "x"], [own, ""]):
        assert post(client, "/rechnungen/auswahl/", invoice=ids, action="pdf").status_code == 404
    assert DownloadSelection.objects.count() == before


@pytest.mark.security("Odoo CVE-2021-23203")
@pytest.mark.security("FreeScout CVE-2026-48812")
def test_odoo_cve_2021_23203_a_stored_file_has_no_address_of_its_own(world: World) -> None:
    """Bytes are found by their hash on disk, but no route takes a hash, path or file name."""
    for name in ("signed_out", "owner", "administrator"):
        client = owner(world, name)
        for sha256 in StoredFile.objects.values_list("sha256", flat=True)[:3]:
            for path in (
                f"/files/{sha256}",
                f"/static/{sha256}",
                f"/media/{sha256}",
                f"/{sha256}",
                f"/var/files/{sha256}",
            ):
                assert client.get(path).status_code == 404


@pytest.mark.security("pretix CVE-2026-9712")
def test_pretix_cve_2026_9712_an_archive_belongs_to_one_login(world: World) -> None:
    path = f"/rechnungen/download/{world.ids['ada']['selection_id']}/"
    assert content_of(owner(world).get(path)).startswith(b"PK")
    for name in ("reader", "invoices", "bob", "cyd", "administrator"):
        answer = owner(world, name).get(path)
        assert answer.status_code == 404 or answer.headers["Location"] == "/office/"
    assert owner(world, "signed_out").get(path).status_code == 302


@pytest.mark.security("Akaunting CVE-2021-36801")
def test_akaunting_cve_2021_36801_the_customer_comes_from_the_session_only(world: World) -> None:
    """Whatever a form says about customer, seller or user, the chosen customer is changed and nobody else."""
    client, bob = owner(world), world.customers["bob"]
    before = Customer.objects.filter(pk=bob).values().get()
    ids: dict[str, Any] = dict.fromkeys(("customer", "customer_id", "id", "pk", "seller", "seller_id", "tenant"), bob)
    fields = {"group": "technical", "name": "x", "email": "x@example.at", "phone": "", **ids}
    assert post(client, "/konto/kontakte/neu/", **fields).status_code == 302
    assert Contact.objects.get(email="x@example.at").customer_id == world.customers["ada"]
    assert post(client, f"/konto/rechnungsart/?customer={bob}", way="collective", **ids).status_code == 302
    assert Customer.objects.filter(pk=bob).values().get() == before


@pytest.mark.security("Odoo CVE-2021-23178")
def test_odoo_cve_2021_23178_a_contact_of_another_customer_receives_nothing(world: World) -> None:
    client, bobs = owner(world), world.ids["bob"]["contact_id"]
    assert post(client, "/konto/empfaenger/", contact=bobs).status_code == 422
    assert post(client, f"/konto/kontakte/{bobs}/entfernen/").status_code == 404
    assert post(client, f"/konto/kontakte/{bobs}/", email="evil@example.at").status_code == 404
    assert Contact.objects.get(pk=bobs).receives_invoices


@pytest.mark.security("FOSSBilling CVE-2026-42331")
@pytest.mark.parametrize("to", ["evil@example.com", "buch-zqbobkanari@example.at", "a@b.at\nBcc: evil@example.com", ""])
def test_fossbilling_cve_2026_42331_a_document_goes_only_to_a_stored_address(to: str, world: World) -> None:
    before = OutgoingMail.objects.count()
    answer = post(owner(world), f"/rechnungen/{world.ids['ada']['invoice_id']}/senden/", to=to)
    assert answer.status_code == 409
    assert OutgoingMail.objects.count() == before


@pytest.mark.security("Kimai CVE-2024-29200")
@pytest.mark.invariant("I-A3")
def test_kimai_cve_2024_29200_list_export_and_archive_show_the_same_documents(world: World) -> None:
    """One policy, one scope: the page, the CSV and the archive of a login hold the same numbers."""
    for name, customer in (("owner", "ada"), ("bob", "bob"), ("cyd", "cyd")):
        client = owner(world, name)
        own = set(Invoice.objects.filter(customer_id=world.customers[customer]).values_list("number", flat=True))
        foreign = set(Invoice.objects.values_list("number", flat=True)) - own
        listed = content_of(client.get("/rechnungen/liste.csv")).decode()
        page = client.get("/rechnungen/").content.decode()
        assert all(number in listed and number in page for number in own)
        assert not any(number in listed or number in page for number in foreign)


@pytest.mark.security("Kimai CVE-2026-41498")
@pytest.mark.invariant("I-A3")
def test_kimai_cve_2026_41498_a_customer_permission_without_its_customer_is_refused(world: World) -> None:
    ada = world.user("owner")
    for permission in frozenset().union(*CUSTOMER_PERMISSIONS.values()):
        assert not may(ada, permission)
        assert not may(ada, permission, world.customers["bob"])
    assert not may(world.user("inactive"), "account.read", world.customers["ada"])
    assert not may(world.user("clerk"), "account.read", world.customers["ada"])


@pytest.mark.security("Kimai CVE-2026-40486")
@pytest.mark.parametrize("model", [Customer, User, Membership, OpenItem], ids=lambda model: model.__name__)
def test_kimai_cve_2026_40486_no_form_of_the_portal_writes_a_field_it_does_not_show(
    model: type[models.Model], world: World
) -> None:
    """Every column of a table is sent to every form: only what customers may change is changed."""
    ada, client = world.customers["ada"], owner(world)
    shown = {"company", "first_name", "last_name", "street", "postal_code", "city", "email", "phone", "language"}
    shown |= {"order_number", "buyer_reference", "cost_centre", "is_collective", "sort_key", "name"}
    before = rows(model)
    fields = {field.attname: hostile(field, world) for field in model._meta.local_concrete_fields}
    for path in (
        "/konto/daten/",
        "/konto/daten/antrag/",
        "/konto/rechnungsart/",
        "/konto/empfaenger/",
        "/konto/kontakte/neu/",
    ):
        post(client, path, **fields)
    for pk, row in rows(model).items():
        changed = {name for name, value in row.items() if before[pk][name] != value}
        allowed = shown | {one for one in row if one.startswith(("invoice_", "has_invoice"))} if pk == ada else set()
        assert changed <= (allowed if model is Customer else set())


def rows(model: type[models.Model]) -> dict[Any, dict[str, Any]]:
    """Every row by its key, without the time of the last sign-in."""
    columns = [field.attname for field in model._meta.local_concrete_fields if field.name != "last_login"]
    return {row["pk"]: row for row in model._default_manager.values("pk", *columns)}


def hostile(field: Any, world: World) -> str:
    """A value that the column would take and that its owner must not choose."""
    if isinstance(field, models.BooleanField):
        return "" if field.name == "is_taxable_person" else "1"
    if field.is_relation or isinstance(field, models.IntegerField):
        return str(world.customers["bob"])
    return {"staff_role": "administrator", "role": "owner", "vat_id": "ATU99999999"}.get(field.name, "checked")


@pytest.mark.security("FreeScout CVE-2026-40569")
def test_freescout_cve_2026_40569_no_form_takes_all_fields_of_a_table() -> None:
    """``fields = "__all__"``, ``exclude`` and ``setattr`` over posted names are how 32 fields slipped in there."""
    found = []
    for file in SOURCE.rglob("*.py"):
        text = file.read_text()
        if "__all__" in text and "fields" in text.split("__all__")[0].splitlines()[-1]:
            found.append(f"{file}: all fields")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.keyword) and node.arg is None and "request.POST" in ast.unparse(node.value):
                found.append(f"{file}:{node.value.lineno}: **request.POST")
            if isinstance(node, ast.ClassDef) and any("ModelForm" in ast.unparse(base) for base in node.bases):
                found.append(f"{file}:{node.lineno}: ModelForm")
    assert found == []


@pytest.mark.security("FOSSBilling CVE-2023-3228")
def test_fossbilling_cve_2023_3228_no_form_of_the_portal_names_an_amount(world: World) -> None:
    """Prices and totals are read on the server: no page offers them as a field, hidden or not."""
    client = owner(world)
    for path in (
        "/konto/daten/",
        "/konto/",
        "/rechnungen/",
        "/dienste/",
        f"/rechnungen/{world.ids['ada']['invoice_id']}/",
    ):
        page = client.get(path).content.decode()
        for name in ("price", "amount", "discount", "quantity", "total", "customer_id", "seller"):
            assert f'name="{name}"' not in page, path


@pytest.mark.security("InvoiceShelf CVE-2026-55610")
def test_invoiceshelf_cve_2026_55610_the_owner_of_one_customer_manages_no_login_of_another(world: World) -> None:
    client = owner(world)
    before = list(User.objects.order_by("pk").values())
    for path in (
        f"/office/people/users/{world.users['bob']}/role/",
        f"/office/people/users/{world.users['bob']}/state/",
    ):
        assert post(client, path, staff_role="administrator", role="owner").status_code == 404
    assert list(User.objects.order_by("pk").values()) == before


def test_the_actor_of_an_event_is_the_login_not_a_field(world: World) -> None:
    from kundenkontor.events.models import Event

    post(owner(world), "/konto/rechnungsart/", way="collective", actor="clara", actor_label="clara", user_id="1")
    event = Event.objects.latest("pk")
    assert Actor(event.actor_kind, event.actor_label, event.actor_user_id) == Actor(  # type: ignore[arg-type]
        "customer", str(world.user("owner")), world.users["owner"]
    )
