"""PostgreSQL connection settings from one URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import psycopg

# A COMMIT whose reply is lost must not hang a client for ever.
LOST_REPLY_MILLISECONDS = 20_000
IDLE_IN_TRANSACTION_SECONDS = 120


class DatabaseUnusable(Exception):
    """What stands between us and the database, in one sentence that shows no password."""


def database_from_url(
    url: str, *, statement_seconds: int = 60, pool_size: int = 0, setting: str = "DATABASE_URL"
) -> dict[str, Any]:
    """Return Django's DATABASES entry for ``postgresql://user:password@host:port/name?host=/socket/dir``.

    ``statement_seconds`` 0 means no limit; ``pool_size`` 0 means no pool. Raises ValueError, naming ``setting``, for
    any other scheme (PostgreSQL is the only database) and for an address that cannot be read.
    """
    parts = _parts_of(url, setting)
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


def _parts_of(url: str, setting: str) -> SplitResult:
    """Raises ValueError with a sentence of ours: the parser's own would show what it took for the port."""
    unreadable = ValueError(
        f"{setting} cannot be read; signs like # / ? @ : in its password are written as percent codes (# is %23)"
    )
    try:
        parts = urlsplit(url)
        is_readable = parts.port != 0 and not parts.fragment and parts.netloc.count("@") <= 1
    except ValueError:
        raise unreadable from None
    if parts.scheme not in ("postgresql", "postgres"):
        scheme = f"{parts.scheme}://" if "://" in url else "nothing"
        raise ValueError(f"{setting} must begin with postgresql://, not {scheme}")
    if not is_readable:
        raise unreadable
    return parts


def check_database(url: str, setting: str = "DATABASE_URL", *, is_owner: bool = False) -> None:
    """Connect once; an owner must be able to make tables. Raises DatabaseUnusable."""
    try:
        database = database_from_url(url, setting=setting)
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}  # nosec B105
        arguments = {argument: database[name] for name, argument in names.items() if database[name]}
        with psycopg.connect(**arguments, **database["OPTIONS"]) as connection:
            row = connection.execute("SELECT has_schema_privilege('public', 'CREATE')").fetchone()
    except ValueError as error:
        raise DatabaseUnusable(f"{error}.") from None
    except psycopg.Error as error:
        raise DatabaseUnusable(f"The database of {setting} cannot be used: {first_line(error)}") from None
    if is_owner and row != (True,):
        raise DatabaseUnusable(
            f"The role of {setting} may not make tables in its database; DATABASE_OWNER_URL must name the owner's role."
        )


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
