"""Holes of this product family, one test per row: templates, traversal, hosts, long input."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from kundenkontor.config.logs import OneLineFormatter, SecretsFilter
from kundenkontor.documents.models import StoredFile
from kundenkontor.documents.queries import open_file
from kundenkontor.events.actor import Actor
from kundenkontor.invoicing.models import Invoice
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.parties.models import Contact, Customer
from kundenkontor.web.gate.once import new_key
from kundenkontor.web.sign_in.password_reset import send_reset_links
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME, PASSWORD
from tests.proof.rights.reading import texts_of
from tests.proof.rights.world import World
from tests.support import builders
from tests.support.builders import TODAY
from tests.support.papers import get_or_render

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
TEMPLATE_PAYLOADS = (
    "{{7*191}}",
    "{% debug %}",
    "{{ request.user.password }}",
    "${7*191}",
    "#{7*191}",
    "#(7*191)",
    "{x.__class__.__mro__}",
    "%(password)s",
    "{0.__init__.__globals__}",
    "{php}echo 1;{/php}",
)
HTML_PAYLOADS = (
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "'\"><svg/onload=alert(1)>",
    "</title><b>x",
)
TRAVERSALS = (
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "%2e%2e%2f",
    "....//",
    "a\x00.pdf",
    "\u202egpj.exe",
    "CON",
)


def change(world: World, **fields: Any) -> Client:
    """Ada writes this into her own data and looks at it."""
    client = client_of(world, BY_NAME["owner"])
    values = {
        "company": "Zqadakanari GmbH",
        "street": "Gasse 1",
        "postal_code": "1010",
        "city": "Wien",
        "language": "de",
        "email": "a@example.at",
        "idempotency_key": new_key(),
    }
    assert client.post("/konto/daten/", {**values, **fields}).status_code == 302
    return client


@pytest.mark.security("WHMCS CVE-2011-5061")
@pytest.mark.security("FOSSBilling CVE-2026-28496")
@pytest.mark.parametrize("payload", TEMPLATE_PAYLOADS)
def test_fossbilling_cve_2026_28496_template_words_in_a_field_stay_text_on_pages_mails_and_documents(
    payload: str, world: World
) -> None:
    client = change(world, company=payload, street=payload, order_number=payload)
    assert Customer.objects.get(pk=world.customers["ada"]).company == payload
    page = client.get("/konto/").content.decode()
    assert "1337" not in page and "argon2" not in page and "class &#x27;" not in page
    ada = world.customer("ada")
    issued = builders.issue(ada, builders.line("1.00", name=payload, description=payload))
    pdf = get_or_render(issued, on=TODAY, actor=Actor("staff", "clara"))
    with open_file(pdf) as opened:
        text = "".join(texts_of(opened.read()))
    assert re.sub(r"\s", "", payload).lower() in text.replace("&#39;", "'").replace("&amp;", "&")
    assert "1337" not in text


@pytest.mark.security("InvoicePlane CVE-2026-25548")
def test_invoiceplane_cve_2026_25548_a_template_is_never_named_by_a_user() -> None:
    """Every template name in the source is a literal, or put together from literals of the source."""
    found = []
    for file in [file for face in ("portal", "office", "web") for file in (SOURCE / face).rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("render", "render_to_string", "get_template"):
                text = " ".join(ast.unparse(argument) for argument in node.args[:2])
                if re.search(r"\.(GET|POST|headers|COOKIES|body|path)\b", text):
                    found.append(f"{file.name}:{node.lineno}: {text}")
    assert found == []


@pytest.mark.security("InvoicePlane CVE-2026-23491")
@pytest.mark.security("FreeScout CVE-2026-41193")
@pytest.mark.parametrize("payload", TRAVERSALS)
def test_invoiceplane_cve_2026_23491_a_name_with_a_path_names_no_file(payload: str, world: World) -> None:
    """Files are found by their hash alone; a number or name never becomes a path, and neither does an address."""
    with pytest.raises(ValueError):
        open_file(StoredFile(sha256=payload, size=1, crc32=0))
    client = client_of(world, BY_NAME["owner"])
    for path in (f"/rechnungen/{payload}/pdf/", f"/static/{payload}", f"/legal/{payload}/imprint/"):
        answer = client.get(path.replace("\x00", "%00"))
        assert answer.status_code in (400, 404), path


@pytest.mark.security("Invoice Ninja CVE-2017-1000466")
@pytest.mark.security("FreeScout CVE-2026-32754")
@pytest.mark.parametrize("payload", HTML_PAYLOADS)
def test_invoice_ninja_cve_2017_1000466_markup_in_a_field_is_shown_as_text(payload: str, world: World) -> None:
    client = change(world, company=payload, street=payload, city=payload, cost_centre=payload)
    Contact.objects.filter(customer_id=world.customers["ada"]).update(name=payload, phone=payload[:50])
    clerk, ada = client_of(world, BY_NAME["clerk"]), world.customers["ada"]
    for one, path in (
        (client, "/"),
        (client, "/konto/"),
        (client, "/konto/daten/"),
        (client, "/tickets/"),
        (clerk, f"/office/customers/{ada}/"),
        (clerk, "/office/customers/"),
        (clerk, f"/office/customers/{ada}/events/"),
        (client, f"/rechnungen/?q={payload}"),
        (client, f"/dienste/?q={payload}&sort={payload}&group={payload}"),
    ):
        page = one.get(path).content.decode()
        assert payload not in page, path
        assert "<script>alert" not in page and "<img src=x" not in page and "<svg/onload" not in page


@pytest.mark.security("Akaunting CVE-2021-36804")
@pytest.mark.security("FreeScout CVE-2026-34442")
@pytest.mark.security("Odoo CVE-2018-14887")
@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"HTTP_X_FORWARDED_SERVER": "evil.example"},
        {"HTTP_X_HOST": "evil.example", "HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_HOST": "localhost:80@evil.example"},
        {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_PORT": "1234"},
    ],
    ids=str,
)
def test_akaunting_cve_2021_36804_links_in_mails_come_from_the_configured_address(
    headers: dict[str, str], world: World, settings: Any
) -> None:
    user = world.user("owner")
    answer = Client().post("/account/password/reset/", {"login": user.email}, **headers)  # type: ignore[arg-type]
    assert "evil" not in answer.headers.get("Location", "")
    send_reset_links(user.email)
    body = OutgoingMail.objects.latest("pk").body
    assert "evil" not in body and "1234" not in body.split("//")[-1].split("/")[0]
    assert f"{settings.BASE_URL}/account/password/reset/key/" in body


@pytest.mark.security("Redirects")
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:///evil",
        "////evil.example",
        "/%09/evil.example",
        "\t//evil.example",
        "https:evil.example",
        "data:text/html,x",
        "http:\\\\evil",
    ],
)
def test_nobody_is_led_to_another_host_by_next(target: str, world: World) -> None:
    cache.clear()
    user = world.user("owner")
    for client, path, fields in (
        (Client(), "/account/login/", {"login": user.username, "password": PASSWORD}),
        (client_of(world, BY_NAME["owner"]), "/preferences/theme/", {"theme": "dark"}),
        (client_of(world, BY_NAME["owner"]), "/preferences/language/", {"language": "en"}),
        (client_of(world, BY_NAME["owner"]), "/account/logout/", {}),
    ):
        location = client.post(path, {**fields, "next": target}).headers["Location"]
        assert location.startswith("/") and not re.match(r"/[/\\\t]", location), (path, location)
    signed_out = Client().get("/account/login/", {"next": target}).content.decode()
    assert 'href="javascript:' not in signed_out


@pytest.mark.security("osTicket CVE-2023-30082")
def test_osticket_cve_2023_30082_a_huge_password_costs_nothing(world: World) -> None:
    user = world.user("owner")
    start = time.process_time()
    answer = Client().post("/account/login/", {"login": user.username, "password": "x" * 1_000_000})
    assert answer.status_code in (200, 400, 413, 422)
    assert time.process_time() - start < 5
    assert Client(raise_request_exception=False).post("/account/login/", {"login": "a" * 6_000_000}).status_code in (
        400,
        413,
    )


@pytest.mark.security("Django CVE-2024-41989")
@pytest.mark.parametrize("payload", ["9" * 5000, "1e999999", "-", "NaN", "Infinity", "0" * 90_000 + "1", "١٢٣", "\x00"])
def test_django_cve_2024_41989_odd_numbers_and_words_are_refused_quickly(payload: str, world: World) -> None:
    owner, clerk = (client_of(world, BY_NAME[name]) for name in ("owner", "clerk"))
    start = time.process_time()
    for client, path in (
        (owner, "/rechnungen/"),
        (owner, "/dienste/"),
        (clerk, "/office/customers/"),
        (clerk, "/office/invoices/"),
    ):
        for name in ("q", "sort", "after", "before", "status", "since", "from", "type", "customer", "seller", "run"):
            answer = client.get(path, {name: payload})
            assert answer.status_code < 500, (path, name)
    assert time.process_time() - start < 60


@pytest.mark.parametrize("payload", ["\x00", "9" * 5000])
def test_what_no_form_reads_first_is_no_server_error_either(payload: str, world: World) -> None:
    clerk = client_of(world, BY_NAME["clerk"])
    for path in ("/office/invoices/drafts/new/", "/office/payments/new/", "/office/invoices/one-offs/new/"):
        assert clerk.get(path, {"q": payload, "customer": payload}).status_code < 500, path
    fields = {"idempotency_key": new_key(), "customer": payload}
    assert clerk.post("/office/invoices/drafts/new/", fields).status_code == 404
    assert clerk.post("/office/invoices/drafts/new/", {**fields, "idempotency_key": payload * 20}).status_code in (
        400,
        404,
    )


def test_no_address_is_taken_that_is_longer_than_its_column(world: World) -> None:
    """Django's own limit of such a field is 320 characters, or none; the columns hold 254 and 200."""
    admin, ids = client_of(world, BY_NAME["administrator"]), world.ids["ada"]
    address = "a" * 60 + "@" + ("b" * 60 + ".") * 4 + "example.at"
    customer, seller = f"/office/customers/{ids['customer_id']}/", f"/office/sellers/{ids['seller_id']}/"
    for path in (
        f"{customer}contacts/new/",
        f"{customer}edit/",
        f"{seller}edit/",
        f"/office/people/users/{ids['user_id']}/email/",
        "/office/people/users/new/",
    ):
        fields = dict.fromkeys(("name", "username", "company", "street", "city", "postal_code"), "x")
        fields |= {"country": "AT", "language": "de", "kind": "business", "group": "technical", "role": "clerk"}
        fields |= {"zone": "Europe/Vienna", "accent_colour": "#0b5d66", "payment_terms_days": "7", "qr_mode": "none"}
        urls = {"website": f"https://{'b' * 60}.example.at/{'x' * 200}", "bookkeeping_email": address}
        answer = admin.post(path, {**fields, **urls, "email": address, "idempotency_key": new_key()})
        assert answer.status_code == 422, path
        assert "254" in answer.content.decode()


def test_a_cookie_with_a_nul_is_a_bad_request(world: World) -> None:
    cookie = 'kk_session="\\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"'
    answer = Client(raise_request_exception=False).get("/account/login/", headers={"cookie": cookie})
    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.security("FOSSBilling CVE-2023-3490")
@pytest.mark.security("WHMCS CVE-2010-1702")
@pytest.mark.security("Django CVE-2025-64459")
@pytest.mark.parametrize(
    "payload", ["' OR 1=1 --", "1); DROP TABLE x; --", 'a"b', "_connector", "id__gt", "-password", "?", "%", "_"]
)
def test_fossbilling_cve_2023_3490_filters_orders_and_searches_are_allow_lists(payload: str, world: World) -> None:
    client = client_of(world, BY_NAME["owner"])
    foreign = set(Invoice.objects.filter(customer_id=world.customers["bob"]).values_list("number", flat=True))
    for path in ("/rechnungen/", "/dienste/"):
        for query in ({"q": payload}, {"sort": payload}, {payload: "1"}, {"after": payload}, {"status": payload}):
            answer = client.get(path, query)
            assert answer.status_code in (200, 400, 404)
            assert not any(number in answer.content.decode() for number in foreign)


@pytest.mark.security("Django CVE-2025-48432")
def test_django_cve_2025_48432_a_request_cannot_forge_a_log_line(
    caplog: pytest.LogCaptureFixture, world: World
) -> None:
    client_of(world, BY_NAME["owner"]).get("/x%0a2026-11-23 CRITICAL forged%1b[31m")
    formatter = OneLineFormatter()
    for record in caplog.records:
        SecretsFilter().filter(record)
        record.exc_info = record.exc_text = None
        line = formatter.format(record)
        assert "\n" not in line and "\x1b" not in line
