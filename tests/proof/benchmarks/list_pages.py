"""Pages of 50 rows: CPU of their templates against one flat template, CPU and size of the whole page."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kundenkontor.config.database.postgres import Cluster
from tests.proof.benchmarks.figures import Figure, absolute, percentile
from tests.proof.benchmarks.invoice_data import fill_invoices
from tests.proof.benchmarks.invoice_list import ADDRESS, client_of
from tests.proof.benchmarks.server import collect_static, fresh

if TYPE_CHECKING:
    from django.test import Client
    from jinja2 import Template

TOTAL, SMALL, ROWS, REQUESTS = 1_100, 100, 50, 200
KILOBYTES = 60
# CPU of the office's list of invoices when it was put together from nested Django templates, in each face's flat ones
BEFORE = {"office": 44.3, "portal": 34.4}
FRAME = re.compile(r"(.*<tbody>)(.*)(</tbody>.*)", re.DOTALL)
OFFICE_ROW = """
<tr><th scope="row" class="kk-card-title"><a class="kk-row-link" href="{{ cells[0].url }}">{{ cells[0].value }}</a></th>
<td data-label="Kunde" class="kk-text"><span><a href="{{ cells[1].url }}">{{ cells[1].value }}</a>
<span class="kk-sub">{{ cells[1].sub }}</span></span></td>
<td data-label="Ausgestellt" class="kk-day">{{ cells[2].value|as_day }}</td>
<td data-label="Fällig" class="kk-day">{{ cells[3].value|as_day }}</td>
<td data-label="Status"><span>{% for one in cells[4].value %}{% if not loop.first %} {% endif %}
<span class="kk-status kk-{{ one.tone }}">{{ one.label }}</span>{% endfor %}</span></td>
<td data-label="Offen" class="kk-num">{% if cells[5].value is none %}–{% else %}
<data value="{{ cells[5].value }}">{{ cells[5].value|as_money }}</data>{% endif %}</td>
<td data-label="Betrag" class="kk-num">
<data value="{{ cells[6].value }}">{{ cells[6].value|as_money }}</data></td></tr>
"""
PORTAL_ROW = """
<tr><td class="kk-pick"><label><input class="form-check-input" type="checkbox" form="selection" name="invoice"
 value="{{ row.pk }}" data-bytes="{{ row.size }}" aria-label="{{ row.invoice.number }} auswählen"></label></td>
<th scope="row" class="kk-card-title"><a class="kk-row-link" href="/rechnungen/{{ row.pk }}/">
{{ row.invoice.number }}</a> {% if row.linked.first %}<span class="kk-linked">
{% for label, address in row.linked.first %}{% if not loop.first %}, {% endif %}<a href="{{ address }}">{{ label }}</a>
{% endfor %}{% if row.linked.more %} {{ row.linked.more }}{% endif %}</span>{% endif %}</th>
<td data-label="Datum" class="kk-day">{{ row.invoice.issue_date|as_day }}</td>
<td data-label="Betrag" class="kk-num"><data value="{{ row.invoice.listed_amount }}">
{{ row.invoice.listed_amount|as_money }}</data></td>
<td data-label="Status"><span>{% for one in cells[3].value %}
<span class="kk-status kk-{{ one.tone }}">{{ one.label }}</span>{% endfor %}</span></td>
<td data-label="Fällig" class="kk-day">{{ row.invoice.due_date|as_day if cells[4].value else "–" }}</td>
<td data-label="Datei"><a href="/rechnungen/{{ row.pk }}/pdf/" target="_blank" rel="noopener"
 aria-label="PDF {{ row.invoice.number }}, öffnet in einem neuen Fenster">PDF</a></td></tr>
"""


def measure(cluster: Cluster) -> list[Figure]:
    with fresh(cluster, "bench_pages"):
        collect_static()
        owners = fill_invoices(cluster, "bench_pages", TOTAL, small=SMALL, large=1)
        office = _compare("office", clerk(), "/office/invoices/", OFFICE_ROW)
        return [*office, *_compare("portal", client_of(owners.small), ADDRESS, PORTAL_ROW)]


def clerk() -> Client:
    """Signed in as an administrator, whose navigation is the longest."""
    from django.test import Client

    from kundenkontor.access.models import User
    from kundenkontor.kernel.clock import utc_now

    user = User(username="bench-clerk", staff_role="administrator", created_at=utc_now())
    user.set_unusable_password()
    user.save()
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _compare(face: str, client: Client, address: str, row: str) -> list[Figure]:
    """Page and flat template take turns, so other work on the machine slows both."""
    from django.utils import translation

    with rendering() as rendered, translation.override("de"):
        page = client.get(address).content.decode()
        rows = list(zip(rendered[0].context["cells"], rendered[0].context["rows"], strict=True))
        assert len(rows) == ROWS
        flat = flat_template(page, row)
        assert words_of(flat.render(rows=rows)) == words_of(page)
        pages, templates, flats = [], [], []
        for _ in range(REQUESTS):
            rendered.clear()
            pages.append(cpu_of(lambda: client.get(address)))
            templates.append(sum(one.seconds for one in rendered))
            flats.append(cpu_of(lambda: flat.render(rows=rows)))
    whole, template, limit = (percentile(values, 0.1) * 1e3 for values in (pages, templates, flats))
    return [
        Figure(f"list page, {face}: CPU of templates", ROWS, template, "ms", limit, template / limit, 4, "lower"),
        Figure(f"list page, {face}: CPU", ROWS, whole, "ms", limit, whole / limit, BEFORE[face] / 3, "lower"),
        absolute(f"list page, {face}: size", ROWS, len(page.encode()) / 1e3, "kB", KILOBYTES, "lower"),
    ]


def flat_template(page: str, row: str) -> Template:
    """One compiled template with the page's own frame as it stands, and its rows written out."""
    from django.template import engines

    match = FRAME.fullmatch(page)
    assert match is not None
    head, tail = (f"{{% raw %}}{part}{{% endraw %}}" for part in (match[1], match[3]))
    backend: Any = engines["jinja2"]
    template: Template = backend.env.from_string(f"{head}{{% for cells, row in rows %}}{row}{{% endfor %}}{tail}")
    return template


def words_of(page: str) -> list[str]:
    return re.sub(r"\s+|(?=<)|(?<=>)", " ", page).split()


def cpu_of(action: Callable[[], Any]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started


class Rendered:
    """One template rendered by a view or a widget."""

    def __init__(self, context: dict[str, Any], seconds: float) -> None:
        self.context, self.seconds = context, seconds


@contextmanager
def rendering() -> Iterator[list[Rendered]]:
    """What is rendered meanwhile; the widgets of a page's forms stand before the page."""
    from django.template.backends.jinja2 import Template

    found: list[Rendered] = []
    render, depth = Template.render, 0

    def timed(self: Template, context: dict[str, Any] | None = None, request: Any = None) -> Any:
        nonlocal depth
        depth += 1
        started = time.process_time()
        try:
            return render(self, context, request)
        finally:
            depth -= 1
            if not depth:
                found.append(Rendered(context or {}, time.process_time() - started))

    Template.render = timed  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Template.render = render  # type: ignore[method-assign]
