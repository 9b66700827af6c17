"""What companies tell of themselves, in every state of a change, and a distributor that has not paid its bill."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.partners import CompanyChange
from models.reviews import ReviewCase
from resolvers.partners.benefits import GivenBill, record_overdue_bills
from resolvers.partners.companies import submit_company_change, withdraw_company_change
from resolvers.reviews.deciding import decide_review
from rules.partners.companies import CompanyContact
from rules.reviews import ReviewState
from rules.sites import Site
from rules.uploads import UploadPurpose
from tasks.samples.files import hand_in
from tasks.samples.partners import partner_of, staff
from tasks.samples.stage import Person, Stage
from tasks.samples.timeline import Story


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill as the vendor's billing names it."""

    number: str
    amount: str
    overdue_since: datetime


async def _decide(stage: Stage, site: Site, change_id: UUID, **verdict: object) -> None:
    async with db.read(EVERYTHING):
        case = await ReviewCase.get(subject_id=change_id, state=ReviewState.SUBMITTED)
    await stage.do(staff(stage, "reviewer", site), decide_review, review_id=case.id, **verdict)


async def _submit(stage: Stage, who: Person, **wanted: object) -> CompanyChange:
    return await stage.do(who, submit_company_change, **wanted)


async def is_complete(stage: Stage) -> Story:
    """All that a company can tell, accepted."""
    yield stage.on(180, "03:00")
    yunshan, shows = stage.people["yunshan"], UploadPurpose.LICENCE
    change = await _submit(
        stage,
        yunshan,
        licence=await hand_in(stage, yunshan, "yunshan-licence", "Business licence", purpose=shows),
        english_name="Yunshan Cloud Technology Co., Ltd.",
        legal_representative="周明远",
        address="杭州市西湖区文三路 90 号",
        website="https://yunshan.example",
        headcount=120,
        introduction="面向制造业的云迁移与运维服务商。",
        contacts=[
            CompanyContact("周敏", "渠道总监", "+8613710000001", "zhou.min@yunshan.example"),
            CompanyContact("孙丽", "财务经理", "+8613710000003"),
        ],
    )
    yield stage.later(days=2)
    await _decide(stage, Site.CN, change.id, approve=True)


async def waits_for_the_vendor(stage: Stage) -> Story:
    """A new address that somebody has to look at."""
    yield stage.on(417, "06:20")
    await _submit(stage, stage.people["xingchen"], address="苏州市工业园区星湖街 328 号", headcount=64)


async def was_rejected(stage: Stage) -> Story:
    """A licence that could not be read."""
    yield stage.on(402, "05:10")
    lionrock = stage.people["lionrock"]
    licence = await hand_in(stage, lionrock, "certificate-of-incorporation", "Certificate of incorporation")
    change = await _submit(stage, lionrock, licence=licence)
    yield stage.later(days=1)
    await _decide(stage, Site.INTL, change.id, approve=False, reason="The scan cannot be read.")


async def was_taken_back(stage: Stage) -> Story:
    """Somebody noticed the mistake in time."""
    yield stage.on(398, "05:40")
    change = await _submit(stage, stage.people["qingteng"], website="https://qingteng.exmaple")
    yield stage.later(hours=2)
    await stage.do(stage.people["qingteng"], withdraw_company_change, change_id=change.id)


async def owes_a_bill(stage: Stage) -> Story:
    """Its benefits are frozen until it has paid."""
    yield stage.on(416, "02:30")
    bill: GivenBill = Bill("BILL-202601-00417", "1860.00", stage.later(days=-1))
    await stage.do(
        staff(stage, "ops", Site.CN),
        record_overdue_bills,
        partner_id=await partner_of(stage.people["jinqiao"]),
        bills=[bill],
    )


STORIES = (is_complete, waits_for_the_vendor, was_rejected, was_taken_back, owes_a_bill)
