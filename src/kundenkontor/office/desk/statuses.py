"""Documents as the desks' lists show them."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import ngettext

from kundenkontor.invoicing.models import Invoice
from kundenkontor.invoicing.queries import with_status
from kundenkontor.web.forms import written


def with_states(invoices: QuerySet[Invoice], today: date) -> QuerySet[Invoice]:
    """Join what the states of a document are derived from, without a query per row."""
    return with_status(invoices.select_related("customer", "open_item"), on=today)


def count_documents(count: int) -> str:
    """How many, in words."""
    return ngettext("{count} document", "{count} documents", count).format(count=written(count))
