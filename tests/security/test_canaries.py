"""A word per customer stands in every text field: nobody finds another customer's word, wherever he looks (I-A1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from kundenkontor.documents.queries import open_file
from kundenkontor.invoicing.models import InvoiceFile
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from tests.security.matrix import WRITTEN_BY_GET, client_of
from tests.security.people import BY_NAME, CUSTOMER_ROLES, STAFF_ROLES
from tests.security.reading import content_of, texts_of, texts_of_mail
from tests.security.routes import OWNERS, Route, all_routes
from tests.security.world import CANARIES, World

LISTS_ARE_SEARCHED_FOR = "zq"  # what all canaries begin with


def foreign_words(world: World, customer: str) -> set[str]:
    """What only other customers have: word, number, payment references (sellers number alike, so some are shared)."""
    others = {word for name, words in world.strings.items() if name != customer for word in words}
    return {word.lower() for word in others - world.strings.get(customer, set())}


def pages(client: Client, world: World, customer: str) -> Iterator[tuple[str, bytes]]:
    """Every page and file of this login, lists also searched for what all customers have in common."""
    whose = next((one for one, owner in OWNERS.items() if owner == customer), "own")
    for route in all_routes():
        if "GET" not in route.methods:
            continue
        for url in urls_of(route, world, whose):
            yield url, body_and_target(client, url)


def urls_of(route: Route, world: World, whose: str) -> Iterator[str]:
    url = route.url(world, whose)
    yield url
    if not route.parameters:
        yield f"{url}?q={LISTS_ARE_SEARCHED_FOR}"


def body_and_target(client: Client, url: str) -> bytes:
    response = client.get(url)
    return content_of(response) + response.headers.get("Location", "").encode()


def checksums() -> dict[str, str]:
    """Row count and content of every table."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            found[table] = str(cursor.fetchone())
        return found


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {table for table, state in after.items() if before.get(table) != state}


@pytest.mark.invariant("I-A1")
@pytest.mark.security("IDOR")
@pytest.mark.parametrize("name", [role.name for role in CUSTOMER_ROLES])
def test_no_page_or_file_of_a_login_holds_a_word_of_another_customer(name: str, world: World) -> None:
    role = BY_NAME[name]
    client, foreign = client_of(world, role), foreign_words(world, role.customer)
    before, found, seen = checksums(), [], False
    for url, content in pages(client, world, role.customer):
        for text in texts_of(content):
            seen = seen or CANARIES[role.customer] in text
            found += [f"{url}: {word}" for word in foreign if word in text]
    assert found == []
    assert seen
    assert changed(before, checksums()) - WRITTEN_BY_GET == set()


@pytest.mark.invariant("I-A1")
def test_who_is_signed_out_reads_no_word_of_any_customer(world: World) -> None:
    client = client_of(world, BY_NAME["signed_out"])
    words = foreign_words(world, "")
    found = [
        f"{url}: {word}"
        for url, content in pages(client, world, "ada")
        for text in texts_of(content.replace(url.encode(), b""))
        for word in words
        if word in text
    ]
    assert found == []


@pytest.mark.parametrize("name", [role.name for role in STAFF_ROLES])
def test_looking_at_every_page_of_the_office_leaves_the_database_as_it_was(name: str, world: World) -> None:
    client = client_of(world, BY_NAME[name])
    before = checksums()
    for _url, _content in pages(client, world, "ada"):
        pass
    assert changed(before, checksums()) - WRITTEN_BY_GET == set()


@pytest.mark.invariant("I-A1")
def test_every_document_holds_only_words_of_its_own_customer(world: World) -> None:
    files = InvoiceFile.objects.select_related("file")
    assert {file.kind for file in files} == {"pdf", "xml"}
    names = {pk: name for name, pk in world.customers.items()}
    for file in files:
        with open_file(file.file) as opened:
            texts = list(texts_of(opened.read()))
        name = names[file.customer_id]
        assert any(CANARIES[name] in text for text in texts)
        assert [word for word in foreign_words(world, name) for text in texts if word in text] == []


@pytest.mark.invariant("I-A1")
def test_every_mail_holds_only_words_of_the_customer_it_goes_to(world: World) -> None:
    names = {pk: name for name, pk in world.customers.items()}
    recipients = {
        mail.recipient: names[mail.customer_id]
        for mail in OutgoingMail.objects.exclude(customer_id=None)
        if mail.customer_id is not None
    }
    sent = list(DemoMail.objects.filter(recipient__in=recipients))
    assert len(sent) >= len(CANARIES)
    for mail in sent:
        foreign = foreign_words(world, recipients[mail.recipient])
        assert [word for word in foreign for text in texts_of_mail(bytes(mail.raw)) if word in text] == []
