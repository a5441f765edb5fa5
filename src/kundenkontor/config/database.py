"""PostgreSQL connection settings from one URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

# A COMMIT whose reply is lost must not hang a client for ever.
LOST_REPLY_MILLISECONDS = 20_000
IDLE_IN_TRANSACTION_SECONDS = 120


def database_from_url(url: str, *, statement_seconds: int = 60, pool_size: int = 0) -> dict[str, Any]:
    """Return Django's DATABASES entry for ``postgresql://user:password@host:port/name?host=/socket/dir``.

    ``statement_seconds`` 0 means no limit; ``pool_size`` 0 means no pool. Raises ValueError for any other
    scheme: PostgreSQL is the only database.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {parts.scheme or 'nothing'}://")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    limits = {
        "statement_timeout": statement_seconds * 1000,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS * 1000,
    }
    options: dict[str, Any] = {
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        "tcp_user_timeout": LOST_REPLY_MILLISECONDS,
        "connect_timeout": 10,
    }
    options |= {name: value for name, value in query.items() if name.startswith("ssl")}
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_HEALTH_CHECKS": bool(pool_size),
        "OPTIONS": options,
    }
