"""The VAT information exchange system of the European Commission, over its REST interface."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from kundenkontor.kernel.texts import one_line
from kundenkontor.kernel.vat_ids import normal_vat_id
from kundenkontor.taxes.vat_ids import VIES_PREFIXES, Answer, FakeVies, VatIdChecker

CHECK_URL = "https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number"
TIMEOUT_SECONDS = 10
MAX_ANSWER_BYTES = 65_536
EVIDENCE_LENGTH = 300


class _NoRedirect(HTTPRedirectHandler):
    """An answer comes from where it was asked, or it is none."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = build_opener(_NoRedirect)


@dataclass(frozen=True, slots=True)
class Vies:
    """Asks the Commission's service; everything but a clear yes or no is "unavailable". Never within a transaction."""

    url: str = CHECK_URL
    timeout_seconds: float = TIMEOUT_SECONDS

    def check(self, vat_id: str, *, requester: str) -> Answer:
        compact = normal_vat_id(vat_id)
        if compact[:2] not in VIES_PREFIXES or not (compact.isascii() and compact.isalnum()):
            return Answer("unavailable", "NOT_IN_VIES")
        try:
            return read_answer(self._ask(compact, normal_vat_id(requester)))
        except (OSError, HTTPException, ValueError) as error:
            return Answer("unavailable", type(error).__name__)

    def _ask(self, vat_id: str, requester: str) -> Any:
        body = {"countryCode": vat_id[:2], "vatNumber": vat_id[2:]}
        if requester[:2] in VIES_PREFIXES:
            body |= {"requesterMemberStateCode": requester[:2], "requesterNumber": requester[2:]}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        request = Request(self.url, json.dumps(body).encode(), headers, method="POST")
        try:
            with _opener.open(request, timeout=self.timeout_seconds) as response:
                return json.loads(response.read(MAX_ANSWER_BYTES))
        except HTTPError as error:
            with error:  # errors come as JSON too, with status 400 or 500
                return json.loads(error.read(MAX_ANSWER_BYTES))


def read_answer(content: Any) -> Answer:
    """Read the service's JSON: ``valid`` counts only where nothing says that the question was not answered."""
    if not isinstance(content, dict):
        return Answer("unavailable", "NO_ANSWER")
    error = _error_of(content)
    if error == "INVALID_INPUT":
        return Answer("invalid", error)
    if error:
        return Answer("unavailable", one_line(error)[:EVIDENCE_LENGTH])
    if content.get("valid") is True:
        return Answer("valid", _evidence_of(content))
    if content.get("valid") is False:
        return Answer("invalid", _evidence_of(content) or "INVALID")
    return Answer("unavailable", "NO_ANSWER")


def _error_of(content: dict[str, Any]) -> str:
    """The first error code; ``userError`` VALID and INVALID are none."""
    wrappers = content.get("errorWrappers")
    if isinstance(wrappers, list) and wrappers and isinstance(wrappers[0], dict):
        return str(wrappers[0].get("error") or "UNKNOWN")
    if content.get("actionSucceed") is False:
        return "UNKNOWN"
    user_error = content.get("userError")
    return user_error if isinstance(user_error, str) and user_error not in ("", "VALID", "INVALID") else ""


def _evidence_of(content: dict[str, Any]) -> str:
    """Consultation number, day and name as the service gave them; it writes "---" for what it keeps back."""
    parts = [content.get(name) for name in ("requestIdentifier", "requestDate", "name")]
    known = [one_line(part) for part in parts if isinstance(part, str) and one_line(part).strip(" -")]
    return ", ".join(known)[:EVIDENCE_LENGTH]


def configured_checker() -> VatIdChecker:
    """The checker of this installation (setting VAT_ID_CHECKER): the real one, or in demo and tests the fake."""
    return Vies() if settings.VAT_ID_CHECKER == "vies" else FakeVies()
