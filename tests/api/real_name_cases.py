"""One way to each refusal of real-name authentication, from the files to the decision."""

from typing import Any

from core.ids import encode_id, uuid7
from rules.access import Role
from rules.errors import ErrorCode
from tests.api.account_cases import Work, call, case
from tests.api.reset_cases import CASES
from tests.client import Api
from tests.factories import Person, key, person, picture, real_name, real_name_case, staff
from tests.specialists import bound, employee, employer

E = ErrorCode
NOBODYS = encode_id("upl", uuid7())


async def decide_real_name(api: Api, case_id: str, **given: Any) -> dict[str, Any]:
    """The vendor's decision: passed, unless told otherwise."""
    reviewer = await staff(api, Role.VENDOR_REVIEWER)
    given = {"id": case_id, "approve": True, "idempotencyKey": key(), **given}
    return await reviewer.api.do("decideRealName", "case { state }", **given)


async def employed(api: Api) -> Person:
    """A person that has passed as one, and is bound to a partner."""
    who, _ = await bound(api, await employer(api))
    return who


async def becomes_company(api: Api, who: Person, **changes: Any) -> dict[str, Any]:
    """What asks for a company's real name."""
    given = {"kind": "ENTERPRISE", "legalName": "西湖云计算有限公司", "documentNumber": "914403001922038216"}
    return await real_name(api, who, **{**given, **changes})


def _submit(code: ErrorCode, path: str = "", *, twice: bool = False, **changes: Any) -> None:
    @case("submit_real_name", code, path)
    async def prepare(api: Api) -> Work:
        who = await person(api)
        if twice:
            await real_name_case(api, who)
        return call(who.api, "submitRealName", **await real_name(api, who, **changes))


_submit(E.STATE_CONFLICT, twice=True)
_submit(E.REQUIRED, "input.legalName", legalName="  ")
_submit(E.REQUIRED, "input.certificateIds", certificateIds=[])
_submit(E.REQUIRED, "input.licenceIds", kind="ENTERPRISE", documentNumber="914403001922038216", licenceIds=[])
_submit(E.CREDIT_CODE_INVALID, "input.documentNumber", kind="ENTERPRISE")
_submit(E.REAL_NAME_FILE_UNWANTED, "input.licenceIds", licenceIds=[NOBODYS])
_submit(E.TOO_MANY, "input.certificateIds", certificateIds=[NOBODYS] * 5)
_submit(E.NOT_FOUND, "input.certificateIds.0", certificateIds=[NOBODYS])


def _show(code: ErrorCode, **columns: Any) -> None:
    @case("submit_real_name", code, "input.certificateIds.1")
    async def prepare(api: Api) -> Work:
        who = await person(api)
        shown = [await picture(api, who), await picture(api, who, **columns)]
        return call(who.api, "submitRealName", **await real_name(api, who, certificateIds=shown))


_show(E.INVALID_FORMAT, media_type="application/pdf")
_show(E.OUT_OF_RANGE, size=10240 * 1024 + 1)
_show(E.UPLOAD_NOT_RECEIVED, state="OPEN", received_at=None)
_show(E.UPLOAD_QUARANTINED, state="QUARANTINED", finding="Eicar")


@case("submit_real_name", E.REAL_NAME_PERSON_BOUND)
async def _bound(api: Api) -> Work:
    who = await employed(api)
    return call(who.api, "submitRealName", **await becomes_company(api, who))


def _decide(code: ErrorCode, path: str = "", *, decided: bool = False, **changes: Any) -> None:
    @case("decide_real_name", code, path)
    async def prepare(api: Api) -> Work:
        who, reviewer = await person(api), await staff(api, Role.VENDOR_REVIEWER)
        made = await real_name_case(api, who)
        if decided:
            await decide_real_name(api, made)
        return call(reviewer.api, "decideRealName", **{"id": made, "approve": True, **changes}, idempotencyKey=key())


_decide(E.STATE_CONFLICT, decided=True)
_decide(E.REASON_REQUIRED, "input.reason", approve=False, reason="  ")


@case("decide_real_name", E.REAL_NAME_PERSON_BOUND)
async def _bound_meanwhile(api: Api) -> Work:
    who, reviewer = await employee(api), await staff(api, Role.VENDOR_REVIEWER)
    made = await real_name_case(api, who, **await becomes_company(api, who))
    await bound(api, await employer(api), who)
    return call(reviewer.api, "decideRealName", id=made, approve=True, idempotencyKey=key())


@case("decide_real_name", E.REVIEW_CLAIMED)
async def _claimed(api: Api) -> Work:
    reviewer, colleague = await staff(api, Role.VENDOR_REVIEWER), await staff(api, Role.VENDOR_REVIEWER)
    made = await real_name_case(api, await person(api))
    [review] = (await colleague.api.send("{ reviewQueue { nodes { id } } }")).data["reviewQueue"]["nodes"]
    await colleague.api.do("claimReview", "review { id }", id=review["id"], idempotencyKey=key())
    return call(reviewer.api, "decideRealName", id=made, approve=True, idempotencyKey=key())


_decide(E.NOT_FOUND, "input.id", id=encode_id("rnc", uuid7()))


__all__ = ["CASES", "becomes_company", "decide_real_name", "employed"]
