"""How the sample data's partners came to be what they are: real name, admission, plans, members, standing."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from models.plans import PlanMembership
from models.resellers import ResellerApplication
from resolvers import accounts, members, opportunities, partners, plans, resellers
from resolvers.partners import managers
from resolvers.verifications import set_step_up_switch
from rules.access import Role
from rules.accounts import RealNameKind
from rules.members import MemberStatus
from rules.opportunities import OfficeDuty
from rules.partners import Standing
from rules.plans import PLANS, Condition, JoinMode, PlanCode
from rules.sites import Site
from tasks.samples.companies import PARTNERS, Company
from tasks.samples.files import photograph
from tasks.samples.stage import Person, Stage
from tasks.samples.timeline import Story

_SHOWN = {
    RealNameKind.PERSONAL: ("certificates", "certificate", "Identity document"),
    RealNameKind.ENTERPRISE: ("licences", "licence", "Business licence"),
}
"""Which file shows whose real name: the argument, the file's name, what stands on it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member to be added."""

    username: str
    full_name: str
    roles: tuple[Role, ...]
    mobile: str | None = None
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class Career:
    """A partner: when it came, what it sells as, who works for it, and what became of it."""

    company: Company
    day: int
    plan: PlanCode | None = None
    tier: str | None = None
    former_name: str | None = None
    """As the real name says: staff then admitted it by hand, since its licence says another."""
    members: tuple[Member, ...] = field(default=())
    step_up: bool = False
    standing: Standing = Standing.ACTIVE
    distributor: Company | None = None
    """Whose reseller it becomes."""


_P = PlanCode
CAREERS = (
    Career(
        PARTNERS["yunshan"],
        2,
        _P.SOLUTION_PROVIDER,
        "SELECT",
        members=(
            Member("zhou.min", "周敏", (Role.SYSTEM_ADMIN,), "+8613710000001"),
            Member("wu.jie", "吴杰", (Role.ACCOUNT_MANAGER,), "+8613710000002", has_password=True),
            Member("sun.li", "孙丽", (Role.FINANCE, Role.OPERATIONS), "+8613710000003", has_password=True),
            Member("he.tao", "何涛", (Role.MARKETING,), "+8613710000004"),
            Member("qian.bo", "钱波", (Role.SA_SPECIALIST,), "+8613710000006"),
        ),
    ),
    Career(
        PARTNERS["xingchen"],
        9,
        _P.SOLUTION_PROVIDER,
        "SELECT",
        members=(Member("lin.fang", "林芳", (Role.OPERATIONS,), "+8613710000005"),),
        step_up=True,
    ),
    Career(PARTNERS["huahai"], 4, _P.DISTRIBUTOR, "LEADING", former_name="深圳华海数码有限公司"),
    Career(PARTNERS["jinqiao"], 16, _P.DISTRIBUTOR, "SELECT"),
    Career(PARTNERS["lanjing"], 30, _P.RESELLER, "SELECT", distributor=PARTNERS["huahai"]),
    Career(PARTNERS["shanhe"], 37, _P.RESELLER, "LEADING", distributor=PARTNERS["jinqiao"]),
    Career(PARTNERS["beidou"], 44, _P.SOLUTION_PROVIDER, "SELECT", standing=Standing.RESTRICTED),
    Career(PARTNERS["xinyuan"], 51, _P.SOLUTION_PROVIDER, "SELECT", standing=Standing.FROZEN),
    Career(PARTNERS["qingteng"], 330),
    Career(PARTNERS["yunfan"], 65, _P.RESELLER, "SELECT", distributor=PARTNERS["jinqiao"]),
    Career(PARTNERS["mingyue"], 72, _P.RESELLER, "SELECT", distributor=PARTNERS["huahai"]),
    Career(PARTNERS["lvzhou"], 318),
    Career(
        PARTNERS["lionrock"],
        5,
        _P.SOLUTION_PROVIDER,
        "ADVANCED",
        members=(Member("mei.tan", "Mei Tan", (Role.ACCOUNT_DIRECTOR,)),),
    ),
    Career(PARTNERS["andina"], 20, _P.SOLUTION_PROVIDER, "STANDARD", step_up=True),
    Career(PARTNERS["bluedelta"], 12, _P.DISTRIBUTOR, "STANDARD", former_name="Blue Delta Trading FZE"),
    Career(PARTNERS["saigon"], 60, _P.RESELLER, "ADVANCED", distributor=PARTNERS["bluedelta"]),
)


STAFF = (
    ("admin", Site.CN, "陈伟", Role.VENDOR_ADMIN),
    ("eco", Site.CN, "许静", Role.ECO_MANAGER),
    ("reviewer", Site.CN, "冯博", Role.VENDOR_REVIEWER),
    ("ops", Site.CN, "唐颖", Role.VENDOR_OPS),
    ("finance", Site.CN, "顾岚", Role.VENDOR_FINANCE),
    ("psm", Site.CN, "宋扬", Role.PSM),
    ("psm2", Site.CN, "白露", Role.PSM),
    ("admin", Site.INTL, "Grace Lim", Role.VENDOR_ADMIN),
    ("eco", Site.INTL, "Omar Haddad", Role.ECO_MANAGER),
    ("reviewer", Site.INTL, "Ana Souza", Role.VENDOR_REVIEWER),
    ("ops", Site.INTL, "Ben Carter", Role.VENDOR_OPS),
    ("finance", Site.INTL, "Priya Nair", Role.VENDOR_FINANCE),
    ("psm", Site.INTL, "Lucas Wong", Role.PSM),
)


REP_OFFICES = {
    Site.CN: ("华东代表处", ("310000", "320000", "330000")),
    Site.INTL: ("Singapore Office", ("SG", "MY")),
}


async def hire_staff(stage: Stage) -> None:
    """The vendor's people on both sites, by the names that the stories call them."""
    for name, site, full_name, role in STAFF:
        domain = "vendor.example" if site is Site.CN else "intl.vendor.example"
        stage.people[f"{name}:{site.value}"] = await stage.hire(
            full_name, role, site=site, email=f"{name}@{domain}", has_password=name != "reviewer"
        )


async def open_offices(stage: Stage) -> None:
    """One representative office on each site, with its partner sales managers."""
    for site, (name, regions) in REP_OFFICES.items():
        admin = staff(stage, "admin", site)
        office = await stage.do(admin, opportunities.add_rep_office, name=name, regions=list(regions))
        stage.offices[site] = office.id
        for seller, where, _, role in STAFF:
            if (where, role) == (site, Role.PSM):
                member = {"account_id": staff(stage, seller, site).account_id, "duty": OfficeDuty.PSM}
                await stage.do(admin, opportunities.set_office_member, office_id=office.id, **member)


def staff(stage: Stage, name: str, site: Site) -> Person:
    """One of the vendor's people."""
    return stage.people[f"{name}:{site.value}"]


async def career(stage: Stage, wanted: Career) -> Story:
    """A partner from its sign-up to today."""
    company = wanted.company
    yield stage.on(wanted.day)
    main = await sign_up(stage, company)
    yield stage.later(hours=21)
    await pass_real_name(stage, main, wanted.former_name or company.name, company)
    yield stage.later(hours=2)
    await stage.do(main, partners.apply_for_admission, company_name=company.name, credit_code=company.credit_code)
    if wanted.former_name is not None:
        yield stage.later(days=2)
        await admit(stage, main, company.site)
    else:
        await assign(stage, main, company.site)
    await stage.renew(main)
    if wanted.plan is not None:
        async for instant in _sell(stage, main, wanted.plan, wanted.tier, wanted.distributor):
            yield instant
    for member in wanted.members:
        yield stage.later(days=1, minutes=17)
        await _add(stage, main, company, member)
    if wanted.step_up:
        yield stage.later(days=9)
        await stage.do(main, set_step_up_switch, enabled=True)
        await stage.renew(main)
    if wanted.standing is not Standing.ACTIVE:
        yield stage.on(410, "07:30")
        await _set_standing(stage, main, wanted.standing)


async def sign_up(stage: Stage, company: Company) -> Person:
    """The company's main account, known to the stories by the company's domain."""
    main = await stage.sign_up(company.name, site=company.site, mobile=company.mobile, email=company.email)
    stage.people[company.domain] = main
    return main


async def submit_real_name(
    stage: Stage, who: Person, name: str, number: str, kind: RealNameKind = RealNameKind.ENTERPRISE
) -> UUID:
    """Submits a real name with a picture of what shows it; the case's id."""
    field, file, line = _SHOWN[kind]
    shown = {field: [await photograph(stage, who, file, line)]}
    given = {"kind": kind, "legal_name": name, "document_number": number, **shown}
    return (await stage.do(who, accounts.submit_real_name, **given)).id


async def pass_real_name(stage: Stage, main: Person, name: str, company: Company) -> None:
    """Submitted, and passed by the reviewer an hour later."""
    case_id = await submit_real_name(stage, main, name, company.credit_code)
    stage.clock.advance(hours=1)
    await stage.do(staff(stage, "reviewer", company.site), accounts.decide_real_name, case_id=case_id, approve=True)


async def admit(stage: Stage, main: Person, site: Site) -> None:
    """The ecosystem manager settles by hand what the automatic check could not."""
    manager = staff(stage, "eco", site)
    await stage.do(
        manager,
        partners.decide_admission,
        partner_id=await partner_of(main),
        approve=True,
        rep_office_id=stage.offices[site],
        eco_manager_id=manager.account_id,
    )


async def assign(stage: Stage, main: Person, site: Site) -> None:
    """The ecosystem manager takes a partner that was admitted automatically, for the site's office."""
    manager = staff(stage, "eco", site)
    given = {"rep_office_id": stage.offices[site], "eco_manager_id": manager.account_id}
    await stage.do(manager, managers.assign_partner, partner_id=await partner_of(main), **given)


async def partner_of(main: Person) -> UUID:
    """The id of somebody's partner or application."""
    async with db.read(EVERYTHING):
        return (await Partner.get(main_account_id=main.account_id)).id


async def _sell(stage: Stage, main: Person, plan: PlanCode, tier: str | None, distributor: Company | None) -> Story:
    """The co-sell plan first, then the plan that makes it a seller."""
    yield stage.later(days=1)
    await join(stage, main, PlanCode.CO_SELL)
    yield stage.later(days=2)
    manager = staff(stage, "eco", main.site)
    if PLANS[plan].join is JoinMode.INVITE:
        await stage.do(manager, plans.invite_to_plan, partner_id=await partner_of(main), plan=plan)
        yield stage.later(days=1)
    membership = await join(stage, main, plan, distributor)
    yield stage.later(days=1, hours=3)
    await stage.do(manager, plans.decide_plan_application, membership_id=membership.id, approve=True, tier=tier)
    if distributor is not None:
        yield stage.later(days=1)
        async with db.read(EVERYTHING):
            application = await ResellerApplication.get(membership_id=membership.id)
        answer = {"application_ids": [application.id], "approve": True}
        await stage.do(stage.people[distributor.domain], resellers.decide_reseller_applications, **answer)


async def join(stage: Stage, main: Person, plan: PlanCode, distributor: Company | None = None) -> PlanMembership:
    """Applies for a plan under its present agreement, for the reseller plan with a distributor in mind."""
    given: dict[str, Any] = {"plan": plan, "agreement_version": PLANS[plan].agreement}
    if distributor is not None:
        given["distributor_id"] = await partner_of(stage.people[distributor.domain])
    if Condition.RELATIONS_DECLARED in PLANS[plan].conditions[main.site]:
        await stage.do(main, plans.declare_relations, relations=[])
    return await stage.do(main, plans.join_plan, **given)


async def _add(stage: Stage, main: Person, company: Company, member: Member) -> None:
    email = f"{member.username}@{company.domain}.example"
    added = await stage.do(
        main,
        members.add_member,
        username=member.username,
        full_name=member.full_name,
        roles=member.roles,
        mobile=member.mobile,
        email=email,
    )
    person = await stage.enter(added)
    stage.people[member.username] = person
    if member.has_password:
        await stage.give_password(person)
    if Role.MARKETING in member.roles:
        stage.clock.advance(hours=3)
        await stage.do(main, members.set_member_status, member_id=added.id, status=MemberStatus.DISABLED)


async def _set_standing(stage: Stage, main: Person, standing: Standing) -> None:
    await stage.do(
        staff(stage, "ops", main.site),
        partners.set_partner_standing,
        partner_id=await partner_of(main),
        standing=standing,
        reason="Annual review: the documents asked for did not come in time.",
    )
