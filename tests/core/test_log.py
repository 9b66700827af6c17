"""No line of anybody carries personal data or a secret; canaries prove it through every way in."""

import asyncio
import copy
import io
import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import process_time
from typing import Any

import orjson
import pytest
import structlog

from core.log import (
    EmailStr,
    Personal,
    PhoneStr,
    SecretStr,
    configure_logging,
    get_logger,
    is_secret_key,
    log_context,
    mask,
)
from core.settings import Env, Settings
from core.tokens import TokenKind

PHONE = "+8613812345678"
NATIONAL = "13812345678"
EMAIL = "li.wei@corp.example.com"
TOKEN = f"{TokenKind.ACCESS}{'Kx9_' * 10}abc"
PASSWORD = "Hunter2-Canary!"
CODE = "493817"
CANARIES = (NATIONAL, "138 1234 5678", EMAIL, "li.wei", TOKEN, TOKEN[10:], PASSWORD, CODE)


def is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)


@contextmanager
def configured(out: io.StringIO, *, as_json: bool, level: str = "DEBUG") -> Iterator[None]:
    root = logging.getLogger()
    before = root.level
    configure_logging(Settings(env=Env.TEST, log_level=level, log_json=as_json), out)
    yield
    root.handlers[:] = [handler for handler in root.handlers if not is_ours(handler)]
    root.setLevel(before)
    structlog.reset_defaults()


@pytest.fixture(params=[True, False], ids=["json", "text"])
def stream(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    out = io.StringIO()
    with configured(out, as_json=request.param):
        yield out


@pytest.fixture
def lines() -> Iterator["Lines"]:
    written = Lines()
    with configured(written.stream, as_json=True):
        yield written


class Lines:
    """The JSON lines written so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def all(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.stream.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        return self.all()[-1]


def assert_clean(text: str) -> None:
    assert text
    for canary in CANARIES:
        assert canary not in text


SENTENCES = [
    f"sent to {PHONE}",
    f"sent to {NATIONAL},",
    "sent to 138 1234 5678",
    "sent to 138-1234-5678",
    f"号码{NATIONAL}已发送",
    f"0086{NATIONAL}",
    "+1 (415) 555-2671",
    f"mail to <{EMAIL}>",
    f"邮箱{EMAIL}已存在",
    EMAIL.upper(),
    EMAIL.replace("@", "%40"),
    f"DETAIL: Key (email)=({EMAIL}) already exists.",
    f"Bearer {TOKEN}",
    f"token={TOKEN}",
    f"https://partner.example/join#{TOKEN}",
    f"GET /graphql?query=secret&mobile={NATIONAL} HTTP/1.1",
    f"https://hooks.example/in?signature={PASSWORD}",
    f"postgresql://cosell:{PASSWORD}@db/cosell",
    f"redis://:{PASSWORD}@cache:6379/0",
    f"your code is {CODE}.",
    f"您的验证码是{CODE}，十分钟内有效",
    f'{{"code":"{CODE}"}}',
    f"code:{CODE}",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_patterns_are_masked(sentence: str) -> None:
    masked = mask(sentence)
    assert masked != sentence
    assert_clean(masked)
    assert "2671" not in masked
    assert EMAIL.upper() not in masked
    assert "%40corp" not in masked


@pytest.mark.parametrize(
    "sentence",
    [
        "2026-11-21T19:05:14.123456Z",
        "took 0.123456 s",
        "019ab7c2-1f3e-7d4a-9c55-0242ac120002",
        "cus_01jd8x7k2m9p4q6r8s0t1v3w5x",
        "127.0.0.1:54321",
        "job 1234567 of 12345",
        "is this right? yes",
        "1763720000000",
        "+00:00",
        "rules/policy.py:120",
    ],
)
def test_harmless_facts_stay(sentence: str) -> None:
    assert mask(sentence) == sentence


def test_masking_is_linear_on_hostile_text() -> None:
    pieces = [
        "a",
        "1",
        "+1 ",
        "@",
        "a@",
        "%40",
        "://",
        "/",
        "?",
        ":",
        "://a:",
        "138 ",
        "cos_at_",
        "bearer ",
        ".",
        "a.a@a.",
    ]
    for piece in pieces:
        text = piece * (200_000 // len(piece))
        begin = process_time()
        mask(text)
        assert process_time() - begin < 1.5, piece


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_way_in_is_masked(stream: io.StringIO, sentence: str) -> None:
    ours, theirs = get_logger("resolvers.accounts"), logging.getLogger("some.library")
    ours.info(sentence)
    ours.info("by keyword", fact=sentence, nested={"list": [sentence, {"deep": (sentence,)}]}, also={sentence: 1})
    ours.info("by place: %s", sentence)
    theirs.info(sentence)
    theirs.warning("by argument: %s", sentence)
    theirs.info("by extra", extra={"fact": sentence, "mapping": {"fact": sentence}})
    theirs.info("object: %s", Carrier(sentence))
    ours.info("object", fact=Carrier(sentence), octets=sentence.encode())
    try:
        raise ValueError(sentence)
    except ValueError as error:
        ours.exception("failed", error=error)
        theirs.exception("failed")
    with log_context(request_id="req-1", operation=sentence):
        theirs.info("in context")
    assert_clean(stream.getvalue())


class Carrier:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"<Carrier {self.text}>"


def test_personal_values_are_masked_by_type(stream: io.StringIO) -> None:
    values = [PhoneStr("+8613900139000"), EmailStr("canary at home"), SecretStr("canary"), Personal("canary")]
    logger = get_logger("x")
    for value in values:
        logger.info("one", value=value, nested=[value])
        logger.info(f"in text {value} {value!r} {value:>20}")
        logging.getLogger("y").info("argument %s %r", value, value)
    text = stream.getvalue()
    assert "canary" not in text
    assert "13900139000" not in text
    for shown in ("[phone]", "[email]", "[secret]", "[personal]"):
        assert shown in text


def test_a_personal_value_is_no_text_and_gives_itself_only_when_asked() -> None:
    value = EmailStr(EMAIL)
    assert value.reveal() == EMAIL
    assert not isinstance(value, str)
    assert (str(value), repr(value), f"{value}") == ("[email]",) * 3
    assert value == EmailStr(EMAIL)
    assert hash(value) == hash(EmailStr(EMAIL))
    assert value != SecretStr(EMAIL)
    assert value != EMAIL
    for leak in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="pass an id"):
            leak(value)
    with pytest.raises(TypeError):
        orjson.dumps(value)


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "new_password",
        "newPassword",
        "NEW_PASSWORD",
        "password_hash",
        "code",
        "verification_code",
        "verificationCode",
        "otp",
        "token",
        "access_token",
        "refreshToken",
        "authorization",
        "Authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "secret",
        "client_secret",
        "secret_key",
        "proof",
        "variables",
    ],
)
def test_secret_keys_are_dropped(lines: "Lines", key: str) -> None:
    assert is_secret_key(key)
    get_logger("x").info("event", **{key: "short"}, nested={key: "short", "kept": 1}, listed=[{key: "short"}])
    logging.getLogger("y").info("event", extra={key: "short"})
    assert "short" not in lines.stream.getvalue()
    assert lines.all()[0]["nested"] == {"kept": 1}


@pytest.mark.parametrize(
    "key", ["error_code", "status_code", "country_code", "encode", "codes", "tokens", "operation", "path", "secretary"]
)
def test_harmless_keys_stay(lines: "Lines", key: str) -> None:
    get_logger("x").info("event", **{key: "kept"})
    assert lines.last()[key] == "kept"


def test_a_json_line_says_who_when_what_and_in_which_request(lines: "Lines") -> None:
    with log_context(request_id="req-1", operation="requestUnbind"):
        get_logger("resolvers").warning("refused", codes=["CODE_WRONG"], at=datetime(2026, 1, 1, tzinfo=UTC), count=3)
        logging.getLogger("library").info("inside")
    get_logger("resolvers").info("outside")
    refused, inside, outside = lines.all()
    timestamp = refused.pop("timestamp")
    assert datetime.fromisoformat(timestamp).tzinfo is not None
    assert refused == {
        "event": "refused",
        "level": "warning",
        "logger": "resolvers",
        "request_id": "req-1",
        "operation": "requestUnbind",
        "codes": ["CODE_WRONG"],
        "at": "2026-01-01T00:00:00+00:00",
        "count": 3,
    }
    assert (inside["request_id"], inside["operation"], inside["logger"]) == ("req-1", "requestUnbind", "library")
    assert "request_id" not in outside


async def test_requests_at_the_same_time_keep_their_own_ids(lines: "Lines") -> None:
    async def request(number: int) -> None:
        with log_context(request_id=f"req-{number}"):
            await asyncio.sleep(0)
            logging.getLogger("library").info("number", extra={"number": number})

    await asyncio.gather(*(request(number) for number in range(5)))
    assert {line["request_id"]: line["number"] for line in lines.all()} == {f"req-{n}": n for n in range(5)}


def test_the_access_log_has_no_query_string(stream: io.StringIO) -> None:
    path = f"/graphql?query=%7Bcanary%7D&x={PASSWORD}"
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:5000", "GET", path, "1.1", 200)
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', "127.0.0.1:5000", path)
    logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "Started \x1b[1m%s\x1b[0m"})
    text = stream.getvalue()
    assert "GET /graphql HTTP/1.1" in text.replace('\\"', '"')
    assert "canary" not in text
    assert "color_message" not in text
    assert_clean(text)


@pytest.mark.parametrize("name", ["tortoise.db_client", "arq.worker", "arq.jobs", "asyncpg.pool", "websockets.server"])
def test_libraries_cannot_write_values_even_when_their_level_is_lowered(stream: io.StringIO, name: str) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    try:
        logger.debug("%s: %s", "SELECT 1 WHERE name=$1", ["canary"])
        if name.startswith("arq"):
            logger.info("0.01s → job:deliver('canary')")
        logger.error("still heard")
    finally:
        logger.setLevel(logging.NOTSET)
    text = stream.getvalue()
    assert "canary" not in text
    assert "still heard" in text


def test_a_value_cannot_forge_a_line(lines: "Lines", stream: io.StringIO) -> None:
    forged = "ok\n2026-01-01 [info] forged\r\x1b[31m\u2028"
    get_logger("x").info(forged, value=forged)
    logging.getLogger("y").info(forged)
    assert len(stream.getvalue().splitlines()) == 2
    assert "\x1b" not in stream.getvalue()


def test_an_exception_keeps_its_lines(lines: "Lines") -> None:
    try:
        raise ValueError("what happened")
    except ValueError:
        get_logger("x").exception("failed")
    assert "ValueError: what happened" in lines.last()["exception"].splitlines()[-1]
    assert "Traceback" in lines.last()["exception"]


def test_odd_values_are_written_all_the_same(lines: "Lines") -> None:
    get_logger("x").info("odd", huge=2**100, nothing=None, real=0.5, key={1: "a", None: "b"}, values={3})
    assert lines.last()["event"].strip("'") == "odd"
    assert str(2**100) in str(lines.last()["huge"])


def test_a_line_that_cannot_be_formatted_does_not_dump_its_arguments(
    lines: "Lines", capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if is_ours(handler)]  # the test runner's own raises
    logging.getLogger("library").info("%d tries", "canary")
    heard = capsys.readouterr()
    assert "canary" not in heard.err + heard.out
    assert "a line of library could not be logged: TypeError" in heard.err


def test_levels_below_the_settings_are_not_written() -> None:
    out = io.StringIO()
    with configured(out, as_json=True, level="warning"):
        get_logger("x").info("quiet")
        logging.getLogger("y").info("quiet")
        get_logger("x").warning("heard")
    assert [orjson.loads(line)["event"] for line in out.getvalue().splitlines()] == ["heard"]


def test_production_writes_json_unless_told_otherwise() -> None:
    # the settings of production refuse development values; only the profile matters here
    for env, as_json, expected in (
        (Env.PRODUCTION, None, True),
        (Env.PRODUCTION, False, False),
        (Env.TEST, None, False),
    ):
        out = io.StringIO()
        with configured(out, as_json=True):
            settings = Settings(env=Env.TEST, log_json=as_json).model_copy(update={"env": env})
            configure_logging(settings, out)
            get_logger("x").info("event")
        assert out.getvalue().startswith("{") is expected


def test_the_last_configuration_counts(stream: io.StringIO) -> None:
    second = io.StringIO()
    configure_logging(Settings(env=Env.TEST, log_json=True), second)
    logging.getLogger("y").info("once")
    assert stream.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 1
