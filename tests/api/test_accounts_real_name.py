"""Real-name authentication: what is handed in and who sees it, a person that becomes a company, its end."""

from typing import Any

from core.ids import decode_id
from rules.access import Role
from rules.accounts import AccountKind
from tasks.accounts import delete_closed
from tests.api.closing_cases import close
from tests.api.real_name_cases import becomes_company, decide_real_name
from tests.client import Api, Client, codes
from tests.factories import Person, person, real_name, real_name_case, staff
from tests.uploads import image, uploaded

SHOWN = '{ node(id: "%s") { ... on RealNameCase { state files { kind file { name mediaType url } } } } }'
VIEWER = "{ viewer { realNameState realNameKind } }"


async def seen(who: Client, case: str) -> Any:
    """The files of a case as somebody sees them."""
    return (await who.send(SHOWN % case)).data["node"]["files"]


async def viewer(who: Person) -> tuple[str, str | None]:
    """Where the real name of somebody stands."""
    found = (await who.api.send(VIEWER)).data["viewer"]
    return found["realNameState"], found["realNameKind"]


async def test_the_reviewer_reads_what_was_handed_in_and_nobody_else(api: Api) -> None:
    who, reviewer = await person(api), await staff(api, Role.VENDOR_REVIEWER)
    clerk = await staff(api, Role.VENDOR_OPS)
    front, licence = image("BMP", width=9), image("PNG", width=8)
    sent = [
        await uploaded(who.api, front, name="front.bmp", mediaType="image/bmp"),
        await uploaded(who.api, licence, name="licence.png", mediaType="image/png"),
    ]
    given = await becomes_company(api, who, certificateIds=sent[:1], licenceIds=sent[1:])
    submitted = await who.api.do("submitRealName", "case { id files { kind file { uploadId } } }", **given)
    await api.deliver()

    assert codes(submitted) == []
    case = submitted["case"]
    assert case["files"] == [
        {"kind": "CERTIFICATE", "file": {"uploadId": sent[0]}},
        {"kind": "LICENCE", "file": {"uploadId": sent[1]}},
    ]
    read = await seen(reviewer.api, case["id"])
    assert [(one["kind"], one["file"]["name"]) for one in read] == [
        ("CERTIFICATE", "front.bmp"),
        ("LICENCE", "licence.png"),
    ]
    assert [(await api.http.get(one["file"]["url"])).content for one in read] == [front, licence]
    assert await seen(who.api, case["id"]) != []
    assert await seen(clerk.api, case["id"]) is None


async def test_a_person_becomes_a_company_and_stays_one_until_then(api: Api) -> None:
    who = await person(api, kind=AccountKind.PERSONAL)
    await decide_real_name(api, await real_name_case(api, who))
    assert await viewer(who) == ("PASSED", "PERSONAL")

    asked = await real_name_case(api, who, **await becomes_company(api, who))
    assert await viewer(who) == ("PASSED", "PERSONAL")

    async def beside() -> None:
        assert codes(await who.api.do("submitRealName", "__typename", **given)) == ["STATE_CONFLICT"]

    given = await becomes_company(api, who)
    assert await api.changes(beside) == set()
    assert codes(await decide_real_name(api, asked, approve=False, reason="The licence cannot be read.")) == []
    assert await viewer(who) == ("PASSED", "PERSONAL")

    again = await real_name_case(api, who, **await becomes_company(api, who))
    assert codes(await decide_real_name(api, again)) == []
    assert await viewer(who) == ("PASSED", "ENTERPRISE")


async def test_a_company_that_passed_submits_no_more(api: Api) -> None:
    who = await person(api)
    await decide_real_name(api, await real_name_case(api, who, **await becomes_company(api, who)))

    for given in (await becomes_company(api, who), await real_name(api, who)):
        assert codes(await who.api.do("submitRealName", "__typename", **given)) == ["STATE_CONFLICT"]


async def test_what_was_handed_in_ends_with_the_account(api: Api) -> None:
    who = await person(api)
    case = await real_name_case(api, who)
    await decide_real_name(api, case)
    await close(api, who)

    api.clock.advance(days=90)
    await delete_closed(api.settings, api.clock)

    row = (await api.rows("select files, legal_name from real_name_case where id = $1", decode_id(case)[1]))[0]
    assert (row["files"], row["legal_name"]) == ("[]", "")
    assert [row["state"] for row in await api.rows("select state from upload")] == ["ERASED"]


async def test_who_failed_is_told_why_by_mail(api: Api) -> None:
    who = await person(api)
    case = await real_name_case(api, who)
    assert codes(await decide_real_name(api, case, approve=False, reason="The licence cannot be read.")) == []
    [mail] = [row for row in await api.inbox(str(who.email)) if row["template"].startswith("real_name_")]
    assert mail["template"] == "real_name_failed" and "The licence cannot be read." in mail["body"]
