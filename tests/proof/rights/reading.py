"""All text of an answer, whatever it is (page, PDF with what is embedded, archive), and the state of the database."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from functools import lru_cache
from typing import Any

import pypdf
from django.db import connection


def content_of(response: Any) -> bytes:
    """The whole body, a streamed one read to its end, which also closes its file."""
    return b"".join(response) if getattr(response, "streaming", False) else bytes(response.content)


def texts_of(content: bytes) -> Iterator[str]:
    """Every readable text in these bytes, in lower case and without blanks, as line breaks may cut a word."""
    if content.startswith(b"%PDF"):
        yield from _texts_of_pdf(content)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield _plain(name)
                yield from texts_of(archive.read(name))
    else:
        yield _plain(content.decode("utf-8", "replace"))


def texts_of_mail(raw: bytes) -> Iterator[str]:
    """Head, bodies and attachments of a mail."""
    message = message_from_bytes(raw, policy=policy.default)
    yield _plain(" ".join(f"{name}: {value}" for name, value in message.items()))
    for part in message.walk():
        if not part.is_multipart():
            payload: Any = part.get_payload(decode=True)
            yield from texts_of(bytes(payload or b""))


@lru_cache(maxsize=64)
def _texts_of_pdf(content: bytes) -> tuple[str, ...]:
    """Many logins are given the same document: it is read once."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    return (
        _plain("".join(page.extract_text() for page in reader.pages)),
        _plain(str(reader.metadata)),
        *(_plain(name) for name in reader.attachments),
        *(text for versions in reader.attachments.values() for one in versions for text in texts_of(one)),
    )


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


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
