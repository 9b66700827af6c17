"""Partners on development paths, in every stage of one and of its yearly review."""

from typing import Any
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.paths import PathEnrollment
from models.reviews import ReviewCase
from resolvers import paths
from resolvers.reviews.deciding import decide_review
from rules.paths import PathCode, PathRecordKind
from rules.reviews import ReviewState
from rules.sites import Site
from tasks.samples.partners import partner_of, staff
from tasks.samples.stage import Person, Stage
from tasks.samples.timeline import Story

CASES = "https://files.example/cases.zip"
PLAN = "https://files.example/business-plan.pdf"


async def settle(stage: Stage, site: Site, subject_id: UUID, **verdict: Any) -> None:
    """The reviewer decides what waits about a subject: approved, unless told otherwise."""
    async with db.read(EVERYTHING):
        case = await ReviewCase.get(subject_id=subject_id, state=ReviewState.SUBMITTED)
    given = {"approve": True, **verdict}
    await stage.do(staff(stage, "reviewer", site), decide_review, review_id=case.id, **given)


async def _invited(stage: Stage, name: str, path: PathCode) -> PathEnrollment:
    main = stage.people[name]
    manager = staff(stage, "eco", main.site)
    return await stage.do(manager, paths.invite_to_path, partner_id=await partner_of(main), path=path)


async def _certified(stage: Stage, name: str, enrollment: PathEnrollment, **documents: str) -> None:
    main = stage.people[name]
    await stage.do(main, paths.apply_role_validation, enrollment_id=enrollment.id, **documents)
    stage.clock.advance(hours=5)
    await settle(stage, main.site, enrollment.id)


async def differentiate(stage: Stage, name: str, enrollment: PathEnrollment) -> None:
    """Its plan for the path's top convinces the vendor."""
    main = stage.people[name]
    await stage.do(main, paths.apply_differentiation, enrollment_id=enrollment.id, business_plan=PLAN)
    stage.clock.advance(hours=7)
    await settle(stage, main.site, enrollment.id)


async def on_service(stage: Stage, name: str) -> PathEnrollment:
    """A partner on the service path whose role is validated, with the people that it takes."""
    enrollment = await stage.do(stage.people[name], paths.select_path, path=PathCode.SERVICE)
    await validate_service(stage, name, enrollment)
    return enrollment


async def validate_service(stage: Stage, name: str, enrollment: PathEnrollment) -> None:
    """Its role there is validated, with the people that it takes."""
    await _count_people(stage, stage.people[name])
    await _certified(stage, name, enrollment, case_materials=CASES)


async def _count_people(stage: Stage, main: Person) -> None:
    partner_id, manager = await partner_of(main), staff(stage, "eco", main.site)
    for kind in (PathRecordKind.ASSOCIATE_CERTIFICATES, PathRecordKind.PROFESSIONAL_CERTIFICATES):
        await stage.do(manager, paths.set_path_record, partner_id=partner_id, kind=kind, count=3)


async def is_due(stage: Stage) -> Story:
    """Certified on the service path; the yearly review waits to be submitted."""
    yield stage.on(84, "01:30")
    enrollment = await on_service(stage, "lionrock")
    yield stage.on(392)
    await stage.do(None, paths.pass_path_year, enrollment_id=enrollment.id)


async def is_reviewed_for_the_year(stage: Stage) -> Story:
    """At the top of the path for integrators; the vendor looks at its year."""
    yield stage.on(72, "13:00")
    enrollment = await _invited(stage, "andina", PathCode.SI)
    yield stage.later(days=6)
    await stage.do(stage.people["andina"], paths.accept_path_invitation, enrollment_id=enrollment.id)
    yield stage.later(days=10)
    await _certified(stage, "andina", enrollment, case_materials=CASES)
    yield stage.later(days=3)
    await differentiate(stage, "andina", enrollment)
    yield stage.on(401)
    await stage.do(None, paths.pass_path_year, enrollment_id=enrollment.id)
    yield stage.on(411)
    await stage.do(stage.people["andina"], paths.submit_annual_review, enrollment_id=enrollment.id)


async def is_reviewed_for_its_role(stage: Stage) -> Story:
    """A distributor that has applied for its role."""
    yield stage.on(301, "06:00")
    enrollment = await _invited(stage, "huahai", PathCode.DISTRIBUTOR)
    yield stage.later(days=4)
    await stage.do(stage.people["huahai"], paths.accept_path_invitation, enrollment_id=enrollment.id)
    yield stage.on(414, "06:00")
    await stage.do(stage.people["huahai"], paths.apply_role_validation, enrollment_id=enrollment.id)


async def is_invited(stage: Stage) -> Story:
    """A distributor that has not answered yet."""
    yield stage.on(412, "07:00")
    await _invited(stage, "jinqiao", PathCode.DISTRIBUTOR)


async def never_answered(stage: Stage) -> Story:
    """An invitation that opens no more."""
    yield stage.on(150, "07:00")
    enrollment = await _invited(stage, "beidou", PathCode.SI)
    yield stage.later(days=30, hours=1)
    await stage.do(None, paths.expire_path_invitation, enrollment_id=enrollment.id)


async def left_again(stage: Stage) -> Story:
    """A partner that chose the wrong path, and left it before anything was achieved."""
    yield stage.on(345, "08:00")
    enrollment = await stage.do(stage.people["qingteng"], paths.select_path, path=PathCode.SOFTWARE)
    yield stage.later(days=5)
    await stage.do(stage.people["qingteng"], paths.exit_path, enrollment_id=enrollment.id)


STORIES = (
    is_due,
    is_reviewed_for_the_year,
    is_reviewed_for_its_role,
    is_invited,
    never_answered,
    left_again,
)
