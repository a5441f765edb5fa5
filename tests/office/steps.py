"""The office's people, and submitting its forms as a browser would."""

from __future__ import annotations

from typing import Any

import lxml.html
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kundenkontor.access.models import User
from kundenkontor.kernel.clock import utc_now
from kundenkontor.web.gate.once import FIELD, new_key

NAMES = {"administrator": "anna", "clerk": "clara", "support": "sam", "auditor": "otto"}


def desk(role: str = "clerk") -> Client:
    """A signed-in browser of staff with this role; English, so that tests read like the code."""
    user, _ = User.objects.get_or_create(
        username=NAMES[role], defaults={"staff_role": role, "created_at": utc_now(), "language": "en"}
    )
    client = Client()
    client.force_login(user)
    return client


def submit(client: Client, url: str, *, key: str = "", **values: Any) -> Any:
    """Post a form with an idempotency key of its own."""
    return client.post(url, {FIELD: key or new_key(), **values})


def queries(client: Client, url: str) -> int:
    """How many statements a page needs, after the first, with which a session notes that it is used."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def bytes_of(answer: Any) -> bytes:
    """The whole body of a streamed answer."""
    return b"".join(answer.streaming_content)


def typed_in(text: str, name: str) -> dict[str, str]:
    """What a browser would send of the form with this field as a page shows it, without the keys of a submit."""
    page: Any = lxml.html.fromstring(text)
    form = next(form for form in page.forms if name in form.fields)
    return {key: value for key, value in form.form_values() if key not in (FIELD, "csrfmiddlewaretoken")}


def issue_as_shown(client: Client, draft_url: str) -> Any:
    """Press the button that issues a draft, as its page is opened."""
    shown = typed_in(client.get(draft_url).content.decode(), "lines")
    return submit(client, f"{draft_url}issue/", **shown)
