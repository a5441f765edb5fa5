"""Who asks, what was asked, and what is answered. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

# what a repeat is told again; everything else, cookies above all, belongs to the first answer alone
KEPT_HEADERS = ("Content-Type", "Content-Language", "Location", "ETag")


class Principal(NamedTuple):
    """Whose key it is: a login or an API token by id, or a signed-out visitor by the hash of what tells him apart."""

    kind: Literal["login", "token", "visitor"]
    id: int | str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(slots=True)
class Answer:
    """What the first request is answered, and every repeat again.

    ``is_secret``: the answer tells something that is shown once, a new token say. Then only its status is kept.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_secret: bool = False

    @property
    def location(self) -> str:
        """Where the answer leads, "" where it leads nowhere."""
        return self.headers.get("Location", "")

    @location.setter
    def location(self, url: str) -> None:
        self.status, self.headers["Location"] = 302, url


def json_answer(value: Any, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, {"Content-Type": "application/json"}, canonical_json(value))


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those that may be stored."""
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}


def is_key(text: str) -> bool:
    """Whether a key is long enough never to meet another by chance, and plain enough to be stored."""
    return 16 <= len(text) <= 64 and text.isascii() and text.isprintable()


def digest_of(method: str, target: str, body: Iterable[bytes]) -> str:
    """SHA-256 over the method, the whole path with its query, and the body in its canonical form."""
    digest = hashlib.sha256(f"{method} {target}\n".encode())
    for part in body:
        digest.update(part)
    return digest.hexdigest()


def canonical_json(value: Any) -> bytes:
    """The same bytes for the same value, whatever the order of keys and the white space it came with."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
