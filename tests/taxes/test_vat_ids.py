"""Asking about VAT ids: the fake and the real adapter answer by one contract; the real one against a local server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenkontor.kernel.texts import one_line
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.taxes.commands import record_vat_id_check
from kundenkontor.taxes.models import VatIdCheck
from kundenkontor.taxes.vat_ids import (
    VIES_PREFIXES,
    Answer,
    FakeVies,
    VatIdChecker,
    has_valid_check_digits,
)
from kundenkontor.taxes.vies import Vies, configured_checker, read_answer
from tests.support.builders import CLARA, TODAY, ada, alpenhost

GOOD, BAD, DOWN = "ATU66889218", "ATU66889219", "DE136695976"


@contextmanager
def vies_server(status: int = 200, body: bytes | None = None) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A local server that answers as VIES does: by check digits, and DOWN as a member state that is not reached."""
    questions: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            questions.append(question)
            content = body if body is not None else json.dumps(answer_to(question)).encode()
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/check", questions
        finally:
            server.shutdown()
            thread.join()


def answer_to(question: dict[str, Any]) -> dict[str, Any]:
    vat_id = question["countryCode"] + question["vatNumber"]
    if vat_id == DOWN:
        return {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}
    return {
        **question,
        "valid": has_valid_check_digits(vat_id),
        "requestDate": "2026-11-23T20:00:00Z",
        "requestIdentifier": "WAPIAAAA1" if "requesterNumber" in question else "",
        "name": "Beispiel GmbH",
        "address": "---",
    }


@pytest.fixture(params=["fake", "real"])
def checker(request: pytest.FixtureRequest) -> Iterator[VatIdChecker]:
    if request.param == "fake":
        yield FakeVies(unavailable=frozenset({DOWN}))
    else:
        with vies_server() as (url, _):
            yield Vies(url, timeout_seconds=5)


@pytest.mark.invariant("I-T4")
@pytest.mark.parametrize(
    ("vat_id", "outcome"),
    [
        (GOOD, "valid"),
        ("atu 6688.9218", "valid"),
        (BAD, "invalid"),
        (DOWN, "unavailable"),
        ("CHE116281710", "unavailable"),
        ("", "unavailable"),
    ],
)
def test_fake_and_real_checker_keep_one_contract(checker: VatIdChecker, vat_id: str, outcome: str) -> None:
    answer = checker.check(vat_id, requester="")

    assert answer.outcome == outcome
    assert answer.evidence


def test_a_requester_gets_a_consultation_number() -> None:
    with vies_server() as (url, questions):
        answer = Vies(url, timeout_seconds=5).check("GR094259216", requester="ATU 13585627")

    assert questions == [
        {
            "countryCode": "EL",
            "vatNumber": "094259216",
            "requesterMemberStateCode": "AT",
            "requesterNumber": "U13585627",
        }
    ]
    assert answer == Answer("valid", "WAPIAAAA1, 2026-11-23T20:00:00Z, Beispiel GmbH")


@pytest.mark.invariant("I-T4")
@pytest.mark.parametrize("status", [200, 301, 400, 429, 500, 503])
@pytest.mark.parametrize(
    "body", [b"", b"<html>maintenance</html>", b"[]", b"null", b"\xff", b'{"valid": "true"}', b"{}"]
)
def test_a_service_that_fails_in_any_way_says_neither_valid_nor_invalid(status: int, body: bytes) -> None:
    with vies_server(status, body) as (url, _):
        answer = Vies(url, timeout_seconds=5).check(GOOD, requester="")

    assert answer.outcome == "unavailable"


@pytest.mark.invariant("I-T4")
def test_a_service_that_is_not_reached_says_neither_valid_nor_invalid() -> None:
    assert Vies("http://127.0.0.1:9/check", timeout_seconds=1).check(GOOD, requester="").outcome == "unavailable"
    assert Vies(timeout_seconds=1).check(GOOD, requester="").outcome == "unavailable"  # tests have no network


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        ({"valid": True}, "valid"),
        ({"valid": False}, "invalid"),
        ({"valid": False, "userError": "INVALID"}, "invalid"),
        ({"valid": False, "userError": "MS_UNAVAILABLE"}, "unavailable"),
        ({"valid": False, "userError": "MS_MAX_CONCURRENT_REQ"}, "unavailable"),
        ({"valid": True, "actionSucceed": False}, "unavailable"),
        ({"errorWrappers": [{"error": "SERVICE_UNAVAILABLE"}], "valid": True}, "unavailable"),
        ({"errorWrappers": [{"error": "INVALID_INPUT"}]}, "invalid"),
        ({"errorWrappers": [{"error": "INVALID_REQUESTER_INFO"}]}, "unavailable"),
        ({"errorWrappers": [{}]}, "unavailable"),
        ({"valid": 1}, "unavailable"),
    ],
)
def test_only_a_clear_answer_counts(content: dict[str, Any], outcome: str) -> None:
    assert read_answer(content).outcome == outcome


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["valid", "errorWrappers", "error", "userError", "name", "requestDate"]), inner
            )
        ),
    )
)
def test_any_json_is_read_without_an_error_and_kept_short(content: Any) -> None:
    answer = read_answer(content)

    assert answer.outcome in ("valid", "invalid", "unavailable")
    assert len(answer.evidence) <= 300
    assert one_line(answer.evidence) == answer.evidence.strip()


@pytest.mark.django_db
def test_what_the_service_says_in_odd_characters_is_kept_as_evidence() -> None:
    customer = ada(alpenhost(), vat_id_state="unchecked")
    answer = read_answer({"valid": True, "requestIdentifier": "WAPI1", "name": "Beispiel\x00\n\u202eGmbH\ud800"})
    record_vat_id_check(
        [customer], outcome=answer.outcome, way="vies", evidence=answer.evidence, on=TODAY, actor=CLARA
    )  # fmt: skip
    assert VatIdCheck.objects.get(customer=customer).evidence == "WAPI1, Beispiel GmbH"


def test_vat_ids_are_normalised_to_the_form_of_vies() -> None:
    assert normal_vat_id(" gr 094.259-216 ") == "EL094259216"
    assert normal_vat_id("FR 40 303265045") == "FR40303265045"
    assert len(VIES_PREFIXES) == 28
    assert "EL" in VIES_PREFIXES


def test_tests_and_demo_never_ask_the_real_service() -> None:
    assert isinstance(configured_checker(), FakeVies)
