"""Routes and navigation of payments."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from kundenkontor.office.desk.groups import GROUPS
from kundenkontor.office.payments import many, open_items, payments, undoing
from kundenkontor.web.areas import Entry

NAVIGATION = [
    Entry(31, _("Payments"), "office:payments", "payment", "payments.read", GROUPS["money"]),
    Entry(32, _("Open items"), "office:open-items", "clock", "payments.read", GROUPS["money"]),
]
urlpatterns: list[URLPattern] = [
    path("", payments.payments, name="payments"),
    path("new/", payments.new, name="payment-new"),
    path("many/", many.many, name="payments-many"),
    path("<int:payment_id>/", payments.payment, name="payment"),
    path("<int:payment_id>/book/", payments.book, name="payment-book"),
    path("<int:payment_id>/reverse/", undoing.reverse_one, name="payment-reverse"),
    path("<int:payment_id>/allocations/<int:allocation_id>/undo/", undoing.undo_one, name="allocation-undo"),
    path("open-items/", open_items.open_items, name="open-items"),
    path("open-items/<int:item_id>/offset/", open_items.offset, name="balance-offset"),
    path("open-items/<int:item_id>/refund/", open_items.refund, name="balance-refund"),
]
