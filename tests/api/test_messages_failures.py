"""Messages that could not be delivered: operations see why, and nobody's contact."""

from typing import Any

import orjson
import pytest

from rules.access import Role
from tests import world
from tests.api.telling import tell
from tests.client import Api, Client, codes
from tests.factories import key, staff
from tests.refusing import broken

FAILED = """query($type: MessageType, $before: Int) { failedMessages(type: $type, before: $before) {
  number topic template type recipientId subjectId reason attempts failedAt } }"""


async def failed(client: Any, **given: Any) -> list[dict[str, Any]]:
    """What operations see."""
    found: list[dict[str, Any]] = (await client.send(FAILED, **given)).data["failedMessages"]
    return found


async def test_operations_see_the_reason_and_ids_and_no_contact(api: Api) -> None:
    ops = await staff(api, Role.VENDOR_OPS)
    partner_id, main = await world.admitted_partner(broken(api))
    await tell(api, partner_id)
    await api.anonymous.do("requestCode", "challenge { id }", scene="SIGN_IN", site="CN", mobile=main.mobile)
    await api.deliver()
    code, notice = await failed(ops.api)
    assert (code["topic"], code["template"], code["recipientId"]) == ("code.sms", None, None)
    assert (code["type"], await failed(ops.api, type="VERIFICATION")) == ("VERIFICATION", [code])
    assert (notice["topic"], notice["template"], notice["type"]) == ("notice", "report_released", "CUSTOMER")
    assert notice["recipientId"].startswith("acc_")
    assert notice["subjectId"].startswith("par_")
    for row in (code, notice):
        assert row["reason"] == "TerminalFailure: recipient refused: 550"
        assert row["attempts"] == 1
        assert row["failedAt"]
    said = orjson.dumps([code, notice]).decode()
    name = await api.value("select name from partner where id = $1", partner_id)
    assert not any(secret in said for secret in (main.mobile, main.email, name))


async def test_those_of_one_type_and_older_ones(api: Api) -> None:
    ops = await staff(api, Role.VENDOR_ADMIN)
    partner_id, _ = await world.admitted_partner(broken(api))
    await tell(api, partner_id)
    await tell(api, partner_id, "step_up_on")
    newest, oldest = await failed(ops.api)
    assert [newest["type"], oldest["type"]] == ["SECURITY", "CUSTOMER"]
    assert await failed(ops.api, type="CUSTOMER") == [oldest]
    assert await failed(ops.api, type="PLAN") == []
    assert await failed(ops.api, before=newest["number"]) == [oldest]
    assert await failed(ops.api, before=oldest["number"]) == []


async def test_jobs_and_what_still_waits_are_not_among_them(api: Api) -> None:
    ops = await staff(api, Role.VENDOR_OPS)
    partner_id, _ = await world.admitted_partner(broken(api))
    await tell(api, partner_id)
    await api.database.superuser.execute("update outbox set state = 'ready', finished_at = null where state = 'dead'")
    await api.database.superuser.execute(
        "insert into outbox (topic, dedup_key, payload, max_attempts, run_at, created_at, state, finished_at)"
        " values ('admission.check', 'x', '{}', 1, now(), now(), 'dead', now())"
    )
    assert await failed(ops.api) == []


@pytest.mark.parametrize(("topic", "kind"), [
    ("code.sms", "VERIFICATION"),
    ("code.email", "VERIFICATION"),
    ("contact_change", "SECURITY"),
    ("password_reset.link", "SECURITY"),
    ("quick_registration.email", "INVITATION"),
    ("invitation.email", "INVITATION"),
    ("reseller_invitation.email", "INVITATION"),
    ("specialist_invitation.send", "INVITATION"),
])  # fmt: skip
async def test_every_kind_of_message_is_found_by_its_type(api: Api, topic: str, kind: str) -> None:
    ops = await staff(api, Role.VENDOR_OPS)
    await api.database.superuser.execute(
        "insert into outbox (topic, dedup_key, payload, max_attempts, run_at, created_at, state, finished_at)"
        " values ($1, 'x', '{}', 1, now(), now(), 'dead', now())",
        topic,
    )
    [row] = await failed(ops.api)
    assert (row["topic"], row["type"]) == (topic, kind)
    for asked in ("VERIFICATION", "SECURITY", "INVITATION", "REVIEW"):
        assert await failed(ops.api, type=asked) == ([row] if asked == kind else [])


async def retry(client: Client, number: int, **changes: Any) -> dict[str, Any]:
    """Has a message sent once more."""
    return await client.do("retryFailedMessage", "number", number=number, idempotencyKey=key(), **changes)


async def given_up(api: Api) -> tuple[Client, int, str]:
    """One of operations, a message that was given up, and the address it did not reach."""
    ops, registry = await staff(api, Role.VENDOR_OPS), api.registry
    partner_id, main = await world.admitted_partner(broken(api))
    await tell(api, partner_id)
    api.registry = registry
    [row] = await failed(ops.api)
    return ops.api, row["number"], main.email


async def test_one_that_was_given_up_is_sent_once_more(api: Api) -> None:
    ops, number, email = await given_up(api)
    assert await api.inbox(email) == []

    done = await retry(ops, number)

    assert (codes(done), done["number"], done["effects"][0]["kind"]) == ([], number, "message.retried")
    assert await failed(ops) == []
    await api.deliver()
    assert [row["template"] for row in await api.inbox(email)] == ["report_released"]


async def test_a_dry_run_leaves_it_given_up(api: Api) -> None:
    ops, number, _ = await given_up(api)

    async def attempt() -> None:
        assert codes(await retry(ops, number, dryRun=True)) == []

    assert await api.changes(attempt) == set()


@pytest.mark.parametrize("state", ["ready", "leased", pytest.param("done", marks=pytest.mark.tampers), "cancelled"])
async def test_one_that_is_not_given_up_is_left_alone(api: Api, state: str) -> None:
    ops, number, _ = await given_up(api)
    leased = "now() + interval '1 minute'" if state == "leased" else "null"
    await api.database.superuser.execute(f"update outbox set state = $1, lease_until = {leased}", state)

    async def attempt() -> None:
        assert codes(await retry(ops, number)) == ["STATE_CONFLICT"]

    assert await api.changes(attempt) == set()


async def test_nothing_is_sent_too_late(api: Api) -> None:
    ops, number, _ = await given_up(api)
    await api.database.superuser.execute("update outbox set expires_at = now()")

    async def attempt() -> None:
        assert codes(await retry(ops, number)) == ["STATE_CONFLICT"]

    assert await api.changes(attempt) == set()


@pytest.mark.parametrize("topic", ["code.sms", "code.email"])
async def test_a_code_is_asked_for_anew(api: Api, topic: str) -> None:
    ops, number, _ = await given_up(api)
    await api.database.superuser.execute("update outbox set topic = $2 where id = $1", number, topic)

    async def attempt() -> None:
        assert codes(await retry(ops, number)) == ["STATE_CONFLICT"]

    assert await api.changes(attempt) == set()


async def test_jobs_and_what_is_not_there_are_not_found(api: Api) -> None:
    ops, number, _ = await given_up(api)
    await api.database.superuser.execute("update outbox set topic = 'admission.check' where id = $1", number)

    async def attempt() -> None:
        assert codes(await retry(ops, number)) == ["NOT_FOUND"]
        assert codes(await retry(ops, 0)) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


async def test_partners_neither_see_nor_retry_them(api: Api) -> None:
    _, number, _ = await given_up(api)
    _, main = await world.admitted_partner(api)
    assert (await main.client.send(FAILED)).error["code"] == "FORBIDDEN"
    document = "mutation($input: RetryFailedMessageInput!) { retryFailedMessage(input: $input) { number } }"
    refused = await main.client.send(document, input={"number": number, "idempotencyKey": key()})
    assert refused.error["code"] == "FORBIDDEN"
