"""The processes of a whole installation, and people with phones and mailboxes who use it over HTTP."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from core.clock import system_clock
from tests.client import Client, codes
from tests.database import Database
from tests.modes import EXECUTOR
from tests.patience import PATIENCE
from tests.uploads import image

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Tea-house-88"
_DUE = """
    with slot as (
      insert into schedule_run (id, job, slot, state) values (gen_random_uuid(), $1::text, clock_timestamp(), 'due')
      returning slot
    )
    insert into outbox (topic, dedup_key, aggregate, payload, max_attempts, run_at, created_at)
    select 'schedule.run', $1::text || ':' || slot, 'schedule:' || $1::text,
           jsonb_build_object('job', $1::text, 'slot', slot), 1, now(), now()
    from slot returning id
"""
_keys = count(1)


class Town:
    """An API process, a worker process, their clock, and the inbox of everybody."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._ahead = 0.0
        self._clock = folder / "clock"
        self._clock.write_text("0")
        self._log = folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._environment = {
            **os.environ,
            "ENV": "test",
            "DATABASE_URL": database.app_url,
            "REDIS_URL": database.redis_url,
            "PORT": str(port),
            "PUBLIC_URL": self.address,
            "CLOCK_FILE": str(self._clock),
            "SHUTDOWN_TIMEOUT": "2",
            "REQUEST_TIMEOUT": "30",
            "LOG_LEVEL": "WARNING",
        }
        self.http = httpx2.AsyncClient(base_url=self.address, timeout=PATIENCE)
        self._processes: list[subprocess.Popen[bytes]] = []

    async def open(self) -> None:
        """Starts both processes and waits until the API is ready."""
        for command in (
            [sys.executable, "cli.py", "serve", "--app", "tests.journey.api_main:app"],
            [sys.executable, "-m", "tests.journey.worker_main"],
        ):
            with self._log.open("ab") as log:
                process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
            self._processes.append(process)
        await self.until(self._is_ready)
        assert (await Client(self.http).send("{ __typename }")).executor == EXECUTOR

    async def _is_ready(self) -> bool:
        try:
            return (await self.http.get("/readyz")).status_code == 200
        except httpx2.TransportError:
            return False

    async def close(self) -> None:
        """Stops both as an operator does; they end by themselves."""
        await self.http.aclose()
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        ended = [process.wait(timeout=20) for process in self._processes]
        assert set(ended) <= {0, -signal.SIGTERM}, self._log.read_text()[-3000:]

    def cosell(self, *arguments: str) -> str:
        """What an operator does on the command line; what is printed."""
        return self._run("cli.py", *arguments)

    def operator(self, *lines: tuple[str, ...]) -> str:
        """Several commands of an operator's, `staff` and `import`, on the town's clock; what is printed."""
        return self._run("-m", "tests.journey.cli_main", json.dumps(lines))

    def _run(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def now(self) -> datetime:
        """Business time."""
        return system_clock() + timedelta(seconds=self._ahead)

    def pass_time(self, **delta: float) -> None:
        """Business time goes forward by `timedelta(**delta)`."""
        self._set_ahead(self._ahead + timedelta(**delta).total_seconds())

    def be_at(self, instant: datetime) -> None:
        """Business time goes on from `instant`."""
        self._set_ahead((instant - system_clock()).total_seconds())

    def _set_ahead(self, seconds: float) -> None:
        self._ahead = seconds
        self._clock.write_text(str(seconds))

    async def jobs_run(self, *jobs: str) -> None:
        """The slots of these jobs come due now, whatever the database's clock says; waits until the worker did them."""
        tables = self._database.superuser
        rows = [await tables.fetchval(_DUE, job) for job in jobs]

        async def all_done() -> bool:
            states = await tables.fetch("select state, last_error from outbox where id = any($1)", rows)
            assert not [row for row in states if row["state"] == "dead"], states
            return {row["state"] for row in states} == {"done"}

        await self.until(all_done)

    async def until(self, holds: Callable[[], Awaitable[Any]], *, timeout: float = PATIENCE) -> Any:
        """What `holds` gives as soon as that is true."""
        try:
            async with asyncio.timeout(timeout):
                while not (found := await holds()):
                    await asyncio.sleep(0.1)
                return found
        except TimeoutError:
            raise AssertionError(f"not within {timeout:.0f} s\n{self._log.read_text()[-3000:]}") from None

    async def messages(self, recipient: str) -> list[dict[str, Any]]:
        """What was sent to a number or an address, oldest first, as the inbox page shows it."""
        shown = (await self.http.get("/inbox/messages")).json()
        return [message for message in reversed(shown) if message["recipient"] == recipient]


@dataclass
class Person:
    """Somebody with a phone or a mailbox or both, and a browser."""

    town: Town
    mobile: str | None = None
    email: str | None = None
    token: str | None = None
    _read: dict[str, int] = field(default_factory=dict)

    @property
    def api(self) -> Client:
        """The API as this person reaches it."""
        return Client(self.town.http, self.token)

    @property
    def contact(self) -> dict[str, str]:
        """What this person signs in with, and where codes go: the phone where there is one."""
        return {"mobile": self.mobile} if self.mobile else {"email": self.email or ""}

    async def reads(self, recipient: str | None = None) -> dict[str, Any]:
        """The next message this person has not read yet; waits for it."""
        inbox = recipient or next(iter(self.contact.values()))
        seen = self._read.get(inbox, 0)

        async def next_one() -> dict[str, Any] | None:
            messages = await self.town.messages(inbox)
            return messages[seen] if len(messages) > seen else None

        message: dict[str, Any] = await self.town.until(next_one)
        self._read[inbox] = seen + 1
        return message

    async def reads_code(self) -> str:
        """The digits of the next message, which must be one with a code."""
        message = await self.reads()
        assert message["template"].startswith("code_"), message
        found = re.search(r"\d{6}", message["body"])
        assert found, message
        return found[0]

    async def reads_about(self, template: str, recipient: str | None = None) -> str:
        """The body of the next message, which must be of this kind."""
        message = await self.reads(recipient)
        assert message["template"] == template, message
        body: str = message["body"]
        return body

    async def does(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """A mutation that must be done; answers its payload."""
        payload = await self.api.do(name, selection, **given)
        assert codes(payload) == [], payload
        return payload

    async def does_once(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """A mutation that takes an idempotency key."""
        return await self.does(name, selection, idempotencyKey=_key(), **given)

    async def confirms(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """A mutation that asks for a code: the code arrives by SMS and is given."""
        given = {"idempotencyKey": _key(), **given}
        asked = await self.api.do(name, selection, **given)
        assert codes(asked) == ["STEP_UP_REQUIRED"], asked
        challenge = asked["userErrors"][0]["challenge"]
        assert challenge["channel"] == "SMS"
        answered = await self.does("verifyChallenge", "proof", id=challenge["id"], code=await self.reads_code())
        return await self.does(name, selection, **given, proof=answered["proof"])

    async def is_refused(self, name: str, /, **given: Any) -> list[dict[str, Any]]:
        """A mutation that must be refused; answers the reasons."""
        payload = await self.api.do(name, "__typename", idempotencyKey=_key(), **given)
        assert payload["userErrors"], payload
        reasons: list[dict[str, Any]] = payload["userErrors"]
        return reasons

    async def sees(self, query: str) -> Any:
        """The only field of a query."""
        data = (await self.api.send(f"{{ {query} }}")).data
        return next(iter(data.values()))

    async def signs_up(self, kind: str, full_name: str) -> None:
        """With a code that comes by SMS."""
        asked = await self.does("requestCode", "challenge { id }", scene="SIGN_UP", site="CN", **self.contact)
        opened = await self.does(
            "signUp",
            "accessToken",
            verificationId=asked["challenge"]["id"],
            code=await self.reads_code(),
            password=PASSWORD,
            kind=kind,
            fullName=full_name,
            termsVersion="2026-01",
        )
        self.token = opened["accessToken"]

    async def sends_picture(self) -> str:
        """Uploads a picture of a document; the id of the upload."""
        content = image()
        opened = await self.does_once(
            "openUpload",
            "upload { id url }",
            name="document.png",
            mediaType="image/png",
            size=len(content),
            sha256=sha256(content).hexdigest(),
        )
        sent = await self.town.http.put(opened["upload"]["url"], content=content, headers={"content-type": "image/png"})
        assert sent.status_code == 204, sent.text
        return str(opened["upload"]["id"])

    async def shows_company(self, company: str, credit_code: str) -> str:
        """Submits a company's real name with a picture of its licence; the case's id."""
        shown = {"kind": "ENTERPRISE", "legalName": company, "documentNumber": credit_code}
        sent = await self.does_once("submitRealName", "case { id }", **shown, licenceIds=[await self.sends_picture()])
        return str(sent["case"]["id"])

    async def chooses_password(self) -> None:
        """As a member or one of the staff does at first, with a code; then signs in with it."""
        asked = await self.does("requestCode", "challenge { id }", scene="RESET_PASSWORD", site="CN", **self.contact)
        await self.does(
            "resetPassword",
            "account { id }",
            verificationId=asked["challenge"]["id"],
            code=await self.reads_code(),
            newPassword=PASSWORD,
        )
        await self.signs_in()

    async def signs_in(self) -> None:
        """With the password; a token that has run out stays away."""
        self.token = None
        opened = await self.does("signIn", "accessToken", site="CN", **self.contact, password=PASSWORD)
        self.token = opened["accessToken"]


@dataclass
class Busy(Person):
    """Somebody with a full inbox, who reads what is looked for and leaves the rest; a minute lies between codes."""

    _done: set[tuple[str, int]] = field(default_factory=set)

    async def _finds(self, inbox: str, template: str) -> dict[str, Any]:
        async def looks() -> tuple[int, dict[str, Any]] | None:
            for place, message in enumerate(await self.town.messages(inbox)):
                if message["template"].startswith(template) and (inbox, place) not in self._done:
                    return place, message
            return None

        place, message = await self.town.until(looks)
        self._done.add((inbox, place))
        found: dict[str, Any] = message
        return found

    async def reads(self, recipient: str | None = None) -> dict[str, Any]:
        """The next code; nothing else is read without knowing what is looked for."""
        return await self._finds(recipient or next(iter(self.contact.values())), "code_")

    async def reads_about(self, template: str, recipient: str | None = None) -> str:
        """The body of the first message of this kind that was not read yet; waits for it."""
        body: str = (await self._finds(recipient or next(iter(self.contact.values())), template))["body"]
        return body

    async def confirms(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """As everybody, a minute after the last code."""
        self.town.pass_time(seconds=61)
        return await super().confirms(name, selection, **given)


def _key() -> str:
    return f"journey-{next(_keys):06}"
