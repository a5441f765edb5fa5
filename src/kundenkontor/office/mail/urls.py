"""Routes and navigation of mail."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.office.mail import outbox
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(41, _("Outbox"), "office:outbox", "mail", "outbox.read", GROUPS["mail"]),
    Entry(42, _("Send ledger"), "office:deliveries", "bell", "outbox.read", GROUPS["mail"]),
    Entry(43, _("Demo mailbox"), "office:mailbox", "inbox", "mailbox.read", GROUPS["mail"]),
]
urlpatterns: list[URLPattern] = [
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/retry/", outbox.mails_retry, name="mails-retry"),
    path("outbox/<int:mail_id>/", outbox.mail, name="mail"),
    path("outbox/<int:mail_id>/retry/", outbox.mail_retry, name="mail-retry"),
    path("deliveries/", outbox.deliveries, name="deliveries"),
    path("deliveries/<int:delivery_id>/retry/", outbox.delivery_retry, name="delivery-retry"),
    path("mailbox/", outbox.mailbox, name="mailbox"),
    path("mailbox/<int:mail_id>/", outbox.mailbox_mail, name="mailbox-mail"),
    path("mailbox/<int:mail_id>/raw/", outbox.mailbox_raw, name="mailbox-raw"),
    path("mailbox/<int:mail_id>/<int:index>/", outbox.mailbox_attachment, name="mailbox-attachment"),
]
