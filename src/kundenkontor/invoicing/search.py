"""Search over documents: normalised words, found by their beginning with a range comparison.

Under row-level security LIKE and full-text operators cannot use an index, comparisons can; the column has the
collation "C", so a prefix is the range from itself to itself plus the last character there is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import QuerySet

from kundenkontor.invoicing.models import Invoice, InvoiceLine, SearchToken

LAST_CHARACTER = chr(0x10FFFF)
MAX_LENGTH = 80
MAX_QUERY_WORDS = 8
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = re.compile(r"[\s,;/()„“\"]+")


def spellings(text: str) -> set[str]:
    """A word in lower case without diacritics, umlauts both ways: ``Müller`` is ``mueller`` and ``muller``."""
    lower = unicodedata.normalize("NFC", text).casefold().strip(".-:")
    return {_bare(lower.translate(_SPELT_OUT))[:MAX_LENGTH], _bare(lower)[:MAX_LENGTH]} - {""}


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def tokens_of(texts: Iterable[str]) -> set[str]:
    """Whole entries (a domain, a number) and their words of two characters and more."""
    found: set[str] = set()
    for text in texts:
        for entry in _SEPARATORS.split(text):
            for spelling in spellings(entry):
                found.add(spelling)
                found.update(_parts(spelling))
    return {token for token in found if len(token) >= 2}


def _parts(spelling: str) -> Iterable[str]:
    """``shop.gruene-wiese.at``: each label from its place on, and each word of it."""
    labels = spelling.split(".")
    for index, label in enumerate(labels):
        yield ".".join(labels[index:])
        yield from _WORD.findall(label)


def number_tokens(number: str) -> set[str]:
    """A document or contract number whole, its digits, and its last digits without leading zeros."""
    lower = number.casefold()
    digits = re.sub(r"\D", "", lower)
    return {lower, digits, digits[-6:].lstrip("0")} - {""}


def index_invoices(invoice_ids: Sequence[int]) -> None:
    """Write the words of the documents; doing it again changes nothing."""
    tokens: dict[tuple[int, int], set[str]] = defaultdict(set)
    for customer_id, id_, number in Invoice.objects.filter(pk__in=invoice_ids).values_list(
        "customer_id", "id", "number"
    ):
        tokens[customer_id, id_] |= number_tokens(number)
    lines = InvoiceLine.objects.filter(invoice_id__in=invoice_ids).values_list(
        "customer_id", "invoice_id", "contract_number", "item_name", "description", "identifier"
    )
    for customer_id, invoice_id, contract_number, *texts in lines:
        tokens[customer_id, invoice_id] |= number_tokens(contract_number) | tokens_of(texts)
    _write([(key[0], token, key[1]) for key in sorted(tokens) for token in sorted(tokens[key])])


def _write(rows: Sequence[tuple[int, str, int]]) -> None:
    if not rows:
        return
    customers, words, invoices = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoicing_searchtoken (customer_id, token, invoice_id)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) ON CONFLICT DO NOTHING",
            [list(customers), list(words), list(invoices)],
        )


def search_ids(customer_id: int, text: str) -> QuerySet[SearchToken, int] | None:
    """The ids of a customer's documents that have every word of the text, as a query to be used with ``id__in``.

    None where the text has no word, so that nothing is filtered. Works under row-level security.
    """
    found: QuerySet[SearchToken, int] | None = None
    for word in query_words(text):
        tokens = SearchToken.objects.filter(customer_id=customer_id, token__gte=word, token__lt=word + LAST_CHARACTER)
        if found is not None:
            tokens = tokens.filter(invoice_id__in=found)
        found = tokens.values_list("invoice_id", flat=True)
    return found


def query_words(text: str) -> list[str]:
    """The words that are looked for: one spelling each, because the index holds both."""
    words = [_bare(unicodedata.normalize("NFC", entry).casefold().translate(_SPELT_OUT)) for entry in text.split()]
    cleaned = (re.sub(r"[^\w.-]", "", word).strip(".-")[:MAX_LENGTH] for word in words)
    return list(dict.fromkeys(word for word in cleaned if word))[:MAX_QUERY_WORDS]
