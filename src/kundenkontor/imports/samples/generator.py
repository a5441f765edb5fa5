"""Realistic customers and contracts for demo, tests and benchmarks; the same seed gives the same rows.

Agencies with hundreds of domains, consumers, associations, businesses of the EU with valid check digits, small sums,
free services, discounts, ended contracts, starts on a 31st, one e-mail address at several customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from kundenkontor.contracts.periods import add_months
from kundenkontor.imports.reading.columns import CONTRACT_COLUMNS, CUSTOMER_COLUMNS
from kundenkontor.imports.reading.reading import Reading
from kundenkontor.imports.reading.rows import ContractRow, CustomerRow
from kundenkontor.imports.samples.names import (
    ARTICLES,
    ASSOCIATIONS,
    COUNTRY_WEIGHTS,
    DESCRIPTIONS,
    FIRST_NAMES,
    FORMS,
    LAST_NAMES,
    PLACES,
    STREETS,
    TRADES,
    Article,
)
from kundenkontor.imports.samples.vat_numbers import VAT_NUMBERS
from kundenkontor.kernel.texts import fold

LINE_OF_GENERATED_ROWS = 0


@dataclass(frozen=True, slots=True)
class Mix:
    """What the generated customers are like.

    Every ``agency_every``-th customer is an agency with ``agency_domains`` contracts (0: none); the others have
    ``contracts`` (from, to). Shares are between 0 and 1. With ``due_in`` (the first day of a month) every
    contract runs and has a period that begins in that month.
    """

    agency_every: int = 500
    agency_domains: int = 400
    contracts: tuple[int, int] = (1, 5)
    collective_share: float = 0.4
    consumer_share: float = 0.35
    ended_share: float = 0.06
    discount_share: float = 0.08
    due_in: date | None = None


REALISTIC = Mix()


def generate(
    customers: int, *, seed: int = 1, on: date = date(2026, 11, 1), mix: Mix = REALISTIC
) -> tuple[list[CustomerRow], list[ContractRow]]:
    """All rows at once. ``on`` is the day from which starts lie back up to five years."""
    customer_rows, contract_rows = [], []
    for customer, contracts in iterate(customers, seed=seed, on=on, mix=mix):
        customer_rows.append(customer)
        contract_rows += contracts
    return customer_rows, contract_rows


def iterate(
    customers: int, *, seed: int = 1, on: date = date(2026, 11, 1), mix: Mix = REALISTIC
) -> Iterator[tuple[CustomerRow, list[ContractRow]]]:
    """Customers with their contracts, one after the other, in constant memory: for a million contracts."""
    random = Random(seed)  # nosec B311  # repeatable on purpose
    make_contract = partial(_contract, random, on, mix)
    number = 0
    for index in range(1, customers + 1):
        is_agency = bool(mix.agency_every) and index % mix.agency_every == 0
        customer = _agency(random, index) if is_agency else _customer(random, index, mix)
        count = mix.agency_domains if is_agency else random.randint(*mix.contracts)
        contracts = []
        for position in range(count):
            number += 1
            article = (
                ARTICLES[random.randrange(3)] if is_agency else _ARTICLE_POOL[random.randrange(len(_ARTICLE_POOL))]
            )
            contracts.append(make_contract(f"V{number:07}", customer, article, position))
        yield customer, contracts


def as_readings(
    customers: list[CustomerRow], contracts: list[ContractRow]
) -> tuple[Reading[CustomerRow], Reading[ContractRow]]:
    """The rows as if they had been read from files with every column; for ``import_rows``, without the way over CSV."""
    return (
        Reading(customers, frozenset(column.name for column in CUSTOMER_COLUMNS)),
        Reading(contracts, frozenset(column.name for column in CONTRACT_COLUMNS)),
    )


_ARTICLE_POOL = tuple(article for article in ARTICLES for _ in range(article.weight))
_COUNTRY_POOL = tuple(country for country, weight in COUNTRY_WEIGHTS.items() for _ in range(weight))


def _customer(random: Random, index: int, mix: Mix) -> CustomerRow:
    country = random.choice(_COUNTRY_POOL)
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    kind = random.random()
    if kind < mix.consumer_share:
        return _row(random, index, country, "", first, last, "", mix)
    if kind < mix.consumer_share + 0.07:
        company = random.choice(ASSOCIATIONS).format(city=random.choice(PLACES[country]).city)
        return _row(random, index, country, company, first, last, "", mix)
    company = f"{random.choice(TRADES)} {last} {random.choice(FORMS)}"
    has_vat_id = country in VAT_NUMBERS and random.random() < 0.85
    return _row(random, index, country, company, first, last, VAT_NUMBERS[country](random) if has_vat_id else "", mix)


def _agency(random: Random, index: int) -> CustomerRow:
    country = random.choice(("AT", "DE"))
    last = random.choice(LAST_NAMES)
    company = f"Werbeagentur {last} & Partner {random.choice(FORMS)}"
    always = Mix(collective_share=1)
    return _row(random, index, country, company, random.choice(FIRST_NAMES), last, VAT_NUMBERS[country](random), always)


def _row(
    random: Random, index: int, country: str, company: str, first: str, last: str, vat_id: str, mix: Mix
) -> CustomerRow:
    place = random.choice(PLACES[country])
    # every 40th shares the address of the one before: one login, several customers
    mailbox = index - 1 if index % 40 == 0 else index
    return CustomerRow(
        line=LINE_OF_GENERATED_ROWS,
        number=f"K{index:06}",
        company=company,
        first_name=first,
        last_name=last,
        email=f"kunde{mailbox}@post.example",
        street=f"{random.choice(STREETS)} {random.randint(1, 180)}{random.choice(('', '', '', 'a', '/2/14'))}",
        postal_code=place.postal_code,
        city=place.city,
        country=country,
        vat_id=vat_id,
        language="de" if country in ("AT", "DE", "CH") and random.random() < 0.9 else "en",
        is_collective=random.random() < mix.collective_share,
        payment_terms_days=random.choice((7, 14, 14, 14, 30, None)),
    )


def _contract(
    random: Random, on: date, mix: Mix, number: str, customer: CustomerRow, article: Article, position: int
) -> ContractRow:
    start = _start(random, on, mix, article.months)
    end = None
    if mix.due_in is None and random.random() < mix.ended_share:
        end = start + timedelta(days=random.randint(20, 900))
    has_discount = random.random() < mix.discount_share
    return ContractRow(
        line=LINE_OF_GENERATED_ROWS,
        number=number,
        customer_number=customer.number,
        product_code=article.code,
        product_name=article.name,
        description=random.choice(DESCRIPTIONS),
        identifier=_domain(customer, article, position) if article.has_domain else "",
        net_price=article.price,
        period_months=article.months,
        start_date=start,
        end_date=end,
        discount_percent=random.choice((Decimal(5), Decimal("12.5"), Decimal(100))) if has_discount else Decimal(0),
        discount_until=on + timedelta(days=random.randint(-100, 600))
        if has_discount and random.random() < 0.7
        else None,
    )


def _start(random: Random, on: date, mix: Mix, months: int) -> date:
    """Some day of the last five years, often a month's last or first; or one with a period in the due month."""
    if mix.due_in is not None:
        periods = random.randint(1, max(1, 60 // months))
        return add_months(mix.due_in, -periods * months).replace(day=random.randint(1, 28))
    day = on - timedelta(days=random.randint(0, 1825))
    kind = random.random()
    if kind < 0.2:
        return day.replace(day=1)
    if kind < 0.35:
        return add_months(day.replace(day=1), 1) - timedelta(days=1)
    return day


def _domain(customer: CustomerRow, article: Article, position: int) -> str:
    """A domain name that no other contract of the set has; with the end that the article sells."""
    end = article.domain_end or customer.country.lower()
    return f"{fold(customer.last_name)}-{customer.number[1:].lstrip('0')}-{position + 1}.{end}"
