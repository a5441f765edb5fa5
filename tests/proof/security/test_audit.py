"""Nothing about money, permissions, documents or contacts changes without a trace, and the trace holds no secret."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from kundenkontor.access.links import make_link
from kundenkontor.config.logs import OneLineFormatter, SecretsFilter
from kundenkontor.events.models import Event
from kundenkontor.messaging.models import OutgoingMail
from kundenkontor.messaging.sending.commands import send_due_mails
from kundenkontor.web.sign_in.password_reset import send_reset_links
from tests.proof.rights.people import PASSWORD
from tests.proof.rights.reading import changed, checksums
from tests.proof.rights.world import World
from tests.proof.security.commands import COMMANDS, EVA
from tests.proof.security.test_past_holes_sessions import ANOTHER, link_in, sign_in
from tests.support.builders import CLARA

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kundenkontor"
# tables whose rows are money, permission, document or contact
AUDITED = (
    "access_membership", "access_user", "billing_oneoffitem", "catalog_price", "catalog_product", "contracts_contract",
    "contracts_contractprice", "invoicing_correction", "invoicing_invoice", "invoicing_manualdraft",
    "invoicing_numberseries", "receivables_openitem", "ledger_posting", "messaging_outgoingmail", "parties_bankaccount",
    "parties_declaration",
    "parties_contact", "parties_customer", "parties_customerdatarequest", "parties_seller", "parties_sellertaxsetting",
    "payments_allocation", "payments_payment", "payments_paymentreversal", "payments_refund", "taxes_vatidcheck",
    "billing_billingrun",
)  # fmt: skip
TRACKED = (
    ("parties_customer", "phone = 'x'"), ("parties_contact", "phone = 'x'"), ("access_user", "name = 'x'"),
    ("access_membership", "role = 'reader'"), ("contracts_contract", "identifier = 'x'"),
    ("contracts_contractprice", "amount = 3"),
)  # fmt: skip


@pytest.mark.invariant("I-L1")
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_that_changes_a_record_leaves_who_when_and_what_in_the_same_transaction(
    name: str, world: World
) -> None:
    before, last = checksums(), Event.objects.latest("pk").pk
    with transaction.atomic():
        COMMANDS[name](world)
        touched = changed(before, checksums()) & set(AUDITED)
        events = list(Event.objects.filter(pk__gt=last))
        transaction.set_rollback(True)
    assert touched, f"{name} changed none of the audited tables"
    assert events, f"{name} changed {sorted(touched)} without an event"
    for event in events:
        assert (event.actor_kind, event.actor_label, event.actor_user_id) in (
            (EVA.kind, EVA.label, EVA.user_id),
            (CLARA.kind, CLARA.label, CLARA.user_id),  # the builder issues as Clara
        )
        assert event.occurred_at.utcoffset() is not None and event.business_date
    assert changed(before, checksums()) <= {"events_event_id_seq"}  # rolled back together


@pytest.mark.invariant("I-L1")
@pytest.mark.parametrize(("table", "change"), TRACKED, ids=[table for table, _ in TRACKED])
def test_a_change_past_every_command_is_in_the_history_of_the_row(table: str, change: str, world: World) -> None:
    history = f"{table}event"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {history}")
        before = cursor.fetchone()[0]
        cursor.execute(f"UPDATE {table} SET {change} WHERE id = (SELECT min(id) FROM {table})")
        cursor.execute(f"SELECT count(*) FROM {history}")
        assert cursor.fetchone()[0] == before + 1


@pytest.mark.invariant("I-L1")
def test_every_command_hands_its_actor_on() -> None:
    """A command that takes an actor and tells nobody about him records nothing."""
    silent = []
    for file in SOURCE.rglob("*.py"):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and "actor" in [one.arg for one in node.args.kwonlyargs]:
                uses = sum(isinstance(one, ast.Name) and one.id == "actor" for one in ast.walk(node))
                if not uses:
                    silent.append(f"{file.relative_to(SOURCE)}: {node.name}")
    assert silent == []


class Lines(logging.Handler):
    """Log lines exactly as the product writes them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(SecretsFilter())
        self.setFormatter(OneLineFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def everything_stored() -> str:
    """All rows of all tables as text, sessions decoded, but not the bodies of mails that wait to be sent.

    Nor the key of a reset link, which allauth keeps in the session of who opened it: it works for a day at most, and
    who can read sessions has this one without it.
    """
    sessions = [session.get_decoded() for session in Session.objects.all()]
    for session in sessions:
        session.pop("_password_reset_key", None)
    parts = [json.dumps(session, ensure_ascii=False) for session in sessions]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table != "messaging_demomail":
                cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
                parts.append(cursor.fetchone()[0] or "")
    return "\n".join(parts)


@pytest.mark.invariant("I-L2")
@pytest.mark.security("Secrets in logs")
def test_no_password_link_or_key_is_in_logs_events_or_any_table(world: World, settings: object) -> None:
    handler, root = Lines(), logging.getLogger()
    root.addHandler(handler)
    level, wrong = root.level, "falsches Kennwort 99"
    root.setLevel(logging.DEBUG)
    try:
        user = world.user("owner")
        sign_in(user, wrong)
        client = sign_in(user)
        client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER})
        send_reset_links(user.email)
        link = link_in(OutgoingMail.objects.filter(kind="password_reset_key").latest("pk"))
        Client().get(link, follow=True)
        Client().get(f"/zugang/{'t' * 43}/")
        welcome = make_link(world.user("bob"))
        assert Client().get(f"/zugang/{welcome}/", follow=True).status_code == 200
        send_due_mails()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    token = link.rstrip("/").split("/")[-1].split("-", 1)[1]
    logged, stored = "\n".join(handler.lines), everything_stored()
    for secret in (PASSWORD, ANOTHER, wrong, token, "t" * 43, welcome):
        assert secret not in logged
        assert secret not in stored
    assert str(getattr(settings, "SECRET_KEY", "")) not in logged + stored


@pytest.mark.invariant("I-L2")
def test_no_event_or_history_row_shows_a_full_iban(world: World) -> None:
    COMMANDS["parties.save_bank_account"](world)
    text = "\n".join(f"{event.reference} {event.payload}" for event in Event.objects.all())
    assert "DE89370400440532013000" not in text and "AT483200000012345864" not in text
    assert "3000" in text


@pytest.mark.invariant("I-L1")
def test_a_changed_password_is_in_the_trail_without_the_password(world: World) -> None:
    cache.clear()
    user = world.user("owner")
    last = Event.objects.latest("pk").pk
    client = sign_in(user)
    client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER})
    event = Event.objects.get(pk__gt=last, name="access.password_set")
    assert (event.actor_user_id, event.reference) == (user.pk, user.username)
    send_reset_links(user.email)
    other = Client()
    form = other.get(link_in(OutgoingMail.objects.latest("pk"))).headers["Location"]
    other.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert Event.objects.filter(pk__gt=event.pk, name="access.password_set", subject_id=user.pk).count() == 1
