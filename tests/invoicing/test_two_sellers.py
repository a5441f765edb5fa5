"""Two sellers number as they like: the same number twice is no alarm, and nobody sees the other's document."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kundenkontor.integrity import check_all
from kundenkontor.invoicing.issuing.series_commands import set_series
from kundenkontor.invoicing.search import index_invoices
from kundenkontor.kernel.kinds import DEFAULT_PATTERNS
from tests.office.steps import desk
from tests.portal.builders import client_of, login
from tests.support.builders import CLARA, TODAY, ada, alpenhost, bob, issue, record_what_was_built

pytestmark = pytest.mark.django_db


def test_the_same_number_of_two_sellers_is_no_alarm() -> None:
    first, second = alpenhost(), alpenhost(name="Talhost GmbH", short_name="talhost")
    set_series(
        second.pk, "invoice", pattern=DEFAULT_PATTERNS["invoice"], next_number=1, is_shared=True, on=TODAY, actor=CLARA
    )
    mine, others = issue(ada(first)), issue(bob(second, number="11001"))
    assert mine.number == others.number
    index_invoices([mine.pk, others.pk])
    record_what_was_built()

    assert [finding.code for finding in check_all() if finding.count] == []
    found = desk().get(reverse("office:invoices"), {"q": mine.number}).content.decode()
    assert reverse("office:invoice", args=[mine.pk]) in found and reverse("office:invoice", args=[others.pk]) in found
    for invoice, other in ((mine, others), (others, mine)):
        reader = client_of(login(f"reader-{invoice.pk}", invoice.customer))
        listed = reader.get(reverse("portal:invoices"), {"q": mine.number}).content.decode()
        assert reverse("portal:invoice", args=[invoice.pk]) in listed
        assert reverse("portal:invoice", args=[other.pk]) not in listed
        assert reader.get(reverse("portal:invoice", args=[other.pk])).status_code == 404
