"""Settings that production refuses, and the headers of every answer."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from kundenkontor.config.checks import find_weak_settings
from kundenkontor.config.database.address import database_from_url
from kundenkontor.config.database.postgres import Cluster
from kundenkontor.config.logs import OneLineFormatter, PeersFilter, SecretsFilter, without_secrets
from tests.config.server.wires import dial, read_all
from tests.support.browser import WebServer, running_server
from tests.support.patience import CEILING

LOCAL_NAMES = ("127.0.0.1", "kundenkontor-web:8000", "evil.example")
STRONG = {
    "MODE": "production",
    "SECRET_KEY": "k3" * 40,
    "DEBUG": False,
    "BASE_URL": "https://kunden.example",
    "ALLOWED_HOSTS": ["kunden.example"],
    "VAT_ID_CHECKER": "vies",
    "BIND": "127.0.0.1",
    "BEHIND_PROXY": False,
}
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


def test_strong_settings_may_run_in_production(settings: Any) -> None:
    for name, value in STRONG.items():
        setattr(settings, name, value)

    assert find_weak_settings() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "demo-only-not-secret-0000000000000000000000000000000000"),
        ("SECRET_KEY", "short"),
        ("DEBUG", True),
        ("BASE_URL", "http://kunden.example"),
        ("ALLOWED_HOSTS", ["*"]),
        ("VAT_ID_CHECKER", "fake"),
        ("VAT_ID_CHECKER", "VIES"),
        ("MODE", "staging"),
        ("BIND", "0.0.0.0"),
        ("BIND", "::"),
    ],
)
def test_each_weak_setting_is_refused(settings: Any, name: str, value: object) -> None:
    for strong_name, strong_value in STRONG.items():
        setattr(settings, strong_name, strong_value)
    setattr(settings, name, value)

    found = find_weak_settings()

    assert len(found) == 1


def test_only_postgresql_is_a_database() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        database_from_url("sqlite:///x")


@pytest.mark.parametrize(
    ("name", "value"), [("LOG_LEVEL", "loud"), ("WEB_THREADS", "many"), ("DATABASE_URL", "mysql://x/y")]
)
def test_a_setting_that_cannot_be_read_is_named_in_one_sentence(name: str, value: str, tmp_path: Path) -> None:
    settings = {"KUNDENKONTOR_VAR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"} | {name: value}
    command = [sys.executable, "-m", "kundenkontor.cli.main", "verify"]
    run = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert run.returncode == 1 and len(run.stderr.splitlines()) == 1
    assert run.stderr.startswith(f"Error: A setting cannot be used: {name} must ")


@pytest.mark.django_db
def test_every_page_carries_the_headers(client: Client) -> None:
    headers = client.get("/account/login/").headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.security("Akaunting CVE-2021-36804")
@pytest.mark.parametrize("name", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
def test_a_foreign_host_reaches_no_page(client: Client, name: str) -> None:
    answer = client.get("/account/login/", **{name: "evil.example"})  # type: ignore[arg-type]

    assert b"evil.example" not in answer.content
    assert answer.status_code == (400 if name == "HTTP_HOST" else 200)


@pytest.mark.django_db
def test_health_is_ok_while_the_database_answers(client: Client) -> None:
    assert client.get("/health/").content == b"ok\n"


@pytest.mark.feature("M2")
def test_health_says_503_while_the_database_is_away_and_ok_once_it_is_back(
    web_server: WebServer, fresh_database: str, cluster: Cluster
) -> None:
    assert get(web_server, "/health/").status == 200

    with database_away(cluster, fresh_database):
        answer = get(web_server, "/health/")
        assert (answer.status, answer.headers["Content-Type"]) == (503, "text/plain")

    assert get(web_server, "/health/").status == 200


@contextmanager
def database_away(cluster: Cluster, name: str) -> Iterator[None]:
    """Nobody is let in, and who is in is put out."""
    with cluster.connect() as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.fixture
def production_server(fresh_database: str, static_root: Path) -> Iterator[WebServer]:
    """The real server in production mode."""
    strong = {"KUNDENKONTOR_MODE": "production", "SECRET_KEY": "k3" * 40, "BASE_URL": "https://localhost"}
    with running_server(static_root, **strong, ALLOWED_HOSTS="localhost", BEHIND_PROXY="1") as server:
        yield server


def get(server: WebServer, path: str, **headers: str) -> HTTPResponse:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=CEILING)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_production_answers_over_https_only_with_secure_cookies(production_server: WebServer) -> None:
    plain = get(production_server, "/account/login/")
    secure = get(production_server, "/account/login/", X_Forwarded_Proto="https")
    health = get(production_server, "/health/")
    paths = ("/health/", "/account/login/")
    secured = {"X_Forwarded_Proto": "https"}
    named = [get(production_server, path, Host=host, **secured) for path in paths for host in LOCAL_NAMES]

    assert (plain.status, plain.headers["Location"]) == (301, "https://localhost/account/login/")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookies = secure.headers.get_all("Set-Cookie") or []
    assert [cookie.split("=")[0] for cookie in cookies] == ["__Host-csrf"]
    assert all("Secure" in cookie and "Path=/;" in cookie and "Domain" not in cookie for cookie in cookies)
    assert [answer.status for answer in [health, *named]] == [200] * 4 + [400] * 3


@pytest.mark.invariant("I-L2")
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=geheim123 for ada", "geheim123"),
        ('{"token": "abc123def"}', "abc123def"),
        ("postgresql://app:s3cret@host/db", "s3cret"),
        ("smtps://app:s3cret@host:465", "s3cret"),
        ("GET /account/password/reset/key/1-abc-def/", "1-abc-def"),
        ("paid by DE89370400440532013000", "370400440532"),
    ],
)
def test_a_log_line_holds_no_secret(text: str, secret: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", (text,), None)

    SecretsFilter().filter(record)

    assert secret not in OneLineFormatter().format(record)


@pytest.mark.parametrize("word", ["csrf", "password", "smtp://", "AT12 ", "token ", "/key/"])
def test_a_long_line_from_outside_is_blanked_in_no_time(word: str) -> None:
    began = time.process_time()
    without_secrets(word * 20_000)
    assert time.process_time() - began < 10


def test_a_line_break_from_outside_forges_no_log_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "user %s", ("ada\n2026 INFO x: paid\x1b[2J",), None)

    assert len(OneLineFormatter().format(record).splitlines()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "headers"),
    [("/account/login/", {"host": "evil.example"}), ("/account/login/?next=%00", {}), ("/office/nothing/", {})],
)
def test_what_a_stranger_sends_wrong_is_a_warning_of_one_line(
    path: str, headers: dict[str, str], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    Client().get(path, headers=headers)
    assert caplog.records and settings.LOGGING["handlers"]["stderr"]["filters"] == ["secrets", "peers"]
    for record in caplog.records:
        assert SecretsFilter().filter(record) and PeersFilter().filter(record)
        assert record.levelname == "WARNING" and len(OneLineFormatter().format(record).splitlines()) == 1


@pytest.mark.invariant("I-L2")
def test_what_the_server_says_of_a_broken_request_holds_no_secret_either(
    static_root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running_server(static_root) as server, dial(server) as peer:
        peer.sendall(b"GET /zugang/s3cret-t0ken/ HTTP/9.9.9\r\nHost: localhost\r\n\r\n")
        assert read_all(peer).startswith(b"HTTP/1.1 400")
    said = capfd.readouterr()
    assert "Invalid request" in said.out + said.err and "s3cret-t0ken" not in said.out + said.err


def test_the_web_server_survives_the_loss_of_its_database_connections(
    web_server: WebServer, fresh_database: str, cluster: Cluster
) -> None:
    assert get(web_server, "/health/").status == 200

    with cluster.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [fresh_database]
        )

    assert get(web_server, "/health/").status == 200
