"""Reports that did not become customers, or not yet, and attempts that failed: every state of theirs."""

from uuid import UUID

from resolvers import customers
from resolvers.customers.invitations import token_of
from rules.customers import AssociationType
from rules.policy import REPORTS_EXPIRY_NOTICE
from tasks.samples.companies import CUSTOMERS, PROSPECTS, Company
from tasks.samples.customers import accept, last_invitation
from tasks.samples.partners import staff
from tasks.samples.stage import NotAsWritten, Person, Stage
from tasks.samples.timeline import Story

_BY_DOMAIN = {company.domain: company for company in PROSPECTS}
RESALE = AssociationType.RESALE


async def _report(stage: Stage, by: str, company: Company, *, send_invite: bool = True) -> UUID:
    report = await stage.do(
        stage.people[by],
        customers.report_customer,
        customer_name=company.name,
        mobile=company.mobile,
        email=company.email,
        send_invite=send_invite,
        association_type=RESALE,
    )
    return report.id


async def _sign_up(stage: Stage, company: Company) -> Person:
    return await stage.sign_up(company.name, site=company.site, mobile=company.mobile, email=company.email)


async def _apply(stage: Stage, by: str, company: Company) -> UUID:
    report = await stage.do(
        stage.people[by],
        customers.apply_for_report_review,
        customer_name=company.name,
        mobile=company.mobile,
        email=company.email,
        send_invite=True,
        association_type=RESALE,
        expected_spend="480000.00",
        expected_months=12,
        project_detail="Moves its production planning and its data warehouse to the cloud.",
        customer_account=company.domain,
        communication_log="Two visits and a proof of concept; the customer's board has agreed.",
    )
    return report.id


async def was_just_reported(stage: Stage) -> Story:
    """Reports that hold: one with its mail on the way, one to be invited by hand, one of the INTL site."""
    yield stage.on(417, "01:20")
    await _report(stage, "yunshan", _BY_DOMAIN["hongqi"])
    yield stage.on(418, "02:50")
    await _report(stage, "wu.jie", _BY_DOMAIN["wanli"], send_invite=False)
    yield stage.on(418, "08:05")
    await _report(stage, "lionrock", _BY_DOMAIN["borneo"])


async def ran_out(stage: Stage) -> Story:
    """A report that was warned of and expired, with its mail that had ended before it."""
    yield stage.on(310)
    report_id = await _report(stage, "yunshan", _BY_DOMAIN["yunding"])
    invitation = await last_invitation(report_id)
    assert invitation.valid_until is not None
    yield invitation.valid_until
    await stage.do(None, customers.expire_invitation, invitation_id=invitation.id)
    yield stage.on(310 + 15) - stage.policy(_BY_DOMAIN["yunding"].site)[REPORTS_EXPIRY_NOTICE]
    await stage.do(None, customers.announce_report_end, report_id=report_id)
    yield stage.on(310 + 15)
    await stage.do(None, customers.expire_report, report_id=report_id)


async def was_given_up(stage: Stage) -> Story:
    """A report the partner cancelled; one whose customer the vendor's CRM released; a link taken back."""
    yield stage.on(320)
    cancelled = await _report(stage, "xingchen", _BY_DOMAIN["boyuan"])
    yield stage.later(days=3)
    await stage.do(stage.people["xingchen"], customers.cancel_report, report_id=cancelled)
    released = await _report(stage, "huahai", _BY_DOMAIN["tianci"])
    yield stage.later(days=9)
    await stage.do(staff(stage, "ops", _BY_DOMAIN["tianci"].site), customers.record_report_release, report_id=released)
    yield stage.later(days=1)
    link = await stage.do(
        stage.people["jinqiao"], customers.create_invitation_link, association_type=RESALE, tag="Spring fair"
    )
    yield stage.later(days=30)
    await stage.do(stage.people["jinqiao"], customers.revoke_invitation, invitation_id=link.id)


async def needs_review(stage: Stage) -> Story:
    """Accounts too old for a direct report: rejected, taken back, approved and waiting."""
    yield stage.on(300)
    names = ("luming", "xiwang", "haina", "qinglan", "inca")
    for name in names:
        stage.people[name] = await _sign_up(stage, _BY_DOMAIN[name])
    yield stage.on(380)
    rejected, withdrawn = [await _apply(stage, "yunshan", _BY_DOMAIN[name]) for name in ("luming", "xiwang")]
    yield stage.later(days=1)
    reviewer = staff(stage, "reviewer", _BY_DOMAIN["luming"].site)
    decided = {"approve": False, "reason": "The customer is followed by direct sales."}
    await stage.do(reviewer, customers.decide_report_review, report_id=rejected, **decided)
    await stage.do(stage.people["yunshan"], customers.withdraw_report, report_id=withdrawn)
    yield stage.on(411)
    approved = await _apply(stage, "xingchen", _BY_DOMAIN["haina"])
    yield stage.later(days=1, hours=2)
    await stage.do(reviewer, customers.decide_report_review, report_id=approved, approve=True)
    yield stage.on(417)
    await _apply(stage, "yunshan", _BY_DOMAIN["qinglan"])
    await _apply(stage, "lionrock", _BY_DOMAIN["inca"])


async def was_turned_away(stage: Stage) -> Story:
    """An account that is no longer new opens a general link without having been reported."""
    yield stage.on(386)
    person = stage.people["luming"]
    link = next(link for link in stage.links.values() if link.partner_id == stage.people["yunshan"].actor.partner_id)
    token = token_of(stage.courier.secret, bytes(link.nonce))
    outcome = await stage.attempt(person, customers.accept_invitation, token=token, notice_accepted=True)
    if not outcome.violations:
        raise NotAsWritten("an account that was never reported became a customer")


async def came_back(stage: Stage) -> Story:
    """A customer that had parted with its partner is reported again, by way of a review, and accepts."""
    company = next(company for company in CUSTOMERS if company.domain == "xueersheng")
    yield stage.on(333)
    report_id = await _apply(stage, "yunshan", company)
    yield stage.later(days=1)
    reviewer = staff(stage, "reviewer", company.site)
    await stage.do(reviewer, customers.decide_report_review, report_id=report_id, approve=True)
    yield stage.later(days=1)
    await accept(stage, stage.people[company.domain], await last_invitation(report_id))


STORIES = (
    was_just_reported,
    ran_out,
    was_given_up,
    needs_review,
    was_turned_away,
    came_back,
)
