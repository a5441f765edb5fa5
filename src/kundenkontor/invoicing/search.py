"""Search over documents: normalised words, found by their beginning with a range comparison.

One function splits what stands on a document and what is typed (``entries``), so that both are always cut alike. Words
of lines and head are kept in a table; those of the customer are read from the frozen snapshots, of which there are few;
amounts and days are compared as what they are. Not looked for: the seller's own texts, which stand on every document.

Under row-level security LIKE and full-text operators cannot use an index, comparisons can; the column has the collation
"C", so a prefix is the range from itself to itself plus the last character there is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_

import idna
from django.db import connection
from django.db.models import Q, QuerySet

from kundenkontor.invoicing.issuing.patterns import format_number
from kundenkontor.invoicing.models import (
    DocumentReference,
    Invoice,
    InvoiceLine,
    NumberSeries,
    SearchToken,
    VatBreakdown,
)
from kundenkontor.invoicing.papers.explaining import words_of_kind
from kundenkontor.kernel.countries import country_name
from kundenkontor.kernel.money import AmountError, parse_amount
from kundenkontor.kernel.texts import one_line
from kundenkontor.parties.models import PartySnapshot

LAST_CHARACTER = chr(0x10FFFF)
MAX_LENGTH = 80
MAX_QUERY_WORDS = 8
MAX_SNAPSHOTS = 200
SHORTEST_JOINED = 6
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_UNDECOMPOSED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})
_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = re.compile(r"(?:[\s;/()\[\]„“”\"'’%…·–—]|(?<!\d),|,(?!\d))+")
_EDGES = ".-:,_@#\u2212"
_SAID_OF_ALL = frozenset({"eur", "kunde", "rechnung"})  # beside amounts, and in the purpose that every invoice asks for
_CURRENCY = re.compile(r"\s*(?:€|eur)\s*")
_RF = re.compile(r"rf\d\d(?=[a-z0-9])")
_AMOUNT = re.compile(r"\d+[.,]\d{2}|\d{1,3}(?:[.,]\d{3})+[.,]\d{2}")
_DAYS = (
    re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
)
_ADDRESS = ("company", "first_name", "last_name", "street", "postal_code", "city", "email")
_INVOICE_ADDRESS = (
    "invoice_name", "invoice_care_of", "invoice_department", "invoice_street", "invoice_postal_code", "invoice_city",
)  # fmt: skip


def entries(text: str) -> list[str]:
    """What is cut apart, of a document's text and of a query: in lower case, without what stands around it."""
    cut = (entry.strip(_EDGES) for entry in _SEPARATORS.split(one_line(text).casefold()))
    return [entry for entry in cut if entry]


def spellings(entry: str) -> set[str]:
    """Without diacritics, umlauts both ways (``müller`` is ``mueller`` and ``muller``), and with nothing between."""
    found = {_bare(entry.translate(_SPELT_OUT)), _bare(entry)}
    found |= {joined(spelling) for spelling in found}
    return {spelling[:MAX_LENGTH] for spelling in found} - {""}


def joined(text: str) -> str:
    """Letters and digits alone, without the check digits that an RF reference puts before a number (ISO 11649)."""
    return _RF.sub("", "".join(_WORD.findall(text)), count=1)


def _bare(text: str) -> str:
    letters = (char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return "".join(letters).translate(_UNDECOMPOSED)


def tokens_of(texts: Iterable[str]) -> set[str]:
    """Whole entries (a domain in both of its forms, a number) and their words."""
    found: set[str] = set()
    for text in texts:
        for entry in entries(text):
            for form in domain_forms(entry):
                for part in _parts(form):
                    found |= spellings(part)
    return found


def domain_forms(entry: str) -> set[str]:
    """``grüne-wiese.at`` and ``xn--grne-wiese-beb.at`` are one domain, also behind the @ of an address."""
    local, at, domain = entry.rpartition("@")
    forms = {entry}
    try:
        if "xn--" in domain:
            forms.add(local + at + idna.decode(domain))
        elif "." in domain and not domain.isascii():
            forms.add(local + at + idna.encode(domain, uts46=True).decode("ascii"))
    except UnicodeError:
        pass
    return forms


def names_domain(text: str, column: str = "identifier") -> Q:
    """That a column contains the text, a domain in either of its forms."""
    found = Q()
    for form in domain_forms(text.casefold()):
        found |= Q(**{f"{column}__icontains": form})
    return found


def _parts(entry: str) -> Iterator[str]:
    """``shop.gruene-wiese.at``: from each label on, and each word of it; of an address both sides of its @."""
    yield entry
    for side in entry.split("@"):
        labels = side.split(".")
        for index, label in enumerate(labels):
            yield ".".join(labels[index:])
            yield from _WORD.findall(label)


def number_tokens(number: str) -> set[str]:
    """A document's, contract's or customer's number or VAT id: whole, without its letters, its digits, and its last
    digits with and without leading zeros."""
    lower = joined(number.casefold())
    digits = re.sub(r"\D", "", lower)
    last = digits[-6:]
    return {lower, lower[2:] if lower[:2].isalpha() else "", digits, last, last.lstrip("0")} - {""}


def index_invoices(invoice_ids: Sequence[int]) -> None:
    """Write the words of the documents; doing it again changes nothing."""
    tokens: dict[tuple[int, int], set[str]] = defaultdict(set)
    heads = Invoice.objects.filter(pk__in=invoice_ids).values_list(
        "customer_id", "id", "number", "buyer_reference", "order_number", "cost_centre", "note"
    )
    for customer_id, id_, number, *texts in heads:
        tokens[customer_id, id_] |= number_tokens(number) | tokens_of(texts)
    lines = InvoiceLine.objects.filter(invoice_id__in=invoice_ids).values_list(
        "customer_id", "invoice_id", "contract_number", "kind", "item_name", "description", "identifier",
        "article_number", "cost_centre", "order_number", "buyer_reference",
    )  # fmt: skip
    for customer_id, invoice_id, contract_number, kind, *texts in lines:
        tokens[customer_id, invoice_id] |= number_tokens(contract_number) | tokens_of([*texts, *words_of_kind(kind)])
    reasons = VatBreakdown.objects.filter(invoice_id__in=invoice_ids).exclude(exemption_reason="")
    for customer_id, invoice_id, reason in reasons.values_list("customer_id", "invoice_id", "exemption_reason"):
        tokens[customer_id, invoice_id] |= tokens_of([reason])
    named = DocumentReference.objects.filter(invoice_id__in=invoice_ids)
    for customer_id, invoice_id, number in named.values_list("customer_id", "invoice_id", "referenced__number"):
        tokens[customer_id, invoice_id] |= number_tokens(number)
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


def search_ids(customer_id: int, text: str) -> QuerySet[Invoice, int] | None:
    """The ids of a customer's documents that have every word of the text, as a query to be used with ``id__in``; or
    the text as one word: a number, reference or VAT id that was written in groups.

    None where the text has no word, so that nothing is filtered. Works under row-level security.
    """
    words = query_words(text)
    if not words:
        return None
    known = _words_of_snapshots(customer_id)
    found = Invoice.objects.filter(customer_id=customer_id)
    every = found
    for word in words:
        every = every.filter(_means(customer_id, word, known))
    whole = joined(_bare(one_line(text).casefold()))[:MAX_LENGTH]
    if len(words) > 1 and len(whole) >= SHORTEST_JOINED:
        every = found.filter(Q(pk__in=every.values("pk")) | _means(customer_id, whole, known))
    return every.values_list("pk", flat=True)


def query_words(text: str) -> list[str]:
    """The words that are looked for: one spelling each, because the index holds them all.

    Signs (&, §, €) are no words; what every document says is one only where nothing else was typed.
    """
    spelt = (_bare(entry.translate(_SPELT_OUT))[:MAX_LENGTH] for entry in entries(text))
    words = [word for word in dict.fromkeys(spelt) if joined(word)]
    return [word for word in words if word not in _SAID_OF_ALL][:MAX_QUERY_WORDS] or words


def _means(customer_id: int, word: str, known: dict[int, set[str]]) -> Q:
    """A word of lines or head that begins so, or one of the parties, or an amount or a day."""
    beginnings = {word, joined(word)} - {""}
    ranges = (Q(token__gte=one, token__lt=one + LAST_CHARACTER) for one in beginnings)
    tokens = SearchToken.objects.filter(reduce(or_, ranges), customer_id=customer_id)
    meant = Q(pk__in=tokens.values("invoice_id"))
    snapshots = [id_ for id_, said in known.items() if any(one.startswith(tuple(beginnings)) for one in said)]
    if snapshots:
        meant |= Q(customer_snapshot_id__in=snapshots)
    return meant | about_amount_or_day(word)


def about_amount_or_day(word: str) -> Q:
    """Documents of this amount (with VAT, without it, the VAT itself, to be paid), or of this day (issued, due, first
    or last day of service); of none where the word is neither."""
    amount, day = _amount(word), _day(word)
    meant = Q()
    if amount is not None:
        meant |= Q(amount_due=amount) | Q(total_with_vat=amount) | Q(total_without_vat=amount) | Q(total_vat=amount)
    if day is not None:
        meant |= Q(issue_date=day) | Q(due_date=day) | Q(period_start=day) | Q(period_end=day)
    return meant


def _amount(word: str) -> Decimal | None:
    """Of either way of writing, whatever its sign and with a currency or without; its last sign is the decimal one."""
    word = _CURRENCY.sub("", word.casefold()).strip("+-\u2212 ")
    if not _AMOUNT.fullmatch(word):
        return None
    try:
        return parse_amount(word, places=2, style="de" if word[-3] == "," else "en")
    except AmountError:
        return None


def _day(word: str) -> date | None:
    for pattern in _DAYS:
        if match := pattern.fullmatch(word):
            try:
                return date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                return None
    return None


def _words_of_snapshots(customer_id: int) -> dict[int, set[str]]:
    """What the customer's frozen names and addresses say, the newest first."""
    rows = PartySnapshot.objects.filter(customer_id=customer_id).order_by("-pk").values_list("pk", "content")
    found = {}
    for id_, content in rows[:MAX_SNAPSHOTS]:
        names = _ADDRESS + (_INVOICE_ADDRESS if content.get("has_invoice_address") else ())
        countries = {content.get(name, "") for name in ("country", "invoice_country")}
        texts = [content.get(name, "") for name in names]
        texts += ["c/o"] if content.get("invoice_care_of") else []
        texts += [country_name(country, language) for country in countries for language in ("de", "en")]
        numbers = number_tokens(content.get("number", "")) | number_tokens(content.get("vat_id", ""))
        found[id_] = tokens_of(texts) | numbers
    return found


def numbers_meant(text: str) -> set[str]:
    """The document numbers that a text may mean: as it is, out of an RF reference or written in groups, or without
    the letters before it and its year."""
    whole = joined(text.casefold()).upper()
    found = {whole} - {""}
    if whole.isascii() and whole.isdigit() and len(whole) < 15:
        for pattern, year in NumberSeries.objects.values_list("pattern", "year").distinct():
            sequences = {int(whole), int(whole.removeprefix(str(year)) or 0)}
            found |= {format_number(pattern, year, each) for each in sequences if 0 < each < 10**9}
    return found
