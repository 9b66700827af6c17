"""Partners with employees for tests: invited, bound, let go, through the API."""

import re
from typing import Any

from core import db
from core.ids import decode_id
from core.scope import EVERYTHING
from models.accounts import Account
from rules.access import Role
from rules.accounts import AccountKind, RealNameKind, RealNameState
from rules.sites import Site
from tests.client import Api, Client, codes
from tests.distribution import vendor_decides
from tests.factories import Admitted, Company, Person, admitted_partner, join, key, person, sign_in, staff
from tests.paths import on_si, walker
from tests.uploads import paper
from tests.world import admitted_partner as staged_partner

INVITATION = "invitation { id state maskedName validUntil sentCount version }"
BINDING = "binding { id state boundAt unboundAt statementVersion version }"


async def employer(api: Api) -> Admitted:
    """A partner that may invite employees: it has joined the solution provider plan."""
    partner = await admitted_partner(api)
    applied = await join(partner, "SOLUTION_PROVIDER")
    assert codes(applied) == [], applied
    assert codes(await vendor_decides(api, applied["membership"]["id"])) == []
    return partner


async def employee(
    api: Api, *, site: Site = Site.CN, real_name: RealNameKind | None = RealNameKind.PERSONAL, with_email: bool = True
) -> Person:
    """A personal account, real-named as a person unless told otherwise."""
    made = await person(api, site=site, kind=AccountKind.PERSONAL, name="王小明", with_email=with_email)
    if real_name is not None:
        async with db.transaction(EVERYTHING):
            await Account.filter(id=made.account_id).update(
                real_name_state=RealNameState.PASSED, real_name_kind=real_name
            )
    return made


async def invite(client: Client, identifier: str | None, **changes: object) -> dict[str, Any]:
    """The main account's invitation."""
    given = {"identifier": identifier, "idempotencyKey": key()}
    return await client.do("inviteSpecialist", INVITATION, **{**given, **changes})


async def resend(client: Client, invitation_id: str, **changes: object) -> dict[str, Any]:
    """The same invitation with a new link."""
    given = {"id": invitation_id, "idempotencyKey": key()}
    return await client.do("resendSpecialistInvitation", INVITATION, **{**given, **changes})


async def revoke(client: Client, invitation_id: str, **changes: object) -> dict[str, Any]:
    """An invitation taken back."""
    given = {"id": invitation_id, "idempotencyKey": key()}
    return await client.do("revokeSpecialistInvitation", INVITATION, **{**given, **changes})


async def accept(client: Client, **given: object) -> dict[str, Any]:
    """A person's yes, by token or id, with the present statement unless told otherwise."""
    return await client.do("acceptSpecialistInvitation", BINDING, **{"statementVersion": "1.0", **given})


async def decline(client: Client, **given: object) -> dict[str, Any]:
    """A person's no, by token or id."""
    return await client.do("declineSpecialistInvitation", INVITATION, **given)


async def unbind(client: Client, binding_id: str, **changes: object) -> dict[str, Any]:
    """The main account's end of a binding."""
    given = {"id": binding_id, "idempotencyKey": key()}
    return await client.do("unbindSpecialist", BINDING, **{**given, **changes})


async def wish_to_leave(client: Client, binding_id: str, **changes: object) -> dict[str, Any]:
    """What the person asks for itself."""
    given = {"id": binding_id, "reason": "I have a new employer.", "idempotencyKey": key()}
    return await client.do("requestSpecialistUnbind", BINDING, **{**given, **changes})


async def save_employment(client: Client, **changes: object) -> dict[str, Any]:
    """A person says where it works."""
    given = {
        "position": "SOLUTION_ARCHITECT",
        "employer": "西湖云计算有限公司",
        "cloudSince": "2024-05-06",
        "baseLocation": "杭州",
        "idempotencyKey": key(),
    }
    if "documentId" not in changes:
        given["documentId"] = await paper(client)
    return await client.do("saveSpecialistEmployment", "profile { id version }", **{**given, **changes})


async def save_certificate(client: Client, **changes: object) -> dict[str, Any]:
    """A person tells of a certificate."""
    given = {"kind": "HCIE", "number": "HW-2025-001234", "issuedOn": "2025-01-31", "idempotencyKey": key()}
    return await client.do("saveSpecialistCertificate", "certificate { id kind number }", **{**given, **changes})


async def save_training(client: Client, **changes: object) -> dict[str, Any]:
    """A person tells of a training."""
    given = {"name": "Migration", "provider": "Academy", "completedOn": "2025-06-30", "hours": 16}
    named = {**given, "idempotencyKey": key(), **changes}
    return await client.do("saveSpecialistTraining", "training { id name hours }", **named)


async def save_project(client: Client, **changes: object) -> dict[str, Any]:
    """A person tells of a project."""
    given = {"name": "Move of a bank", "duty": "Architect", "description": "To the cloud.", "beganOn": "2025-07-01"}
    named = {**given, "idempotencyKey": key(), **changes}
    return await client.do("saveSpecialistProject", "project { id name }", **named)


async def told_employee(api: Api, to: Admitted, site: Site = Site.CN) -> tuple[Person, str]:
    """An employee bound to the partner who has told where it works; the id of the binding."""
    who, binding_id = await bound(api, to, await employee(api, site=site))
    assert codes(await save_employment(who.api)) == []
    await paper(to.main.api)
    return who, binding_id


async def apply_for(client: Client, *binding_ids: str, **changes: object) -> dict[str, Any]:
    """An administrator's application for these persons, on the consulting path unless told otherwise."""
    given = {"ids": list(binding_ids), "path": "SI", "documentIds": [await paper(client)], "idempotencyKey": key()}
    selection = "results { binding { id state } userErrors { code path } }"
    return await client.do("applyForSpecialists", selection, **{**given, **changes})


async def ask_cancellation(client: Client, binding_id: str, **changes: object) -> dict[str, Any]:
    """An administrator's request to cancel a specialist."""
    given = {"id": binding_id, "reason": "New tasks.", "documentId": await paper(client), "idempotencyKey": key()}
    return await client.do("requestSpecialistCancellation", BINDING, **{**given, **changes})


async def withdraw_cancellation(client: Client, binding_id: str, **changes: object) -> dict[str, Any]:
    """The request taken back."""
    given = {"id": binding_id, "idempotencyKey": key()}
    return await client.do("withdrawSpecialistCancellation", BINDING, **{**given, **changes})


async def waiting_case(api: Api, site: Site = Site.CN) -> tuple[Person, str]:
    """A reviewer and the newest case that waits."""
    reviewer = await staff(api, Role.VENDOR_REVIEWER, site=site)
    kinds = ["SPECIALIST", "SPECIALIST_CANCELLATION"]
    document = "query($kinds: [ReviewKind!]) { reviewQueue(filter: { kinds: $kinds }) { nodes { id } } }"
    cases = (await reviewer.api.send(document, kinds=kinds)).data["reviewQueue"]["nodes"]
    return reviewer, cases[-1]["id"]


async def decide(client: Client, case_id: str, *, approve: bool = True, reason: str | None = None) -> dict[str, Any]:
    """A reviewer's decision."""
    given = {"id": case_id, "approve": approve, "reason": reason, "idempotencyKey": key()}
    return await client.do("decideReview", "review { id kind state subject { id } }", **given)


async def verdict(api: Api, *, approve: bool = True, reason: str | None = None, site: Site = Site.CN) -> dict[str, Any]:
    """A reviewer's decision of the newest case that waits."""
    reviewer, case_id = await waiting_case(api, site)
    return await decide(reviewer.api, case_id, approve=approve, reason=reason)


async def specialist(api: Api, to: Admitted, site: Site = Site.CN) -> tuple[Person, str]:
    """An employee whom the vendor has acknowledged as the partner's project specialist; the id of the binding."""
    who, binding_id = await told_employee(api, to, site)
    applied = await apply_for(to.main.api, binding_id)
    assert codes(applied) == [], applied
    assert codes(await verdict(api, site=site)) == []
    return who, binding_id


async def token_sent_to(api: Api, email: str | None) -> str:
    """The token in the newest invitation that reached this address."""
    letters = [row for row in await api.inbox(str(email)) if row["template"] == "specialist_invitation"]
    found = re.search(r"#(cos_inv_[\w-]+)", letters[-1]["body"])
    assert found is not None
    return found[1]


async def bound(api: Api, to: Admitted, who: Person | None = None) -> tuple[Person, str]:
    """An employee who has accepted the partner's invitation; the id of the binding."""
    who = who or await employee(api)
    invited = await invite(to.main.api, who.email)
    assert codes(invited) == [], invited
    accepted = await accept(who.api, id=invited["invitation"]["id"])
    assert codes(accepted) == [], accepted
    return who, accepted["binding"]["id"]


async def again(api: Api, who: Person) -> Person:
    """The same person, days later."""
    return await sign_in(api, who.account_id)


async def set_standing(api: Api, of: Admitted, standing: str) -> None:
    """The partner's standing, whatever leads to it."""
    await api.database.superuser.execute("update partner set standing = $2 where id = $1", of.partner_id, standing)


async def set_state(api: Api, binding_id: str, state: str) -> None:
    """Puts a binding into a state that only a review leads to."""
    await api.database.superuser.execute(
        "update specialist_binding set state = $2 where id = $1", decode_id(binding_id)[1], state
    )


async def international_employer(api: Api) -> Client:
    """The main account of a partner on INTL that may invite employees."""
    partner_id, main = await staged_partner(api, Site.INTL)
    await api.database.superuser.execute(
        "insert into plan_membership (id, version, created_at, updated_at, partner_id, plan, state, joined_at,"
        " agreement_version) values (gen_random_uuid(), 1, $2, $2, $1, 'SOLUTION_PROVIDER', 'JOINED', $2, '1.0')",
        partner_id,
        api.clock(),
    )
    return main.client


async def service_employer(api: Api) -> Admitted:
    """A partner that has chosen the service path, and so may invite employees."""
    partner = await admitted_partner(api)
    given = {"path": "SERVICE", "idempotencyKey": key()}
    assert codes(await partner.main.api.do("selectPath", "enrollment { id }", **given)) == []
    return partner


async def path_employer(api: Api) -> Admitted:
    """A partner that is on the consulting path, by the vendor's invitation, and so may invite employees."""
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    given = {"partnerId": partner.id, "path": "SI", "idempotencyKey": key()}
    invited = await manager.api.do("inviteToPath", "enrollment { id }", **given)
    assert codes(invited) == [], invited
    named = {"id": invited["enrollment"]["id"], "idempotencyKey": key()}
    accepted = await partner.main.api.do("acceptPathInvitation", "enrollment { id }", **named)
    assert codes(accepted) == [], accepted
    return partner


async def employer_on(api: Api, site: Site) -> Admitted:
    """A partner of either site that is on the consulting path, and so may invite employees."""
    who = await walker(api, site)
    await on_si(api, who)
    main = await sign_in(api, who.main.id)
    credit_code = await api.value("select credit_code from partner where id = $1", who.partner_id)
    return Admitted(who.partner_id, who.id, Company(main, main.name, credit_code), main)
