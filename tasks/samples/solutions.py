"""Solutions in every state of their certification, the software path that they carry, and a shared certification."""

from datetime import timedelta
from typing import Any

from models.solutions import Solution
from resolvers import partners, paths, solutions
from rules.paths import PathCode
from rules.sites import Site
from rules.solutions import SolutionForm, SolutionKind
from tasks.samples.companies import PARTNERS, Company
from tasks.samples.partners import pass_real_name, sign_up
from tasks.samples.paths import PLAN, settle
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story

_FORM: dict[str, Any] = {
    "kind": SolutionKind.CLOUD_SOFTWARE,
    "form": SolutionForm.APPLICATION_SOFTWARE,
    "description": "部署在云上的行业应用，支持弹性伸缩与异地容灾。",
    "industry": "制造",
    "services": ["ECS", "RDS", "OBS"],
    "contact_name": "陆工",
    "contact_mobile": "13800138011",
    "contact_email": "solution@example.com",
}
_YEAR = timedelta(days=365)


async def _drafted(stage: Stage, name: str, title: str, **changes: Any) -> Solution:
    return await stage.do(stage.people[name], solutions.create_solution, **{**_FORM, "name": title, **changes})


async def _submitted(stage: Stage, name: str, title: str, **changes: Any) -> Solution:
    solution = await _drafted(stage, name, title, **changes)
    await stage.do(stage.people[name], solutions.submit_solution, solution_id=solution.id)
    return solution


async def reached_the_top(stage: Stage) -> Story:
    """Differentiated on the software path; its first solution nears its end, another account shares the second."""
    main = "yunshan"
    yield stage.on(80, "03:00")
    path = await stage.do(stage.people[main], paths.select_path, path=PathCode.SOFTWARE)
    yield stage.on(86, "03:00")
    first = await _submitted(stage, main, "云杉设备台账")
    yield stage.later(days=9)
    await settle(stage, Site.CN, first.id)
    yield stage.on(190, "03:00")
    second = await _submitted(stage, main, "云杉预测性维护", kind=SolutionKind.ADVANCED)
    yield stage.later(days=12)
    await settle(stage, Site.CN, second.id)
    yield stage.later(days=5)
    await stage.do(stage.people[main], paths.apply_differentiation, enrollment_id=path.id, business_plan=PLAN)
    yield stage.later(days=4)
    await settle(stage, Site.CN, path.id)
    yield stage.on(384, "03:00")
    sibling = await _sibling(stage)
    await stage.do(stage.people[sibling.domain], paths.select_path, path=PathCode.SOFTWARE)
    yield stage.later(hours=2)
    await stage.do(stage.people[sibling.domain], solutions.share_certification, solution_id=second.id)
    yield stage.on(402)
    await stage.do(None, solutions.pass_solution_time, solution_id=first.id)


async def _sibling(stage: Stage) -> Company:
    """A second account of the same company, admitted as the first was."""
    company = PARTNERS["yunshan"]
    account = Company(company.name, "yunshan-lab", Site.CN, company.number + 900)
    main = await sign_up(stage, account)
    stage.clock.advance(hours=3)
    await pass_real_name(stage, main, company.name, company)
    given = {"company_name": company.name, "credit_code": company.credit_code}
    await stage.do(main, partners.apply_for_admission, **given)
    await stage.renew(main)
    return account


async def is_at_risk(stage: Stage) -> Story:
    """Certified on the software path by a solution whose certification is over."""
    main = "xingchen"
    yield stage.on(20, "04:00")
    path = await stage.do(stage.people[main], paths.select_path, path=PathCode.SOFTWARE)
    solution = await _submitted(stage, main, "星尘工单", form=SolutionForm.SOFTWARE_SOLUTION)
    yield stage.later(days=15)
    await settle(stage, Site.CN, solution.id)
    certified = stage.clock()
    yield certified + _YEAR - timedelta(days=59)
    await stage.do(None, solutions.pass_solution_time, solution_id=solution.id)
    await stage.do(None, paths.pass_path_year, enrollment_id=path.id)
    yield stage.later(days=10)
    await stage.do(stage.people[main], paths.submit_annual_review, enrollment_id=path.id)
    yield stage.later(days=3)
    await settle(stage, Site.CN, path.id)
    yield certified + _YEAR + timedelta(minutes=30)
    await stage.do(None, solutions.pass_solution_time, solution_id=solution.id)


async def has_just_begun(stage: Stage) -> Story:
    """On the software path without a certified solution: one rejected, one waiting, one not finished."""
    main = "shanhe"
    yield stage.on(260, "05:00")
    await stage.do(stage.people[main], paths.select_path, path=PathCode.SOFTWARE)
    rejected = await _submitted(stage, main, "山河巡检")
    yield stage.later(days=6)
    reason = "The test report does not name the version that was tested."
    await settle(stage, Site.CN, rejected.id, approve=False, reason=reason)
    yield stage.on(413, "05:00")
    await _submitted(stage, main, "山河机房监控")
    yield stage.later(days=2)
    unfinished = {"description": None, "industry": None, "services": None, "contact_name": None}
    await _drafted(stage, main, "山河能耗分析", **unfinished, contact_mobile=None, contact_email=None)


STORIES = (reached_the_top, is_at_risk, has_just_begun)
