"""No cell of any CSV file is a formula, though every text that a person may have typed begins like one."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import resolve

from kundenkontor.cli.export_documents import command
from kundenkontor.config.database.postgres import Cluster
from kundenkontor.web.gate.once import new_key
from kundenkontor.web.lists.exports import FORMULA_STARTS, Cell, csv_lines, safe_text
from tests.proof.conftest import current_database
from tests.proof.rights.matrix import client_of
from tests.proof.rights.people import BY_NAME
from tests.proof.rights.reading import content_of
from tests.proof.rights.routes import all_routes
from tests.proof.rights.world import World

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    " =1+1",
    "\u00a0=1+1",
    "\uff1d1+1",
    '=HYPERLINK("http://e")',
)
AROUND = ("Huber,{}", "Huber; {}", "Huber\t{}", 'a",{}', 'a","{}', 'a;"{}', "a\n{}", "a,,\u00a0{},b")
IS_FORMULA = re.compile(r"[=@\t\r\n\uff1d\uff20\uff0b\uff0d]|[+\-](?![\d.,]+$)")
# rates, files to fill in and accounts hold no words; in the world no stored file is damaged, no document lies under a
# rate that came later or bills a year ahead, and no return was declared
WITHOUT_WORDS = {
    "office:account-sheet",
    "office:accounts",
    "office:damaged-files",
    "office:declarations",
    "office:deferral",
    "office:import-template",
    "office:journal",
    "office:rate-invoices",
    "office:rates",
}
LINK = re.compile(r'href="([^"]*(?:format=csv|\.csv)[^"]*)"')
# the columns in which somebody's words stand: texts and JSON, not what the database makes itself
COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables
 USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
 AND data_type IN ('text', 'character varying', 'jsonb') AND is_generated = 'NEVER'
"""
# what people of the world wrote: customers, a parked one, sellers, their product, staff
WORDS = "zq[a-z]+kanari|Dora OG|(Alpenhost|Talnetz) GmbH|Webhosting M|clara"
# a formula before each such text; one formula per text, so that all of them occur
TEXT = """
UPDATE "{table}" SET "{column}" = (%(formulas)s::text[])[1 + abs(hashtext("{column}")) %% %(many)s] || "{column}"
 WHERE "{column}" ~* %(words)s
"""
JSON = """
UPDATE "{table}" SET "{column}" =
 regexp_replace("{column}"::text, '": "(?=[^"]*zq[a-z]+kanari)', '": "=1+1 ', 'gi')::jsonb
 WHERE "{column}"::text ~* %(words)s
"""


def make_hostile(cluster: Cluster, database: str) -> None:
    """What customers and staff wrote anywhere, also long ago and into what was issued, begins like a formula."""
    with cluster.connect(database) as connection:
        for table, column, kind in connection.execute(COLUMNS).fetchall():
            connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL')  # what guards issued rows guards none here
            statement = (JSON if kind == "jsonb" else TEXT).format(table=table, column=column)
            connection.execute(statement, {"formulas": list(FORMULAS), "many": len(FORMULAS), "words": WORDS})


@pytest.fixture
def hostile_world(committed_world: World, cluster: Cluster) -> World:
    make_hostile(cluster, current_database())
    return committed_world


def cells_of(content: str, delimiter: str = ";") -> list[str]:
    lines = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    return [cell for line in lines for cell in line]


@pytest.mark.security("CSV injection")
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("read_with", [";", ",", "\t"])
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("around", AROUND)
def test_no_delimiter_makes_a_formula_of_what_stands_inside_a_text(
    around: str, formula: str, read_with: str, language: str
) -> None:
    text = around.format(formula)
    rows: list[list[Cell]] = [[Decimal("12.50"), text, date(2026, 11, 1), 7, text]]
    content = "".join(csv_lines([text, "b"], rows, language)).removeprefix("\ufeff")
    assert formulas_in([cell.strip("\t\r\n \u00a0") for cell in cells_of(content, read_with)]) == []


@pytest.mark.parametrize("text", ["5,-", "Preis: 5,-;", "a, -5", "1,+2;b", "Wien, Graz", "a=b, c+d", "x;y", "a,b@b.at"])
def test_ordinary_words_and_numbers_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text


def formulas_in(cells: list[str]) -> list[str]:
    return [cell for cell in cells if IS_FORMULA.match(cell.lstrip(" \u00a0\ufeff"))]


def shows_an_escaped_formula(cells: list[str]) -> bool:
    return any(cell.startswith("'") and IS_FORMULA.match(cell[1:].lstrip(" \u00a0")) for cell in cells)


def exports_of(client: Client, world: World) -> Iterator[tuple[str, str, str]]:
    """Every CSV file this login finds: route, address, content. Asked for, and linked from any page."""
    for route in all_routes():
        if "GET" not in route.methods or route.access is None or route.access.kind == "public":
            continue
        url = route.url(world, "own")
        page = client.get(url)
        text = content_of(page).decode("utf-8", "replace")
        is_page = page.headers.get("Content-Type", "").startswith("text/html")
        links = [link.replace("&amp;", "&") for link in LINK.findall(text)] if is_page else []
        for address in {f"{url}?format=csv", *(f"{url}{link}" if link[0] == "?" else link for link in links)}:
            answer = client.get(address)
            content = content_of(answer)
            is_file = answer.headers.get("Content-Type", "").startswith("text/csv")
            assert is_file or address not in links, address  # what a page offers as a file is one
            if is_file:
                yield resolve(urlsplit(address).path).view_name, address, content.decode("utf-8-sig")


@pytest.mark.security("Kimai CVE-2021-43515")
@pytest.mark.security("CSV injection")
@pytest.mark.usefixtures("business_day")  # the book shows the month of the day
def test_kimai_cve_2021_43515_no_cell_of_any_export_begins_like_a_formula(hostile_world: World) -> None:
    wrong, shown, found = [], set(), set()
    for name in ("owner", "administrator"):
        for route, address, content in exports_of(client_of(hostile_world, BY_NAME[name]), hostile_world):
            cells = cells_of(content)
            found.add(route)
            shown |= {route} if shows_an_escaped_formula(cells) else set()
            wrong += [f"{address}: {cell!r}" for cell in formulas_in(cells)]
    assert wrong == []
    assert {route.name for route in all_routes() if route.address.endswith(".csv")} <= found
    assert found - shown == WITHOUT_WORDS


@pytest.mark.security("Kimai CVE-2021-43515")
@pytest.mark.security("CSV injection")
def test_the_overview_in_an_archive_holds_no_formula(hostile_world: World) -> None:
    client = client_of(hostile_world, BY_NAME["owner"])
    fields = {"invoice": hostile_world.ids["ada"]["invoice_id"], "action": "pdf", "idempotency_key": new_key()}
    archive = content_of(client.post("/rechnungen/auswahl/", fields, follow=True))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        (name,) = [one for one in opened.namelist() if one.endswith(".csv")]
        cells = cells_of(opened.read(name).decode("utf-8-sig"))
    assert len(cells) > 10 and formulas_in(cells) == []


@pytest.mark.security("Kimai CVE-2021-43515")
@pytest.mark.security("CSV injection")
def test_the_overview_of_exported_documents_holds_no_formula(hostile_world: World, tmp_path: Path) -> None:
    CliRunner().invoke(command, [str(tmp_path), "--seller", "alpenhost"])
    (overview,) = tmp_path.rglob("*.csv")
    cells = cells_of(overview.read_text("utf-8-sig"))
    assert formulas_in(cells) == [] and shows_an_escaped_formula(cells)


@pytest.mark.security("Kimai CVE-2026-42267")
@pytest.mark.parametrize("payload", FORMULAS)
def test_kimai_cve_2026_42267_every_formula_start_is_covered(payload: str) -> None:
    assert set(FORMULA_STARTS) >= set("=+-@\t\r\n") | {"\uff1d", "\uff0b", "\uff0d", "\uff20"}
    assert safe_text(payload).startswith("'") and safe_text(payload).replace("'", "") == payload
    assert safe_text("12") == "12" and safe_text("") == "" and safe_text("a=b") == "a=b"
