"""The first hour of a provider: import, settle, bill, send access, fetch, change, bill again, pay, cancel.

Walked in a real browser on the real server, the worker's jobs being worked off in between. ``make screenshots`` also
takes every step's picture in German and English, on desktop and phone, light and dark.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kundenkontor.access.models import User
from kundenkontor.events.queries import business_date
from kundenkontor.imports.samples.export import contracts_csv, customers_csv
from kundenkontor.imports.samples.generator import Mix, generate
from kundenkontor.invoicing.models import Invoice
from kundenkontor.kernel.clock import utc_now
from kundenkontor.parties.models import Customer
from tests.support.browser import WebServer
from tests.support.papers import render_pool

EXAMPLES = Path(__file__).parents[2] / "data" / "import"
SETS = (
    ("k1", "utf8/customers.csv", "utf8/contracts.csv", 0),
    ("k2", "cp1252/kunden.csv", "cp1252/vertraege.csv", 0),
    ("k3", "bad/customers.csv", "bad/contracts.csv", 25),
)
GENERATED = int(os.environ.get("NEWCOMER_CUSTOMERS", "100"))
PASSWORD = "ein-langes-kennwort-2026"
AGENCY = "K11124"  # 41 monthly contracts, an invoice each
SHOTS = Path(os.environ.get("NEWCOMER_SHOTS", "")) if os.environ.get("NEWCOMER_SHOTS") else None
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


class Walk:
    """A browser page that takes pictures, and the worker."""

    def __init__(self, page: Page, work: Callable[[], None]) -> None:
        self.page, self.work, self.step = page, work, 0

    def go(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer
        assert answer.ok, (path, answer.status)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(name)).first.click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=re.compile(name)).first.click()
        self.page.wait_for_load_state()

    def picture(self, name: str) -> None:
        """The page in every language, size and scheme. It is loaded anew: what was typed is lost."""
        self.step += 1
        if SHOTS is None:
            return
        for language in ("de", "en"):
            self._speak(language)
            for size, viewport in SIZES.items():
                self.page.set_viewport_size(viewport)  # type: ignore[arg-type]
                for scheme in ("light", "dark"):
                    self.page.emulate_media(color_scheme=scheme)
                    path = SHOTS / f"{self.step:02}-{name}-{language}-{size}-{scheme}.png"
                    self.page.screenshot(path=path, full_page=True)
        self._speak("de")
        self.page.set_viewport_size(SIZES["desktop"])  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="light")

    def _speak(self, language: str) -> None:
        where = self.page.url
        self.page.request.post(
            "/preferences/language/",
            form={"language": language, "next": "/", "csrfmiddlewaretoken": self._token()},
            headers={"Referer": where},
        )
        self.page.goto(where)

    def _token(self) -> str:
        return str(self.page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value"))


@pytest.fixture
def walk(
    page: Page, web_server: WebServer, work_off_jobs: Callable[[], None], settings: object, tmp_path: Path
) -> Iterator[Walk]:
    """Clara, the clerk, about to sign in."""
    if SHOTS is not None:
        SHOTS.mkdir(parents=True, exist_ok=True)
    clara = User(username="clara", email="clara@alpenhost.example", staff_role="clerk", created_at=utc_now())
    clara.set_password(PASSWORD)
    clara.save()
    settings.BASE_URL = web_server.url  # type: ignore[attr-defined]
    yield Walk(page, work_off_jobs)
    render_pool().close()
    render_pool.cache_clear()


@pytest.mark.commits
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.feature("M1", "M5", "M7", "M15", "M19", "M26", "M30", "M34", "M35", "M37", "M38")
def test_from_nothing_to_a_paid_and_a_cancelled_invoice(walk: Walk, tmp_path: Path) -> None:
    sign_in(walk, "clara")
    walk.picture("office")
    for name, customers, contracts, problems in SETS:
        make_seller(walk, name)
        import_set(walk, name, EXAMPLES / customers, EXAMPLES / contracts, problems)
    make_seller(walk, "k4")
    import_set(walk, "k4", *generated_files(tmp_path), 0)

    settle_vat_ids(walk)
    assert not Customer.objects.filter(vat_id_state="unchecked").exists()
    move_clock(walk, days_to_next_month())
    bill(walk, "k1")
    first_number = Invoice.objects.filter(customer__number=AGENCY).order_by("id")[0].number

    link = send_access(walk)
    set_password(walk, link)
    old_pdf = fetch_invoices(walk)
    change_address(walk)

    leave(walk)
    sign_in(walk, "clara")
    move_clock(walk, 31)
    bill(walk, "k1")
    compare_documents(walk, first_number, old_pdf)

    paid = pay(walk, first_number)
    cancelled = cancel_and_issue_anew(walk)
    leave(walk)
    sign_in(walk, AGENCY)
    see_what_became_of(walk, paid, cancelled)


def sign_in(walk: Walk, name: str) -> None:
    walk.go("/account/login/")
    walk.page.fill("input[name=login]", name)
    walk.page.fill("input[name=password]", PASSWORD)
    walk.page.locator("input[name=password]").press("Enter")
    walk.page.wait_for_url(re.compile(r"/(office/)?$"))


def leave(walk: Walk) -> None:
    walk.page.context.clear_cookies()


def make_seller(walk: Walk, name: str) -> None:
    """Its particulars, and the bank account without which nobody can be asked for money."""
    walk.go("/office/sellers/new/")
    values = {
        "short_name": name, "name": f"Alpenhost {name.upper()} GmbH", "street": "Ring 1", "postal_code": "1010",
        "city": "Wien", "country": "AT", "vat_id": "ATU65033803", "register_number": "FN 123456a",
        "email": f"{name}@alpenhost.example",
    }  # fmt: skip
    fill_in(walk, values)
    walk.page.wait_for_url(re.compile(r"/office/sellers/\d+/"))
    walk.page.locator("main a[href*='/accounts/']").first.click()
    fill_in(walk, {"iban": "AT611904300234573201"})
    walk.page.wait_for_url(re.compile(r"/office/sellers/\d+/$"))


def fill_in(walk: Walk, values: dict[str, str]) -> None:
    for field, value in values.items():
        walk.page.fill(f"main [name={field}]", value)
    walk.page.locator("main form button[type=submit]").last.click()


def import_set(walk: Walk, seller: str, customers: Path, contracts: Path, problems: int) -> None:
    walk.go("/office/imports/new/")
    walk.page.select_option("main select[name=seller]", label=f"Alpenhost {seller.upper()} GmbH")
    walk.page.set_input_files("input[name=customers]", customers)
    walk.page.set_input_files("input[name=contracts]", contracts)
    walk.press("Vorschau")
    walk.work()
    walk.page.reload()
    if problems:
        walk.picture("import-preview")
    walk.press("importieren|übernehmen|Import")
    walk.work()
    walk.page.reload()
    expect(walk.page.locator("main")).to_contain_text(re.compile("Kund"))


def generated_files(folder: Path) -> tuple[Path, Path]:
    customers, contracts = generate(
        GENERATED, seed=3, on=date(2026, 11, 1), mix=Mix(agency_every=50, agency_domains=60)
    )
    paths = folder / "customers.csv", folder / "contracts.csv"
    paths[0].write_bytes(customers_csv(customers))
    paths[1].write_bytes(contracts_csv(contracts))
    return paths


def settle_vat_ids(walk: Walk) -> None:
    walk.go("/office/customers/vat-ids/")
    walk.picture("vat-ids")
    walk.follow("Alle .* bestätigen")
    walk.page.locator("main textarea, main input[name=evidence]").first.fill("Prüfprotokoll des alten Systems")
    walk.page.locator("main form button[type=submit]").last.click()
    walk.page.wait_for_load_state()


def days_to_next_month() -> int:
    today = business_date()
    return ((today.replace(day=1) + timedelta(days=32)).replace(day=1) - today).days


def move_clock(walk: Walk, days: int) -> None:
    walk.go("/office/control/clock/")
    walk.page.fill("main input[name=days]", str(days))
    walk.page.locator("main form button[type=submit]").last.click()
    walk.page.wait_for_load_state()


def bill(walk: Walk, seller: str) -> None:
    walk.go("/office/billing/start/")
    walk.page.select_option("main select[name=seller]", label=f"Alpenhost {seller.upper()} GmbH")
    walk.page.locator("main form button[type=submit]").last.click()
    walk.page.wait_for_url(re.compile(r"/office/billing/\d+/"))
    walk.work()
    walk.page.reload()
    walk.picture("billing-preview")
    walk.page.locator("main form[action*=confirm] button[type=submit], main a[href*=confirm]").first.click()
    walk.page.wait_for_load_state()
    confirm = walk.page.locator("main form button[type=submit]")
    if "/confirm/" in walk.page.url:
        confirm.last.click()
        walk.page.wait_for_load_state()
    walk.picture("billing-running")
    walk.work()
    walk.page.reload()
    walk.picture("billing-finished")
    assert Invoice.objects.filter(seller__short_name=seller).exists()


def send_access(walk: Walk) -> str:
    customer = Customer.objects.get(number=AGENCY)
    walk.go(f"/office/customers/{customer.pk}/")
    walk.picture("customer")
    walk.press("Zugangsdaten senden")
    if "/access/send" in walk.page.url:
        walk.page.locator("main form button[type=submit]").last.click()
        walk.page.wait_for_load_state()
    walk.work()
    walk.go("/office/mail/mailbox/")
    walk.page.locator("main table tbody a").first.click()
    walk.page.wait_for_load_state()
    text = walk.page.locator("main").inner_text()
    found = re.search(r"https?://\S+/zugang/\S+", text)
    assert found, text
    return found[0]


def set_password(walk: Walk, link: str) -> None:
    leave(walk)
    walk.page.goto(link)
    walk.picture("welcome")
    for field in walk.page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    walk.page.locator("main button[type=submit], form button[type=submit]").last.click()
    walk.page.wait_for_load_state()
    sign_in(walk, AGENCY)
    walk.picture("my-account")


def fetch_invoices(walk: Walk) -> bytes:
    """By domain name, as PDF, and thirty as a ZIP. Returns the first document's PDF."""
    page = walk.page
    domain = Customer.objects.get(number=AGENCY).contracts.filter(period_months=1).exclude(identifier="")
    identifier = next(c.identifier for c in domain.order_by("id") if c.charges.exists())
    walk.go(f"/rechnungen/?q={identifier}")
    expect(page.locator("main table tbody tr")).to_have_count(1)
    walk.picture("found-by-domain")
    walk.go("/rechnungen/")
    walk.picture("invoices")
    for box in page.locator("main input[name=invoice]").all()[:30]:
        box.check()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^PDF")).first.click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert archive.testzip() is None
    assert len([name for name in archive.namelist() if name.endswith(".pdf")]) == 30
    invoice = Invoice.objects.filter(customer__number=AGENCY).order_by("id")[0]
    walk.go(f"/rechnungen/{invoice.pk}/")
    walk.picture("invoice")
    answer = page.request.get(f"/rechnungen/{invoice.pk}/pdf/")
    assert answer.headers["content-disposition"].startswith("inline")
    return answer.body()


def change_address(walk: Walk) -> None:
    walk.go("/konto/daten/")
    walk.picture("change-address")
    walk.page.fill("main input[name=street]", "Neue Gasse 7")
    walk.press("künftigen Rechnungen|future invoices")


def compare_documents(walk: Walk, number: str, old_pdf: bytes) -> None:
    """The old PDF is the same to the byte, the new one names the new address."""
    leave(walk)
    sign_in(walk, AGENCY)
    old = Invoice.objects.get(number=number, customer__number=AGENCY)
    assert walk.page.request.get(f"/rechnungen/{old.pk}/pdf/").body() == old_pdf
    new = Invoice.objects.filter(customer__number=AGENCY).order_by("-id")[0]
    assert b"Neue Gasse 7" in walk.page.request.get(f"/rechnungen/{new.pk}/xml/").body()
    assert b"Neue Gasse 7" not in walk.page.request.get(f"/rechnungen/{old.pk}/xml/").body()
    leave(walk)
    sign_in(walk, "clara")


def pay(walk: Walk, number: str) -> Invoice:
    """Book a payment by hand; the invoice is paid."""
    invoice = Invoice.objects.get(number=number, customer__number=AGENCY)
    walk.go(f"/office/payments/new/?customer={invoice.customer_id}")
    walk.picture("payment")
    walk.page.fill("main input[name=amount]", f"{invoice.amount_due}".replace(".", ","))
    walk.page.fill("main input[name=reference]", f"Kunde {AGENCY} / Rechnung {number}")
    walk.page.locator("main button[name=step][value=book]").first.click()
    walk.page.wait_for_load_state()
    walk.go(f"/office/invoices/{invoice.pk}/")
    expect(walk.page.locator("main")).to_contain_text(re.compile("bezahlt", re.IGNORECASE))
    return invoice


def cancel_and_issue_anew(walk: Walk) -> Invoice:
    """Cancel the newest invoice, look at the prefilled draft, and issue it."""
    invoice = Invoice.objects.filter(customer__number=AGENCY, type_code="380").order_by("-id")[0]
    walk.go(f"/office/invoices/{invoice.pk}/cancel/")
    walk.picture("cancel")
    walk.page.locator("main input[name=bill_again]").first.check()
    walk.page.fill("main input[name=reason]", "Falscher Empfänger")
    walk.page.locator("main form button[type=submit]").last.click()
    walk.page.wait_for_load_state()
    draft = Customer.objects.get(number=AGENCY).drafts.get()
    walk.go(f"/office/invoices/drafts/{draft.pk}/")
    walk.picture("draft")
    walk.page.locator("main button[formaction*=issue]").first.click()
    walk.page.wait_for_load_state()
    walk.work()
    anew = Invoice.objects.filter(customer__number=AGENCY).order_by("-id")[0]
    assert anew.type_code == "380"
    assert anew.total_with_vat == invoice.total_with_vat
    return invoice


def see_what_became_of(walk: Walk, paid: Invoice, cancelled: Invoice) -> None:
    walk.go(f"/rechnungen/?q={paid.number}")
    expect(walk.page.locator("main table tbody")).to_contain_text(re.compile("bezahlt|paid"))
    walk.go(f"/rechnungen/?q={cancelled.number}")
    expect(walk.page.locator("main table tbody")).to_contain_text(re.compile("storniert|cancelled"))
    walk.go("/rechnungen/")
    expect(walk.page.locator("main table tbody")).to_contain_text(re.compile("Gutschrift|credit note", re.IGNORECASE))
    walk.picture("all-documents")
