"""Members of a plan with tiers for tests, with as much to show as a test wants."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from models.partners import Partner
from models.paths import PathEnrollment
from models.plans import PlanMembership
from models.specialists import SpecialistBinding, SpecialistInvitation
from rules.access import Role
from rules.accounts import AccountKind
from rules.paths import AnnualState, PathCode, PathState
from rules.plans import PLANS, TIERS, MembershipState, PlanCode, compute_certificate_no
from rules.sites import Site
from rules.specialists import BindingState, SpecialistInvitationState
from tests import earning, paths, world
from tests.client import Api, Client, codes
from tests.earning import RESALE
from tests.opportunities import key, staff

UPGRADE = "upgrade { id state tier fromTier byVendor statement reason version }"
PERIOD = "2026-02"
"""The last complete month before the first day of the tests."""


@dataclass(frozen=True)
class Member:
    """A partner in a plan with tiers: its earning stage, its main account, an ecosystem manager, the membership."""

    stage: earning.Stage
    main: world.Person
    manager: world.Person
    membership_id: UUID
    site: Site

    @property
    def id(self) -> str:
        """The public id of the membership."""
        return encode_id("pms", self.membership_id)

    @property
    def partner_id(self) -> UUID:
        """The partner."""
        return self.stage.partner_id

    @property
    def api(self) -> Client:
        """The main account at the API."""
        return self.main.client


async def member(
    api: Api, site: Site = Site.CN, plan: PlanCode = PlanCode.SOLUTION_PROVIDER, tier: str | None = None
) -> Member:
    """A member with nothing to show yet, by default in the first tier."""
    manager = await staff(api, Role.ECO_MANAGER, site=site)
    stage = await earning.stage(api, site, certified=False)
    membership_id, first = uuid7(), tier or TIERS[site][0].code
    async with db.transaction(EVERYTHING):
        await Partner.filter(id=stage.partner_id).update(eco_manager_id=manager.id, tier=first, kind=PLANS[plan].kind)
        await PlanMembership.insert(
            now=api.clock(),
            id=membership_id,
            partner_id=stage.partner_id,
            plan=plan,
            state=MembershipState.JOINED,
            joined_at=api.clock(),
            valid_from=api.clock(),
            tier=first,
            certificate_no=compute_certificate_no(PLANS[plan], site, api.clock(), membership_id),
            agreement_version=PLANS[plan].agreement,
        )
    return Member(stage, stage.world.main, manager, membership_id, site)


async def validated(
    api: Api, who: Member, path: PathCode = PathCode.SOFTWARE, state: PathState = PathState.CERTIFIED
) -> paths.Walker:
    """Another account of the company, which has come this far on a path."""
    return await sibling(api, who.partner_id, who.site, path, state)


async def sibling(
    api: Api,
    of: UUID,
    site: Site,
    path: PathCode = PathCode.SOFTWARE,
    state: PathState = PathState.CERTIFIED,
) -> paths.Walker:
    """Another account of a partner's company, which has come this far on a path."""
    other = await paths.walker(api, site)
    async with db.transaction(EVERYTHING):
        company_id = (await Partner.get(id=of)).company_id
        await Partner.filter(id=other.partner_id).update(company_id=company_id)
        await PathEnrollment.insert(
            now=api.clock(),
            partner_id=other.partner_id,
            company_id=company_id,
            path=path,
            state=state,
            selected_at=api.clock(),
            certified_at=api.clock(),
            certificate_no=f"{path.value}-{other.partner_id.hex[-12:]}",
            valid_until=api.clock() + timedelta(days=365),
            annual_state=AnnualState.NOT_DUE,
        )
    return other


async def performed(api: Api, who: Member, amount: int, period: str = PERIOD) -> None:
    """Audited performance of a month, in whole units of the site's currency."""
    await earning.sheet_of(api, who.stage, (RESALE, amount * 100), period=period, currency=who.site.currency)


async def acknowledged(api: Api, who: Member, number: int, state: BindingState = BindingState.SPECIALIST) -> None:
    """So many employees in this state."""
    for _ in range(number):
        someone = await world.person(api, who.site, kind=AccountKind.PERSONAL)
        async with db.transaction(EVERYTHING):
            common: dict[str, Any] = {
                "partner_id": who.partner_id,
                "account_id": someone.id,
                "partner_name": "x",
                "masked_name": "x",
            }
            invitation = await SpecialistInvitation.insert(
                now=api.clock(),
                **common,
                invited_by=who.main.id,
                nonce=uuid7().bytes,
                token_digest=uuid7().bytes,
                sent_at=api.clock(),
                sent_count=1,
                sent_on=api.clock().date(),
                sent_that_day=1,
                valid_until=api.clock() + timedelta(days=7),
                state=SpecialistInvitationState.ACCEPTED,
                answered_at=api.clock(),
            )
            await SpecialistBinding.insert(
                now=api.clock(),
                **common,
                invitation_id=invitation.id,
                state=state,
                bound_at=api.clock(),
                statement_version="1.0",
            )


async def worthy(api: Api, site: Site = Site.CN) -> Member:
    """A member that may apply for the second tier of its site, just so."""
    who = await member(api, site)
    await validated(api, who)
    await performed(api, who, 1_000_000 if site is Site.CN else 150_000)
    await acknowledged(api, who, 2)
    return who


async def upgrade(who: Client, membership: str, tier: str, **more: Any) -> dict[str, Any]:
    """The partner's application."""
    return await who.do("upgradeTier", UPGRADE, id=membership, tier=tier, **{"idempotencyKey": key(), **more})


async def propose(who: Client, membership: str, tier: str, **more: Any) -> dict[str, Any]:
    """The ecosystem manager's application on its behalf."""
    return await who.do("proposeTier", UPGRADE, id=membership, tier=tier, **{"idempotencyKey": key(), **more})


async def applied(api: Api, who: Member, tier: str = "LEADING") -> dict[str, Any]:
    """An application in review."""
    asked = await upgrade(who.api, who.id, tier)
    assert codes(asked) == [], asked
    found: dict[str, Any] = asked["upgrade"]
    return found


async def waiting_case(who: Client) -> str:
    """The only application in the queue."""
    document = "{ reviewQueue(filter: { kinds: [PLAN_TIER] }) { nodes { id } } }"
    [case] = (await who.send(document)).data["reviewQueue"]["nodes"]
    return str(case["id"])


async def verdict(who: Client, case: str, *, approve: bool = True, reason: str | None = None) -> dict[str, Any]:
    """The verdict on this application."""
    given = {"id": case, "approve": approve, "reason": reason, "idempotencyKey": key()}
    return await who.do("decideReview", "review { id state reason }", **given)


async def decide(who: Client, *, approve: bool = True, reason: str | None = None) -> dict[str, Any]:
    """The verdict on the only application in the queue."""
    return await verdict(who, await waiting_case(who), approve=approve, reason=reason)


async def offers(who: Client, membership: str) -> dict[str, list[str]]:
    """What stands against each higher tier, by its code."""
    selection = "higherTiers { code name byManager requirements { kind needed have met } eligibility"
    document = (
        f'{{ node(id: "{membership}") {{ ... on PlanMembership {{ {selection} {{ eligible reasons {{ code }} }} }}'
    )
    found = (await who.send(document + " } } }")).data["node"]["higherTiers"]
    assert all(one["eligibility"]["eligible"] == (not one["eligibility"]["reasons"]) for one in found)
    return {one["code"]: [reason["code"] for reason in one["eligibility"]["reasons"]] for one in found}


async def actions(who: Client, membership: str) -> dict[str, list[str]]:
    """What may be done with a membership, and what stands against it."""
    document = (
        f'{{ node(id: "{membership}") {{ ... on PlanMembership {{ actions {{ action blockers {{ code }} }} }} }} }}'
    )
    found = (await who.send(document)).data["node"]["actions"]
    return {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in found}
