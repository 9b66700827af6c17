"""Database addresses: every part, both spellings, and refusals that never show a password."""

import ssl
from typing import Any

import pytest

from core.urls import BadUrl, parse_url

PLAIN: dict[str, Any] = {"host": "db", "port": 5432, "user": "u", "password": None, "database": "d"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u@db/d", PLAIN),
        ("postgres://u@db/d", PLAIN),
        ("postgresql://u:p@db:6432/d", PLAIN | {"port": 6432, "password": "p"}),
        ("postgresql://u:p%40%3A%2F%3F@db/d", PLAIN | {"password": "p@:/?"}),
        ("postgresql://a%20b@db/c%2Fd", PLAIN | {"user": "a b", "database": "c/d"}),
        ("postgresql://u@[::1]:5433/d", PLAIN | {"host": "::1", "port": 5433}),
        ("postgresql://u@/d?host=/run/pg", PLAIN | {"host": "/run/pg"}),
        ("postgresql://u@/d?host=/run/a%20b&port=5499", PLAIN | {"host": "/run/a b", "port": 5499}),
        ("postgresql:///?host=/run/pg&user=u&dbname=d&password=p", PLAIN | {"host": "/run/pg", "password": "p"}),
        ("postgresql://u@db/d?sslmode=disable", PLAIN | {"ssl": False}),
        ("postgresql://u@db/d?sslmode=prefer", PLAIN | {"ssl": "prefer"}),
        ("postgresql://u@db/d?sslmode=require", PLAIN | {"ssl": "require"}),
        ("postgresql://u@db/d?connect_timeout=3", PLAIN | {"timeout": 3.0}),
        ("postgresql://u@db/d?application_name=x", PLAIN | {"server_settings": {"application_name": "x"}}),
    ],
)
def test_an_address_is_taken_apart(url: str, expected: dict[str, Any]) -> None:
    assert parse_url(url) == expected


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:secret@db/d", "must start with postgresql://"),
        ("", "not nothing"),
        ("postgresql://u:secret@db", "no database"),
        ("postgresql://db/d", "no user"),
        ("postgresql://u:secret@/d", "no host"),
        ("postgresql://u:secret@db:99999/d", "bad port"),
        ("postgresql://u:secret@a:1,b:2/d", "several hosts"),
        ("postgresql://u:secret@db/d?port=x", "not a number"),
        ("postgresql://u:secret@db/d?sslmode=maybe", "unknown sslmode 'maybe'"),
        ("postgresql://u:secret@db/d?ssl=true", "unknown parameters: ssl"),
        ("postgresql://u:secret@db/d?sslrootcert=/x", "without sslmode"),
        ("postgresql://u:secret@db/d?sslmode=verify-full&sslrootcert=/missing", "cannot be read"),
        ("postgresql://u:secret@db/d?connect_timeout=soon", "not a number of seconds"),
        ("postgresql://u:secret@db/d?nonsense", "malformed query"),
    ],
)
def test_a_bad_address_is_refused_without_its_password(url: str, words: str) -> None:
    with pytest.raises(BadUrl) as caught:
        parse_url(url)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "checks_name", "verifies"),
    [("verify-full", True, ssl.CERT_REQUIRED), ("verify-ca", False, ssl.CERT_REQUIRED)],
)
def test_verifying_modes_make_a_context(mode: str, checks_name: bool, verifies: ssl.VerifyMode) -> None:
    context = parse_url(f"postgresql://u@db/d?sslmode={mode}")["ssl"]
    assert (context.check_hostname, context.verify_mode) == (checks_name, verifies)
