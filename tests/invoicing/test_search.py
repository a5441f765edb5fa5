"""Finding documents by number, domain and words."""

from __future__ import annotations

import pytest

from kundenkontor.access.rls import portal_read
from kundenkontor.invoicing.models import SearchToken
from kundenkontor.invoicing.search import index_invoices, query_words, search_ids, tokens_of
from tests.support.builders import ada, alpenhost, bob, contract, issue, line


def test_domains_are_found_whole_by_label_and_in_both_spellings() -> None:
    tokens = tokens_of(["shop.Grüne-Wiese.at"])
    assert {"shop.gruene-wiese.at", "gruene-wiese.at", "gruene", "grune", "wiese", "shop"} <= tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [("Müller  AG", ["mueller", "ag"]), ("%_'; DROP", ["drop"]), ("", []), ("  ...  ", []), ("a " * 50, ["a"])],
)
def test_what_is_typed_becomes_plain_words(text: str, words: list[str]) -> None:
    assert [word for word in query_words(text) if word != "_"] == words


@pytest.mark.django_db
@pytest.mark.invariant("I-A1")
def test_search_finds_the_documents_of_its_customer_only_under_row_level_security() -> None:
    seller = alpenhost()
    her, his = ada(seller), bob(seller)
    service = contract(her)
    hers = issue(her, line(contract=service), line("5.00", name="Größeres Postfach"))
    other = issue(her, line("7.00", name="SSL-Zertifikat"))
    foreign = issue(his, line("9.00", name="Webhosting M", identifier="grüne-wiese.at"))
    ids = [hers.pk, other.pk, foreign.pk]
    index_invoices(ids)
    count = SearchToken.objects.count()
    index_invoices(ids)
    assert SearchToken.objects.count() == count

    def found(text: str) -> list[int]:
        query = search_ids(her.pk, text)
        assert query is not None
        return sorted(query.distinct())

    with portal_read([her.pk]):
        for text in ("gruene", "grüne-wiese.at", "grune", "V150001", "150001", "wiese webhost", "postf größ"):
            assert found(text) == [hers.pk], text
        assert found(hers.number) == [hers.pk]
        assert found("RE2026") == [hers.pk, other.pk]
        assert found("zertifikat") == [other.pk]
        assert found("wiese zertifikat") == found("100%") == []
        assert search_ids(her.pk, " ") is None
        assert not SearchToken.objects.filter(customer_id=his.pk).exists()
