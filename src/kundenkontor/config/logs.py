"""Log lines: one line each, without secrets."""

from __future__ import annotations

import logging
import re

SECRET = re.compile(
    r"(?i)(password|passwort|secret|token|sessionid|session|csrf\w{0,40}|authorization|(?:postgres(?:ql)?|smtps?)://[^:/\s]+)(['\"]?\s*[:=]\s*['\"]?)"
    r"([^\s'\"&,;)]+)"
)
RESET_LINK = re.compile(r"(/(?:key|access|welcome|zugang)/)[^\s'\"?]+")
IBAN = re.compile(r"\b([A-Z]{2}\d{2})[A-Z0-9 ]{8,28}([A-Z0-9]{4})\b")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def without_secrets(text: str) -> str:
    """Blank what stands behind words such as password or token, links that work without login, and IBANs."""
    text = SECRET.sub(r"\1\2***", text)
    text = RESET_LINK.sub(r"\1***", text)
    return IBAN.sub(r"\1…\2", text)


class SecretsFilter(logging.Filter):
    """Formats the message early, so that arguments are covered as well (I-L2)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = without_secrets(record.getMessage())
        record.args = None
        return True


class PeersFilter(logging.Filter):
    """What somebody sent wrong (another host's name, too many fields, an address that is not his) is no error of ours:
    a warning of one line, so that no stranger fills the log with tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
            if record.levelno > logging.WARNING:
                record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return True


class OneLineFormatter(logging.Formatter):
    """Line breaks and control characters from outside cannot forge a log line; only a traceback has several lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        record.message = CONTROL.sub("\ufffd", record.message.replace("\n", "\\n"))
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802  # logging's name
        return without_secrets(super().formatException(ei))  # type: ignore[arg-type]
