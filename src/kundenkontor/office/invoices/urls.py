"""Routes and navigation of documents."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.office.invoices import corrections, drafts, invoices, one_offs, sending, writing_off
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(22, _("Invoices"), "office:invoices", "invoice", "invoices.read", GROUPS["billing"]),
    Entry(23, _("Drafts"), "office:drafts", "plus", "invoices.issue", GROUPS["billing"]),
    Entry(24, _("One-off items"), "office:one-offs", "package", "billing.read", GROUPS["billing"]),
]
urlpatterns: list[URLPattern] = [
    path("", invoices.invoices, name="invoices"),
    path("not-rendered/", sending.render_failures, name="render-failures"),
    path("not-rendered/retry/", sending.render_all_again, name="render-all"),
    path("<int:invoice_id>/", invoices.invoice, name="invoice"),
    re_path(r"^(?P<invoice_id>\d{1,18})/file\.(?P<kind>pdf|xml)$", invoices.invoice_file, name="invoice-file"),
    path("<int:invoice_id>/lines.csv", invoices.invoice_lines, name="invoice-lines"),
    path("<int:invoice_id>/cancel/", corrections.cancel, name="invoice-cancel"),
    path("<int:invoice_id>/undo/", corrections.undo, name="invoice-undo"),
    path("<int:invoice_id>/correct/", corrections.correct, name="invoice-correct"),
    path("<int:invoice_id>/write-off/", writing_off.write_off, name="invoice-write-off"),
    path("write-offs/<int:loss_id>/back/", writing_off.take_back, name="write-off-back"),
    path("<int:invoice_id>/send/", sending.send_invoice, name="invoice-send"),
    path("<int:invoice_id>/render/", sending.render_again, name="invoice-render"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/new/", drafts.new, name="draft-new"),
    path("drafts/<int:draft_id>/", drafts.draft, name="draft"),
    path("drafts/<int:draft_id>/issue/", drafts.issue, name="draft-issue"),
    path("drafts/<int:draft_id>/preview/", drafts.preview, name="draft-preview"),
    path("drafts/<int:draft_id>/discard/", drafts.discard, name="draft-discard"),
    path("one-offs/", one_offs.one_offs, name="one-offs"),
    path("one-offs/new/", one_offs.new, name="one-off-new"),
    path("one-offs/<int:item_id>/discard/", one_offs.discard, name="one-off-discard"),
    path("of-run/<int:run_id>/deliver/", sending.deliver_run, name="billing-run-deliver"),
]
