"""A word per customer stands in every text field: nobody finds another customer's word, wherever he looks (I-A1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

import pytest
from django.test import Client

from kundenkontor.documents.queries import open_file
from kundenkontor.messaging.models import DemoMail, OutgoingMail
from kundenkontor.papers.models import PaperFile
from kundenkontor.web.gate.once import new_key
from tests.proof.rights.matrix import TRIES, WRITTEN_BY_ANY, client_of
from tests.proof.rights.people import BY_NAME, CUSTOMER_ROLES, STAFF_ROLES, Role
from tests.proof.rights.reading import changed, checksums, content_of, texts_of, texts_of_mail
from tests.proof.rights.routes import OBJECTS, OWNERS, Route, all_routes
from tests.proof.rights.world import CANARIES, MISSING, World
from tests.support.databases import undone

LISTS_ARE_SEARCHED_FOR = "zq"  # what all canaries begin with
# fields with which a form goes further than to "please fill this in": to the archive, and to a refusal with a page
FIELDS: dict[str, dict[str, str]] = {
    "portal:period": {"since": "2026-11-01", "until": "2026-11-30", "kinds": "pdf+xml"},
    "portal:forward": {"to": "buch-zqnobody@example.at"},
    "portal:choose-recipient": {"contact": str(MISSING)},
    "portal:new-contact": {"email": "x", "group": "x"},
    "portal:customer-data": {"email": "x", "language": "x"},
    "portal:request-change": {"country": "XX", "vat_id": "x"},
}
MAY_CHANGE = WRITTEN_BY_ANY | TRIES


def foreign_words(world: World, *customers: str) -> set[str]:
    """What only other customers have: word, number, payment references (sellers number alike, so some are shared)."""
    others = {word for name, words in world.strings.items() if name not in customers for word in words}
    own = {word for name in customers for word in world.strings[name]}
    return {word.lower() for word in others - own}


def pages(client: Client, world: World, role: Role) -> Iterator[tuple[str, bytes]]:
    """Every page and file of this login, its own, a foreign and a missing one; lists also searched and as a file."""
    for route in all_routes():
        if "GET" in route.methods:
            for url in urls_of(route, world, role):
                yield url, body_and_target(client.get(url))


def urls_of(route: Route, world: World, role: Role) -> Iterator[str]:
    for whose in objects_of(route, "GET", role):
        yield route.url(world, whose)
    if is_closed(route, role):
        return
    url = route.url(world, own_object(role))
    yield f"{url}?format=csv"
    if not route.parameters:
        yield f"{url}?q={LISTS_ARE_SEARCHED_FOR}"


def own_object(role: Role) -> str:
    return next((whose for whose, owner in OWNERS.items() if owner == role.customer), "own")


def objects_of(route: Route, method: str, role: Role) -> list[str]:
    """One's own first; the others where the login comes as far as to the question whose it is."""
    own = own_object(role)
    if not route.names_object_in(method) or route.access is None or route.access.kind == "staff":
        return [own]
    return [own, *(whose for whose in OBJECTS if whose != own)]


def is_closed(route: Route, role: Role) -> bool:
    """The office does not exist for this login; one look at its page says so."""
    return not role.staff and route.access is not None and route.access.kind == "staff"


def answers_to_forms(client: Client, world: World, role: Role) -> Iterator[tuple[str, bytes]]:
    """What every POST answers, and the page it leads to; each is rolled back."""
    for route in all_routes():
        if "POST" not in route.methods or is_closed(route, role):
            continue
        for whose in objects_of(route, "POST", role):
            url, cookies = route.url(world, whose), copy(client.cookies)
            fields = {"idempotency_key": new_key(), **FIELDS.get(route.name, {}), **route.body(world, whose)}
            with undone():
                content = body_and_target(client.post(url, fields, follow=True))
            client.cookies = cookies
            yield f"POST {url}", content


def body_and_target(response: Any) -> bytes:
    assert response.status_code < 500 or response.status_code == 503, response.status_code
    targets = [url for url, _status in getattr(response, "redirect_chain", ())]
    return content_of(response) + " ".join([response.headers.get("Location", ""), *targets]).encode()


def found_in(answers: Iterable[tuple[str, bytes]], words: set[str]) -> list[str]:
    """Where one of these words stands, the address itself aside, which the reader typed."""
    return [
        f"{url}: {word}"
        for url, content in answers
        for text in texts_of(content.replace(url.encode(), b""))
        for word in words
        if word in text
    ]


@pytest.mark.invariant("I-A1")
@pytest.mark.security("IDOR")
@pytest.mark.parametrize("name", [role.name for role in CUSTOMER_ROLES])
def test_no_answer_file_or_log_line_of_a_login_holds_a_word_of_another_customer(
    name: str, committed_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    role = BY_NAME[name]
    client, foreign = client_of(committed_world, role), foreign_words(committed_world, *role.customers)
    caplog.set_level("DEBUG")
    before = checksums()
    read = list(pages(client, committed_world, role))
    sent = list(answers_to_forms(client, committed_world, role))
    assert found_in([*read, *sent, ("log", caplog.text.encode())], foreign) == []
    own = {CANARIES[role.customer]}
    assert found_in(read, own) and (role.membership != "owner" or found_in(sent, own))
    assert changed(before, checksums()) - MAY_CHANGE == set()


@pytest.mark.invariant("I-A1")
def test_who_is_signed_out_reads_no_word_of_any_customer(world: World, caplog: pytest.LogCaptureFixture) -> None:
    role = BY_NAME["signed_out"]
    client, words = client_of(world, role), foreign_words(world)
    caplog.set_level("DEBUG")
    answers = [*pages(client, world, role), *answers_to_forms(client, world, role)]
    assert found_in([*answers, ("log", caplog.text.encode())], words) == []


@pytest.mark.parametrize("name", [role.name for role in STAFF_ROLES])
def test_looking_at_every_page_of_the_office_leaves_the_database_as_it_was(name: str, committed_world: World) -> None:
    role = BY_NAME[name]
    client = client_of(committed_world, role)
    before = checksums()
    for _url, _content in pages(client, committed_world, role):
        pass
    assert changed(before, checksums()) - MAY_CHANGE == set()


@pytest.mark.invariant("I-A1")
def test_every_document_holds_only_words_of_its_own_customer(world: World) -> None:
    files = PaperFile.objects.select_related("file")
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
        texts = list(texts_of_mail(bytes(mail.raw)))
        foreign = foreign_words(world, recipients[mail.recipient])
        assert [word for word in foreign for text in texts if word in text] == []
