"""The journey through the API with every mutation on it once, for tests that watch what a mutation does below."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from graphql import OperationDefinitionNode, parse

from core import db
from rules.access import Role
from rules.partners import PartnerKind
from tests import (
    capabilities,
    consumption,
    development,
    distribution,
    earning,
    experts,
    feeds,
    funds,
    opportunities,
    paths,
    performance,
    solutions,
    vouchers,
    world,
)
from tests.api import leaving
from tests.client import Answer, Api, Client, codes
from tests.factories import (
    PASSWORD,
    add_member,
    admitted_partner,
    application_in_review,
    co_sell_partner,
    key,
    mobile,
    person,
    sign_in,
    staff,
)

OTHER_PASSWORD = "Green-tea-99"


@dataclass
class Counting(Client):
    """A client that counts the statements of each root field that did what it was asked."""

    http: httpx2.AsyncClient
    token: str | None = None
    language: str = "en"
    counts: dict[str, int] = field(default_factory=dict)

    def as_(self, token: str | None) -> "Counting":
        """The same counter with another credential."""
        return Counting(self.http, token, self.language, self.counts)

    async def send(self, document: str, **variables: Any) -> Answer:
        """Sends one document and keeps the highest number seen for its only root field."""
        with db.observed() as statements:
            answer = await super().send(document, **variables)
        name = _root_field(document)
        if name is not None and _was_done(answer):
            self.counts[name] = max(self.counts.get(name, 0), len(statements))
        return answer


def _root_field(document: str) -> str | None:
    operations = [node for node in parse(document).definitions if isinstance(node, OperationDefinitionNode)]
    fields: list[Any] = [chosen for operation in operations for chosen in operation.selection_set.selections]
    return str(fields[0].name.value) if len(fields) == 1 else None


def _was_done(answer: Answer) -> bool:
    data = answer.body.get("data") or {}
    refused = [value for value in data.values() if isinstance(value, dict) and value.get("userErrors")]
    return "errors" not in answer.body and not refused


@contextmanager
def counting(api: Api) -> Iterator[dict[str, int]]:
    """Makes every client of this API count; yields the numbers by root field."""
    plain, counter = api.anonymous, Counting(api.http)
    api.anonymous = counter
    try:
        yield counter.counts
    finally:
        api.anonymous = plain


Stage = Callable[[Api], Awaitable[None]]
STAGES: list[Stage] = []
"""The journey, stage by stage; each makes its own people."""


def stage(function: Stage) -> Stage:
    """Adds a stage to the journey."""
    STAGES.append(function)
    return function


async def done(payload: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """A payload without refusals."""
    answered = await payload
    assert codes(answered) == [], answered
    return answered


async def _code(api: Api, scene: str, to: str) -> dict[str, str]:
    asked = await done(api.anonymous.do("requestCode", "challenge { id }", scene=scene, site="CN", mobile=to))
    return {"verificationId": asked["challenge"]["id"], "code": await api.code(to)}


@stage
async def signing_in(api: Api) -> None:
    """Up, in, in with a code, on with the refresh token, out; passwords."""
    number, session = mobile(), "account { id } accessToken refreshToken"
    given = {"kind": "ENTERPRISE", "fullName": "西湖云计算有限公司", "termsVersion": "2026-01", "password": PASSWORD}
    await done(api.anonymous.do("signUp", session, **await _code(api, "SIGN_UP", number), **given))
    opened = await done(api.anonymous.do("signIn", session, site="CN", mobile=number, password=PASSWORD))
    await done(api.anonymous.do("refreshSession", session, refreshToken=opened["refreshToken"]))
    api.clock.advance(minutes=2)
    with_code = await done(api.anonymous.do("signInWithCode", session, **await _code(api, "SIGN_IN", number)))
    own = api.anonymous.as_(with_code["accessToken"])
    await done(own.do("changePassword", "account { id }", oldPassword=PASSWORD, newPassword=OTHER_PASSWORD))
    api.clock.advance(minutes=2)
    forgotten = await _code(api, "RESET_PASSWORD", number)
    await done(api.anonymous.do("resetPassword", "account { id }", **forgotten, newPassword="Black-tea-77"))
    someone = await person(api)
    await done(someone.api.do("signOut", "account { id }"))
    again = await sign_in(api, someone.account_id)
    await done(again.api.do("revokeSessions", "account { id }"))


@stage
async def admission(api: Api) -> None:
    """Real name, application, decision, standing."""
    _, partner_id = await application_in_review(api)
    reviewer, operations = await staff(api, Role.VENDOR_REVIEWER), await staff(api, Role.VENDOR_OPS)
    decision = {"id": partner_id, "approve": False, "reason": "No licence.", "idempotencyKey": key()}
    await done(reviewer.api.do("decideAdmission", "partner { id }", **decision))
    partner = await admitted_partner(api)
    standing = {"id": partner.id, "standing": "RESTRICTED", "reason": "Late payment.", "idempotencyKey": key()}
    await done(operations.api.do("setPartnerStanding", "partner { id }", **standing))


@stage
async def plans_and_members(api: Api) -> None:
    """The co-sell plan and out of it again; an invitation to another; a member."""
    partner, manager = await co_sell_partner(api), await staff(api, Role.ECO_MANAGER)
    panel = await partner.main.api.send("{ joinedPlans { id } }")
    [membership] = panel.data["joinedPlans"]
    await done(partner.main.api.do("exitPlan", "membership { id }", id=membership["id"], idempotencyKey=key()))
    invited = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
    await done(manager.api.do("inviteToPlan", "membership { id }", **invited))
    added = await done(add_member(partner, Role.FINANCE))
    changed = {"id": added["member"]["id"], "roles": ["MARKETING"], "idempotencyKey": key()}
    await done(partner.main.api.do("changeMemberRoles", "member { id }", **changed))
    stopped = {"id": added["member"]["id"], "status": "DISABLED", "idempotencyKey": key()}
    await done(partner.main.api.do("setMemberStatus", "member { id }", **stopped))


@stage
async def development_paths(api: Api) -> None:
    """Up the path of integrators and away from it; in and out of another one; a number on record."""
    who = await paths.walker(api)
    await done(paths.record(who, "TRAINERS", 1))
    top = await paths.differentiated(api, who)
    await paths.make_due(api, top)
    await done(paths.step(who.api, "submitAnnualReview", top))
    await done(paths.step(who.api, "withdrawPathApplication", top))
    await done(paths.step(who.manager.client, "recordPathExit", top, reason="As agreed."))
    chosen = await done(paths.select(who, "SERVICE"))
    await done(paths.step(who.api, "exitPath", chosen["enrollment"]))


@stage
async def certified_solutions(api: Api) -> None:
    """A solution from its draft to a share of its certification."""
    who = await solutions.builder(api)
    draft = await done(solutions.create(who))
    await done(solutions.step(who.api, "updateSolution", draft["solution"], industry="Ports"))
    await done(solutions.step(who.api, "submitSolution", draft["solution"]))
    await done(paths.decide(who, "SOLUTION"))
    other = await paths.sibling(api, who)
    await done(paths.select(other, "SOFTWARE"))
    await done(solutions.share(other, draft["solution"]))


@stage
async def feeding_files(api: Api) -> None:
    """A feed from its draft over a check and a day asked for again to its end."""
    _, main = await world.admitted_partner(api)
    draft = (await done(feeds.save(main.client, feeds.Bucket("https://objects.example.com", "partner-files"))))["feed"]
    await done(feeds.step(main.client, "updateFeed", draft, topics=["PERFORMANCE"]))
    await done(feeds.check(main.client, draft))
    await api.deliver()
    await done(feeds.step(main.client, "redeliverFeed", draft, day="2026-03-01"))
    await api.deliver()
    await done(feeds.step(main.client, "cancelFeed", draft))


@stage
async def capability_labels(api: Api) -> None:
    """A label from the draft of its application over somebody who is asked, twice, to the badge."""
    who = await paths.walker(api)
    draft = await done(capabilities.create(who, selfCheck=None))
    told = {"selfCheck": capabilities.COMPLETE["selfCheck"]}
    await done(capabilities.step(who.api, "updateCapabilityApplication", draft["application"], **told))
    await done(capabilities.step(who.api, "submitCapabilityApplication", draft["application"]))
    await capabilities.heard(api, draft["application"])
    await done(paths.decide(who, "CAPABILITY"))


@stage
async def market_funds(api: Api) -> None:
    """A quota and more of it; one activity up to its approval, another one taken back."""
    who = await funds.funded(api)
    more = {"id": who.quota, "amount": "100.00", "reason": "A fair.", "idempotencyKey": key()}
    await done(who.manager.client.do("changeMdfQuota", funds.QUOTA, **more))
    case = await funds.drafted(api, who)
    await done(funds.step(who.api, "updateMdfCase", case, audience="Partners"))
    await done(funds.submit(who, case))
    await done(funds.decide(who, case))
    await done(funds.step(who.api, "cancelMdfCase", case))


@stage
async def unbinding_by_the_partner(api: Api) -> None:
    """The switch on, a request taken back, another one with a code that the customer agrees to."""
    on = await world.world(api)
    await done(on.main.client.do("setStepUpSwitch", "__typename", enabled=True, idempotencyKey=key()))
    made = await world.world(api)
    asked = await done(leaving.unbind(made.main.client, made))
    back = {"id": asked["request"]["id"], "idempotencyKey": key()}
    await done(made.main.client.do("withdrawAssociationRequest", "request { id }", **back))
    other = await world.world(api)
    asked = await done(leaving.unbind(other.main.client, other))
    await done(leaving.answer(api, other, asked["request"]["id"]))
    switched = await world.world(api)
    wish = {"customerId": switched.customer_gid, "targetType": "REFERRAL", "reason": "As agreed.", "acknowledged": True}
    await done(switched.main.client.do("requestSwitch", "request { id }", **wish, idempotencyKey=key()))


@stage
async def unbinding_by_the_customer(api: Api) -> None:
    """The customer asks with a code, the partner agrees."""
    made = await world.world(api)
    asked = await done(leaving.leave(api, made))
    agreed = {"id": asked["request"]["id"], "approve": True, "idempotencyKey": key()}
    await done(made.main.client.do("answerLeaveRequest", "request { id }", **agreed))


@stage
async def developing_a_customer(api: Api) -> None:
    """A report, an invitation by mail, acceptance; a general link, taken back."""
    _, main = await world.admitted_partner(api)
    await development.associated_customer(api, main)
    link = await done(development.link(main.client))
    gone = {"id": link["invitation"]["id"], "idempotencyKey": key()}
    await done(main.client.do("revokeInvitation", "invitation { id }", **gone))
    booked = await development.reported_customer(api, main)
    await done(main.client.do("cancelReport", "report { id }", id=booked.id, idempotencyKey=key()))


@stage
async def reading_messages(api: Api) -> None:
    """The partner finds what it was told, and marks it as read."""
    partner = await admitted_partner(api)
    await api.deliver()
    found = await partner.main.api.send("{ messages(unreadOnly: true) { nodes { id } } }")
    [newest, *_] = found.data["messages"]["nodes"]
    await done(partner.main.api.do("markMessageRead", "marked", ids=[newest["id"]], idempotencyKey=key()))


@stage
async def distributing(api: Api) -> None:
    """A company becomes a distributor's reseller by application and another by invitation; one of them leaves."""
    chosen = await distribution.distributor(api)
    _, link = await distribution.reseller(api, chosen)
    guest = await admitted_partner(api)
    await done(distribution.invite(chosen.main.api, str(guest.main.email)))
    token = await distribution.token_sent_to(api, guest.main.email)
    await done(distribution.accept(guest.main.api, token))
    await done(distribution.start_exit(chosen.main.api, link))
    await done(distribution.end_exit(chosen.main.api, link))
    sent = await done(distribution.invite(chosen.main.api, "somebody@example.com"))
    gone = {"id": sent["invitation"]["id"], "idempotencyKey": key()}
    await done(chosen.main.api.do("revokeResellerInvitation", "invitation { id }", **gone))


@stage
async def settling_a_month(api: Api) -> None:
    """Consumption, the month closed, a question and its answer, the audit."""
    made, began = await world.world(api), api.clock()
    vendor = await consumption.operations(api)
    await done(consumption.send(vendor, consumption.line(made, api.clock())))
    await performance.close_month_of_now(api)
    vendor = await consumption.operations(api)
    finance = await world.member(api, made.partner_id, Role.FINANCE)
    sheet = {"id": await performance.sheet_id(api, made), "idempotencyKey": key()}
    asked = await done(finance.client.do("givePerformanceFeedback", "feedback { id }", **sheet, text="Why so little?"))
    answer = {"id": asked["feedback"]["id"], "answer": "It was a voucher.", "idempotencyKey": key()}
    await done(vendor.do("answerPerformanceFeedback", "feedback { id }", **answer))
    await done(vendor.do("auditPerformance", "sheet { id }", **{**sheet, "idempotencyKey": key()}))
    api.clock.at = began  # the stages behind this one have days of their own


@stage
async def earning_incentives(api: Api) -> None:
    """A month's incentives frozen, let go, confirmed; paid out at once, against an invoice, and not at all."""
    on = await earning.stage(api)
    resale, referral = await earning.generated(api, on, (earning.RESALE, 100_000), (earning.REFERRAL, 200_000))
    for name in ("freezeIncentive", "unfreezeIncentive"):
        given = {"id": resale, "reason": "The customer has not paid.", "idempotencyKey": key()}
        await done(on.operations.do(name, "incentive { id }", **given))
    await done(earning.confirm(on.clerk, resale, referral))
    await done(earning.pay_out(on.clerk, resale))
    asked = await done(earning.transfer(api, on, referral))
    wrong = {"id": asked["payout"]["id"], "reason": "The invoice is wrong.", "idempotencyKey": key()}
    await done(on.finance.do("rejectPayout", "payout { id }", **wrong))
    again = await done(earning.pay_out(on.clerk, referral, method="ACCOUNT"))
    await done(on.finance.do("completePayout", "payout { id }", id=again["payout"]["id"], idempotencyKey=key()))


@stage
async def paying_experts(api: Api) -> None:
    """From a qualification to an approved list: disputed, counted anew, confirmed, shown; one that is asked for."""
    began = api.clock()
    on = await experts.stage(api)
    made = await experts.generated(api, on, "SENIOR")
    await experts.certify(on)
    await done(experts.dispute(on.api, made))
    await done(experts.answer(on.operations, made, recount=True))
    await done(experts.confirm(on.api, made))
    await done(experts.hand_in(on.api, made))
    await done(paths.decide(on.walker, "EXPERT_INCENTIVE"))
    await experts.at(api, experts.SECOND_QUARTER)
    await done(experts.transfer(api, on, made))
    await done(experts.remove(on, made["lines"][0]["expert"]))
    await experts.at(api, began)
    presales = await experts.presales_stage(api)
    await experts.qualify(presales, "SI_PRESALES")
    binding = await experts.specialist(api, presales, path="SI")
    await done(experts.enter(presales, binding, scheme="SI_PRESALES", project="PRJ-7"))
    await done(experts.request(presales))


@stage
async def sharing_opportunities(api: Api) -> None:
    """Offices and offerings; one opportunity to its delivery, others sent back, lost, cancelled and deleted."""
    at = await opportunities.desk(api)
    admin, operations = (
        await opportunities.staff(api, Role.VENDOR_ADMIN),
        await opportunities.staff(api, Role.VENDOR_OPS),
    )
    covers = {"id": at.office_id, "regions": ["330100", "330200"], "idempotencyKey": key()}
    await done(admin.client.do("changeOfficeRegions", "office { id }", **covers))
    offering = await opportunities.offering(api, at.partner_id)
    version = {"name": "Port analytics 2", "track": "IOT", "beginsOn": "2026-03-02", "idempotencyKey": key()}
    await done(operations.client.do("changeOffering", "offering { id }", id=offering, **version))
    opportunity = await opportunities.verifying(api, at, offeringIds=[offering])
    await done(opportunities.claim(at.psm.client, opportunity))
    await done(opportunities.verify(at.psm.client, opportunity))
    await done(opportunities.progress(at.main.client, opportunity))
    await done(opportunities.sign(at.main.client, opportunity))
    await done(opportunities.deliver(at.main.client, opportunity))
    lost, cancelled = await opportunities.verified(api, at), await opportunities.verified(api, at)
    await done(opportunities.lose(at.main.client, lost))
    await done(opportunities.cancel(at.psm.client, cancelled))
    draft = await opportunities.drafted(at.main.client)
    why = {"id": draft, "reason": "A call back."}
    await done(at.main.client.do("revealOpportunityContact", "contact { contactMobile }", **why))
    await done(at.main.client.do("deleteOpportunityDraft", "deletedId", id=draft))
    ended = {"id": offering, "endsOn": "2026-03-02", "idempotencyKey": key()}
    await done(operations.client.do("removeOffering", "offering { id }", **ended))
    members = await admin.client.send("{ officeMembers { nodes { id } } }")
    gone = {"id": members.data["officeMembers"]["nodes"][0]["id"], "idempotencyKey": key()}
    await done(admin.client.do("removeOfficeMember", "office { id }", **gone))


@stage
async def issuing_vouchers(api: Api) -> None:
    """A quota is granted, stopped, goes on, and goes to a reseller and back; vouchers are spent and recalled."""
    made = await vouchers.stage(api, kind=PartnerKind.DISTRIBUTOR)
    for change in ("FREEZE", "UNFREEZE"):
        given = {"quotaId": made.quota, "change": change, "idempotencyKey": key()}
        await done(made.operations.do("setQuotaState", "quota { id }", **given))
    reseller_id, _ = await vouchers.reseller(api, made.partner_id)
    issued = await done(vouchers.issue_quota(made, reseller_id))
    await done(vouchers.recall_quotas(made, issued["results"][0]["quota"]["id"]))
    customer = await vouchers.customer(api, made.partner_id)
    spent, kept = await vouchers.voucher(made, customer), await vouchers.voucher(made, customer)
    paid = await done(vouchers.use(made, spent, "30.00"))
    await done(vouchers.refund(made, paid["use"]["id"]))
    await done(vouchers.recall(made, kept))
