"""People and companies on their way in, and plans in every other state than joined."""

from resolvers import accounts, partners, plans
from rules.accounts import AccountKind, RealNameKind
from rules.plans import PlanCode
from rules.sites import Site
from tasks.samples.companies import APPLICANTS, PARTNERS
from tasks.samples.partners import admit, assign, join, partner_of, pass_real_name, sign_up, staff, submit_real_name
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story

REASON = "The licence that was handed in has expired."


async def waits_for_staff(stage: Stage) -> Story:
    """Its licence and its real name differ, so somebody must look at its application."""
    company = APPLICANTS["chunhe"]
    yield stage.on(415)
    main = await sign_up(stage, company)
    yield stage.later(hours=4)
    await pass_real_name(stage, main, "广州春和贸易有限公司", company)
    yield stage.later(hours=1)
    await stage.do(main, partners.apply_for_admission, company_name=company.name, credit_code=company.credit_code)


async def was_rejected(stage: Stage) -> Story:
    """Its application was looked at and rejected."""
    company = APPLICANTS["ruifeng"]
    yield stage.on(371)
    main = await sign_up(stage, company)
    yield stage.later(hours=5)
    await pass_real_name(stage, main, "天津瑞丰商贸有限公司", company)
    yield stage.later(hours=1)
    await stage.do(main, partners.apply_for_admission, company_name=company.name, credit_code=company.credit_code)
    yield stage.later(days=1)
    await stage.do(
        staff(stage, "eco", company.site),
        partners.decide_admission,
        partner_id=await partner_of(main),
        approve=False,
        reason=REASON,
    )


async def waits_for_real_name(stage: Stage) -> Story:
    """Its real name failed once and is being reviewed again."""
    company = APPLICANTS["minghu"]
    yield stage.on(414, "06:00")
    main = await sign_up(stage, company)
    case_id = await submit_real_name(stage, main, "济南明湖", company.credit_code)
    yield stage.later(days=1)
    reviewer = staff(stage, "reviewer", company.site)
    await stage.do(reviewer, accounts.decide_real_name, case_id=case_id, approve=False, reason=REASON)
    yield stage.later(days=2)
    await submit_real_name(stage, main, company.name, company.credit_code)


async def waits_for_distributor(stage: Stage) -> Story:
    """The vendor has passed its application for the reseller plan on to the distributor."""
    company = APPLICANTS["songhua"]
    yield stage.on(396)
    main = await sign_up(stage, company)
    yield stage.later(hours=3)
    await pass_real_name(stage, main, company.name, company)
    yield stage.later(hours=1)
    await stage.do(main, partners.apply_for_admission, company_name=company.name, credit_code=company.credit_code)
    await stage.renew(main)
    yield stage.later(days=2)
    await assign(stage, main, company.site)
    yield stage.later(days=1)
    membership = await join(stage, main, PlanCode.RESELLER, PARTNERS["huahai"])
    yield stage.later(days=1)
    manager = staff(stage, "eco", company.site)
    await stage.do(manager, plans.decide_plan_application, membership_id=membership.id, approve=True)


async def is_invited(stage: Stage) -> Story:
    """An admitted company that the vendor would like to have as a distributor."""
    company = APPLICANTS["kilimanjaro"]
    yield stage.on(390)
    main = await sign_up(stage, company)
    yield stage.later(hours=3)
    await pass_real_name(stage, main, "Kilimanjaro Computers Ltd.", company)
    yield stage.later(hours=1)
    await stage.do(main, partners.apply_for_admission, company_name=company.name, credit_code=company.credit_code)
    yield stage.later(days=1)
    await admit(stage, main, company.site)
    await stage.renew(main)
    yield stage.later(days=20)
    manager = staff(stage, "eco", company.site)
    await stage.do(manager, plans.invite_to_plan, partner_id=await partner_of(main), plan=PlanCode.DISTRIBUTOR)


async def people_without_companies(stage: Stage) -> Story:
    """Persons: one whose real name failed, one who passed, one who never began."""
    yield stage.on(403)
    failed = await stage.sign_up("钱多多", site=Site.CN, mobile="+8613710008001", kind=AccountKind.PERSONAL)
    yield stage.later(hours=6)
    passed = await stage.sign_up("Nadia Rahman", site=Site.INTL, email="nadia@mail.example", kind=AccountKind.PERSONAL)
    for person, number, approve in ((failed, "31010119900101001X", False), (passed, "P9081726", True)):
        yield stage.later(hours=1)
        case_id = await submit_real_name(stage, person, person.full_name, number, RealNameKind.PERSONAL)
        yield stage.later(hours=20)
        reviewer = staff(stage, "reviewer", person.site)
        reason = None if approve else "The photograph of the document cannot be read."
        await stage.do(reviewer, accounts.decide_real_name, case_id=case_id, approve=approve, reason=reason)
    yield stage.later(days=4)
    await stage.sign_up("韩梅", site=Site.CN, mobile="+8613710008002", kind=AccountKind.PERSONAL)


async def other_plans(stage: Stage) -> Story:
    """Applications for the marketplace plans: left again, waiting, taken back, rejected."""
    manager = staff(stage, "eco", Site.CN)
    yield stage.on(140)
    left = await join(stage, stage.people["yunshan"], PlanCode.MARKETPLACE_SELLER)
    yield stage.later(days=2)
    await stage.do(manager, plans.decide_plan_application, membership_id=left.id, approve=True)
    yield stage.on(260)
    await stage.do(stage.people["yunshan"], plans.exit_plan, membership_id=left.id)
    yield stage.on(300)
    rejected = await join(stage, stage.people["jinqiao"], PlanCode.MARKETPLACE_SELLER)
    yield stage.later(days=2)
    decided = {"membership_id": rejected.id, "approve": False, "reason": REASON}
    await stage.do(manager, plans.decide_plan_application, **decided)
    yield stage.on(384)
    taken_back = await join(stage, stage.people["xingchen"], PlanCode.MARKETPLACE_SALES)
    yield stage.later(days=1)
    await stage.do(stage.people["xingchen"], plans.withdraw_plan_application, membership_id=taken_back.id)
    yield stage.on(416)
    await join(stage, stage.people["xingchen"], PlanCode.MARKETPLACE_SELLER)


STORIES = (
    waits_for_staff,
    was_rejected,
    waits_for_real_name,
    waits_for_distributor,
    is_invited,
    people_without_companies,
    other_plans,
)
