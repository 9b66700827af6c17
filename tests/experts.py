"""Partners with experts for tests: certified on their path, qualified for a scheme, persons entered, lists made."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.ids import decode_id
from rules.access import Role
from rules.sites import Site
from tasks import experts as clock
from tests import specialists
from tests.api.test_paths import refresh
from tests.client import Api, Client, codes
from tests.earning import PAYOUT
from tests.factories import Admitted, Company, Person, key, sign_in, staff
from tests.paths import MATERIALS, Walker, decide, differentiated, record, select, walker
from tests.paths import step as path_step
from tests.uploads import paper

FIFTEENTH = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)
"""02:00 in Beijing on 15 March, a Sunday."""
SECOND_QUARTER = datetime(2026, 3, 31, 16, tzinfo=UTC)
"""00:00 in Beijing on 1 April."""
LIST = (
    "incentive { id scheme schemeName period headCount total { amount currency } status generatedAt waitsSince deadline"
    " deadlineProvisional confirmedAt objection answer reason submittedAt approvedAt version"
    " lines(first: 5) { maskedName level amount { amount currency } expert { id } }"
    " employmentProofs { name } insuranceProofs { name } acceptanceProofs { name }"
    " actions { action allowed blockers { code } } }"
)
EXPERT = "expert { id scheme level assessed project enteredAt endedAt reason version actions { action allowed } }"
QUALIFICATION = "qualification { id scheme state agreementVersion qualifiedAt reason version }"


@dataclass(frozen=True)
class Stage:
    """A partner certified on the service path, the vendor's operations."""

    site: Site
    walker: Walker
    partner: Admitted
    operations: Client

    @property
    def api(self) -> Client:
        """The main account at the API."""
        return self.partner.main.api

    @property
    def partner_id(self) -> UUID:
        """The partner."""
        return self.walker.partner_id


async def stage(api: Api, site: Site = Site.CN) -> Stage:
    """A partner with a validated role on the service path, as yet without a qualification."""
    who = await walker(api, site)
    for kind in ("ASSOCIATE_CERTIFICATES", "PROFESSIONAL_CERTIFICATES"):
        assert codes(await record(who, kind, 2)) == []
    chosen = await select(who, "SERVICE")
    assert codes(chosen) == [], chosen
    assert codes(await path_step(who.api, "applyRoleValidation", chosen["enrollment"], caseMaterials=MATERIALS)) == []
    assert codes(await decide(who, "PATH_ROLE")) == []
    return await _with_people(api, who, site)


async def presales_stage(api: Api, site: Site = Site.CN) -> Stage:
    """A partner at the top of the consulting path."""
    who = await walker(api, site)
    await differentiated(api, who)
    return await _with_people(api, who, site)


async def _with_people(api: Api, who: Walker, site: Site) -> Stage:
    main = await sign_in(api, who.main.id)
    credit_code = await api.value("select credit_code from partner where id = $1", who.partner_id)
    partner = Admitted(who.partner_id, who.id, Company(main, main.name, credit_code), main)
    return Stage(site, who, partner, (await staff(api, Role.VENDOR_OPS, site=site)).api)


async def apply(on: Stage, scheme: str = "CERTIFIED_EXPERT", **changes: Any) -> dict[str, Any]:
    """The partner's application for a scheme."""
    given = {"scheme": scheme, "agreementVersion": "1.0", "idempotencyKey": key()}
    return await on.api.do("applyForExpertScheme", QUALIFICATION, **{**given, **changes})


async def qualify(on: Stage, scheme: str = "CERTIFIED_EXPERT") -> None:
    """The partner is qualified for a scheme from now on."""
    assert codes(await apply(on, scheme)) == []
    assert codes(await decide(on.walker, "EXPERT_QUALIFICATION")) == []


async def specialist(api: Api, on: Stage, *, certificate: str | None = "HCIE", path: str = "SERVICE") -> str:
    """The id of the binding of a project specialist of the partner, with a certificate."""
    who, binding_id = await specialists.told_employee(api, on.partner, on.site)
    mode = {"deployMode": "NATIONAL"} if path == "SERVICE" else {}
    applied = await specialists.apply_for(on.api, binding_id, path=path, **mode)
    assert codes(applied) == [], applied
    assert codes(await specialists.verdict(api, site=on.site)) == []
    if certificate is not None:
        assert codes(await specialists.save_certificate(who.api, kind=certificate, number=key())) == []
    return binding_id


async def enter(on: Stage, binding_id: str, **changes: Any) -> dict[str, Any]:
    """The vendor's entry of a person."""
    given = {"bindingId": binding_id, "scheme": "CERTIFIED_EXPERT", "level": "SENIOR", "idempotencyKey": key()}
    return await on.operations.do("enterExpert", EXPERT, **{**given, **changes})


async def remove(on: Stage, expert: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The vendor's end of an entry."""
    given = {"id": expert["id"], "reason": "Left the project.", "idempotencyKey": key()}
    return await on.operations.do("removeExpert", EXPERT, **{**given, **changes})


async def team(api: Api, on: Stage, *levels: str) -> list[str]:
    """A qualified partner's experts of these levels; the ids of their bindings."""
    await qualify(on)
    bindings = [await specialist(api, on) for _ in levels]
    for binding_id, level in zip(bindings, levels, strict=True):
        assert codes(await enter(on, binding_id, level=level)) == []
    return bindings


async def at(api: Api, moment: datetime) -> None:
    """The clock stands there, and everybody is still signed in."""
    api.clock.at = moment
    await refresh(api)


async def generated(api: Api, on: Stage, *levels: str) -> dict[str, Any]:
    """The list of March of a partner with experts of these levels, just made."""
    await team(api, on, *levels)
    await at(api, FIFTEENTH)
    await clock.generate(api.settings, api.clock)
    [found] = await listed(on.api)
    return found


async def listed(who: Client, **wanted: Any) -> list[dict[str, Any]]:
    """The lists that somebody sees."""
    document = (
        "query($scheme: ExpertSchemeCode, $period: String, $status: ExpertIncentiveStatus) {"
        " expertIncentives(first: 5, scheme: $scheme, period: $period, status: $status) {"
        f" nodes {{ {LIST.removeprefix('incentive { ').removesuffix(' }')} }} }} }}"
    )
    found: list[dict[str, Any]] = (await who.send(document, **wanted)).data["expertIncentives"]["nodes"]
    return found


async def step(who: Client, name: str, of: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A mutation about one list."""
    return await who.do(name, LIST, **{"id": of["id"], "idempotencyKey": key(), **more})


async def request(on: Stage, scheme: str = "SI_PRESALES") -> dict[str, Any]:
    """The partner's request for this month's list."""
    return await on.api.do("requestExpertIncentive", LIST, scheme=scheme, idempotencyKey=key())


async def confirm(who: Client, of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Acknowledges what the list says, unless told otherwise."""
    given = {"headCount": of["headCount"], "total": of["total"]["amount"]}
    return await step(who, "confirmExpertIncentive", of, **{**given, **changes})


async def dispute(who: Client, of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The partner's objection."""
    return await step(who, "disputeExpertIncentive", of, **{"objection": "One expert is missing.", **changes})


async def answer(who: Client, of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The vendor's answer, which leaves the list as it is unless told otherwise."""
    return await step(who, "answerExpertDispute", of, **{"answer": "It is right.", "recount": False, **changes})


async def hand_in(who: Client, of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """All the materials, unless told otherwise."""
    given = {name: [await paper(who)] for name in ("employmentIds", "socialInsuranceIds", "acceptanceIds")}
    return await step(who, "submitExpertMaterials", of, **{**given, **changes})


async def certify(on: Stage) -> None:
    """The partner's business information is certified."""
    kind = {"taxpayerType": "GENERAL"} if on.site is Site.CN else {}
    given = {"partnerId": on.walker.id, "certified": True, **kind, "idempotencyKey": key()}
    assert codes(await on.operations.do("recordBusinessInfo", "businessInfo { id }", **given)) == []


async def in_review(api: Api, on: Stage, *levels: str) -> dict[str, Any]:
    """A list whose materials wait for the vendor."""
    made = await generated(api, on, *levels)
    await certify(on)
    assert codes(await confirm(on.api, made)) == []
    sent = await hand_in(on.api, made)
    assert codes(sent) == [], sent
    found: dict[str, Any] = sent["incentive"]
    return found


async def ask(on: Stage, *lists: dict[str, Any], method: str = "ACCOUNT", **more: Any) -> dict[str, Any]:
    """The partner's request for a payout, by a method without a code unless told otherwise."""
    given = {"incentiveIds": [one["id"] for one in lists], "method": method, "idempotencyKey": key()}
    return await on.api.do("requestExpertPayout", PAYOUT, **{**given, **more})


async def transfer(api: Api, on: Stage, *lists: dict[str, Any]) -> dict[str, Any]:
    """The partner's request for a payout to the bank, with the code that it asks for."""
    once = {"method": "BANK_TRANSFER", "idempotencyKey": key()}
    asked = await ask(on, *lists, **once)
    assert codes(asked) == ["STEP_UP_REQUIRED"], asked
    challenge = asked["userErrors"][0]["challenge"]["id"]
    contact = on.partner.main.mobile if on.site is Site.CN else on.partner.main.email
    verified = await on.api.do("verifyChallenge", "proof", id=challenge, code=await api.code(str(contact)))
    return await ask(on, *lists, **once, proof=verified["proof"])


async def status_of(api: Api, of: dict[str, Any]) -> str:
    """The status as it is stored."""
    return str(await api.value("select status from expert_incentive where id = $1", decode_id(of["id"])[1]))


async def mails(api: Api, on: Stage) -> list[str]:
    """The templates of what the main account was sent, in order."""
    return [row["template"] for row in await api.inbox(str(on.partner.main.email))]


async def awake(api: Api, on: Stage) -> Stage:
    """The same stage with a new session of the main account."""
    main: Person = await sign_in(api, on.partner.main.account_id)
    return replace(on, partner=replace(on.partner, main=main))
