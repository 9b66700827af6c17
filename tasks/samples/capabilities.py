"""Capability labels: an application in each state, somebody asked about some of them, and the service path that two of
them carry.
"""

from datetime import timedelta

from core import db
from core.scope import EVERYTHING
from models.capabilities import CapabilityApplication, CapabilityAssessment
from models.paths import PathEnrollment
from models.reviews import ReviewCase
from resolvers import capabilities, paths
from resolvers.reviews.deciding import claim_review
from rules.accounts import AccountKind
from rules.paths import PathCode
from rules.sites import Site
from tasks.samples.files import hand_in
from tasks.samples.partners import partner_of, staff
from tasks.samples.paths import PLAN, differentiate, on_service, settle
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story


async def _drafted(stage: Stage, name: str, level1: str, *level2: str) -> CapabilityApplication:
    proof = await hand_in(stage, stage.people[name], level1.lower(), "Acceptance report")
    return await stage.do(
        stage.people[name],
        capabilities.create_capability_application,
        level1=level1,
        level2=list(level2),
        self_check="近一年三个已验收项目覆盖标准的全部条目，验收报告见附件。",
        evidence_ids=[proof],
    )


async def _submitted(stage: Stage, name: str, level1: str, *level2: str) -> CapabilityApplication:
    made = await _drafted(stage, name, level1, *level2)
    await stage.do(stage.people[name], capabilities.submit_capability_application, application_id=made.id)
    return made


ASSESSOR = "person:cheng.shi"


async def _asked(stage: Stage, name: str, application: CapabilityApplication) -> CapabilityAssessment:
    """The vendor wants to hear a third party about it."""
    reviewer = staff(stage, "reviewer", stage.people[name].site)
    named = stage.people[ASSESSOR].contact
    given = {"application_id": application.id, "identifier": named}
    return await stage.do(reviewer, capabilities.request_assessment, **given)


async def is_an_assessor(stage: Stage) -> Story:
    """Somebody of no partner, who knows the standards."""
    yield stage.on(199, "03:10")
    contacts = {"mobile": "+8613720000031", "email": "cheng.shi@mail.example"}
    who = await stage.sign_up("程实", site=Site.CN, kind=AccountKind.PERSONAL, **contacts)
    stage.people[ASSESSOR] = who


async def applies_for_the_top(stage: Stage) -> Story:
    """Certified on the service path, with the two labels of which its application for the top tells. About either
    somebody is asked, who has no time for the second.
    """
    yield stage.on(205, "02:00")
    path = await on_service(stage, "lanjing")
    yield stage.later(days=5)
    made = await _submitted(stage, "lanjing", "MIGRATION", "HOSTS", "DATABASES")
    yield stage.later(days=2)
    asked = await _asked(stage, "lanjing", made)
    yield stage.later(days=6)
    said = {"favourable": True, "statement": "三个项目的验收报告齐全，均达到标准的全部要求。"}
    await stage.do(stage.people[ASSESSOR], capabilities.give_assessment, assessment_id=asked.id, **said)
    yield stage.later(days=1)
    await settle(stage, stage.people["lanjing"].site, made.id)
    yield stage.later(days=5)
    made = await _submitted(stage, "lanjing", "DATA", "LAKE", "REPORTING")
    yield stage.later(days=1)
    asked = await _asked(stage, "lanjing", made)
    yield asked.due_at + timedelta(minutes=20)
    await stage.do(None, capabilities.expire_assessment, assessment_id=asked.id)
    yield stage.later(days=1)
    await settle(stage, stage.people["lanjing"].site, made.id)
    yield stage.on(413, "02:00")
    await stage.do(stage.people["lanjing"], paths.apply_differentiation, enrollment_id=path.id, business_plan=PLAN)


async def reaches_the_top(stage: Stage) -> Story:
    """Differentiated on the service path by two labels and a plan."""
    yield stage.on(224, "02:20")
    for level1, level2 in (("MIGRATION", ("HOSTS", "DATABASES")), ("DATA", ("LAKE", "REPORTING"))):
        yield stage.later(days=4)
        made = await _submitted(stage, "yunshan", level1, *level2)
        yield stage.later(days=9)
        await settle(stage, stage.people["yunshan"].site, made.id)
    yield stage.later(days=3)
    owner = await partner_of(stage.people["yunshan"])
    async with db.read(EVERYTHING):
        path = await PathEnrollment.get(partner_id=owner, path=PathCode.SERVICE)
    await differentiate(stage, "yunshan", path)


async def has_lapsed(stage: Stage) -> Story:
    """A label of a year that nobody applied for again."""
    yield stage.on(38, "02:00")
    made = await _submitted(stage, "lionrock", "PLANNING", "ASSESSMENT", "LANDING_ZONE")
    yield stage.later(days=7)
    await settle(stage, stage.people["lionrock"].site, made.id)
    for day in (351, 411):
        yield stage.on(day)
        await stage.do(None, capabilities.pass_capability_time, application_id=made.id)


async def was_rejected(stage: Stage) -> Story:
    """Its proof was too old, which needs nobody else's word."""
    yield stage.on(300, "02:40")
    made = await _submitted(stage, "xinyuan", "SECURITY", "HARDENING", "RESPONSE")
    yield stage.later(days=1)
    asked = await _asked(stage, "xinyuan", made)
    yield stage.later(days=1)
    reviewer = staff(stage, "reviewer", stage.people["xinyuan"].site)
    await stage.do(reviewer, capabilities.revoke_assessment, assessment_id=asked.id)
    yield stage.later(days=6)
    reason = "The newest report is older than two years."
    await settle(stage, stage.people["xinyuan"].site, made.id, approve=False, reason=reason)


async def is_assessed(stage: Stage) -> Story:
    """A reviewer has taken it up."""
    yield stage.on(416, "01:10")
    made = await _submitted(stage, "saigon", "OPERATIONS", "MONITORING", "INCIDENTS")
    yield stage.later(days=3)
    async with db.read(EVERYTHING):
        case = await ReviewCase.get(subject_id=made.id)
    await stage.do(staff(stage, "reviewer", stage.people["saigon"].site), claim_review, review_id=case.id)


async def waits(stage: Stage) -> Story:
    """One that waits for the vendor, which has asked somebody about it, and one that is not finished."""
    yield stage.on(415, "02:20")
    await _drafted(stage, "shanhe", "INTELLIGENCE")
    yield stage.on(418, "02:20")
    made = await _submitted(stage, "yunshan", "MODERNISATION", "CONTAINERS", "MICROSERVICES")
    yield stage.later(days=1)
    await _asked(stage, "yunshan", made)


STORIES = (is_an_assessor, applies_for_the_top, reaches_the_top, has_lapsed, was_rejected, is_assessed, waits)
