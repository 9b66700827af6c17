"""Experts for whom the vendor pays a partner: its qualifications, a list in each of its states, and the payouts."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.experts import Expert, ExpertIncentive, ExpertQualification
from models.incentives import PayoutRequest
from models.specialists import SpecialistBinding
from resolvers import experts, specialists
from resolvers.incentives import payouts
from rules.experts import SCHEMES, ExpertLevel, ExpertSchemeCode, compute_last_generation, months_of, period_of
from rules.incentives.kinds import PayoutMethod
from rules.money import format_amount
from rules.sites import Site
from rules.specialists import BindingState
from rules.statements import StatementCode, present
from tasks.samples.files import hand_in
from tasks.samples.partners import partner_of, staff
from tasks.samples.paths import settle
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story

PARTNER = "yunshan"
APPLIES, QUALIFIES, ENTERS = (timedelta(days=days) for days in (21, 14, 10))
"""How long before its first list the partner applies for a scheme, is qualified and has its people entered: long enough
for the clock to be late by another story's week.
"""
REMINDED = (timedelta(days=14), timedelta(days=7), timedelta(hours=30))
"""When its partner is reminded of a list that nobody looks at, before the deadline."""
_MOMENT = timedelta(seconds=1)
_PROOFS = {
    "employment_ids": ("contracts", "Employment contracts"),
    "social_insurance_ids": ("insurance", "Social insurance of the month"),
    "acceptance_ids": ("acceptance", "Acceptance reports"),
}
_S, _L = ExpertSchemeCode, ExpertLevel
Step = Callable[[Stage, ExpertIncentive], Awaitable[object]]
Life = tuple[tuple[float, Step], ...]
"""What becomes of a list, each so many days after it was made."""


async def confirm(stage: Stage, row: ExpertIncentive) -> None:
    """The partner has counted its people."""
    given = {"incentive_id": row.id, "head_count": row.head_count, "total": format_amount(row.amount)}
    await stage.do(stage.people[PARTNER], experts.confirm_expert_incentive, **given)


async def hand_over(stage: Stage, row: ExpertIncentive) -> None:
    """The partner shows the month's materials."""
    main = stage.people[PARTNER]
    files = {name: [await hand_in(stage, main, *file)] for name, file in _PROOFS.items()}
    await stage.do(main, experts.submit_expert_materials, incentive_id=row.id, **files)


async def approve(stage: Stage, row: ExpertIncentive) -> None:
    """The vendor finds the materials in order."""
    await settle(stage, Site.CN, row.id)


async def send_back(stage: Stage, row: ExpertIncentive) -> None:
    """The vendor misses something."""
    await settle(stage, Site.CN, row.id, approve=False, reason="验收报告缺少客户盖章，请补充后重新提交。")


async def miss_somebody(stage: Stage, row: ExpertIncentive) -> None:
    """The partner says who is not on the list."""
    await _object(stage, row, "陆川自上月起承担架构交付，未列入本月名单。")


async def ask_for_more(stage: Stage, row: ExpertIncentive) -> None:
    """The partner thinks that somebody can do more than the list says."""
    await _object(stage, row, "章锐已通过首席专家评估，级别请按首席核算。")


async def _object(stage: Stage, row: ExpertIncentive, objection: str) -> None:
    given = {"incentive_id": row.id, "objection": objection}
    await stage.do(stage.people[PARTNER], experts.dispute_expert_incentive, **given)


async def count_again(stage: Stage, row: ExpertIncentive) -> None:
    """The vendor's operations enter who was missing, and the list is counted anew."""
    await enter(stage, "lu.chuan", row.scheme, _L.SENIOR, assessed=True)
    await _answer(stage, row, "陆川已补录，名单已重新核算。", recount=True)


async def leave_as_it_is(stage: Stage, row: ExpertIncentive) -> None:
    """The vendor's operations see nothing to change."""
    await _answer(stage, row, "系统中尚无首席专家评估记录，请先提交评估结果。", recount=False)


async def _answer(stage: Stage, row: ExpertIncentive, answer: str, *, recount: bool) -> None:
    given = {"incentive_id": row.id, "answer": answer, "recount": recount}
    await stage.do(staff(stage, "ops", Site.CN), experts.answer_expert_dispute, **given)


async def remind(stage: Stage, row: ExpertIncentive) -> None:
    """What the clock does some working days before a deadline."""
    await stage.do(None, experts.remind_of_expert_incentive, incentive_id=row.id)


RIGHT: Life = ((6, confirm), (13, hand_over), (20, approve))
LATE: Life = ((6, confirm), (15, remind), (17, hand_over), (20, approve))
COUNTED_AGAIN: Life = ((3, miss_somebody), (6, count_again), (9, confirm), (16, hand_over), (24, approve))
SENT_BACK: Life = ((8, confirm), (18, hand_over), (50, send_back), (64, hand_over))
ARGUED: Life = ((4, ask_for_more), (12, leave_as_it_is), (24, ask_for_more))
NEWEST: Life = ((9, confirm), (20, hand_over))


async def month(stage: Stage, scheme: ExpertSchemeCode, made_at: datetime, until: datetime, life: Life) -> Story:
    """The list that was made then; what its life would bring from `until` on has not happened yet."""
    yield made_at
    row = await _make(stage, scheme)
    for after, step in life:
        instant = made_at + timedelta(days=after)
        if instant >= until:
            return
        yield instant
        await step(stage, await _now(row.id))


async def nobody_looked(stage: Stage, scheme: ExpertSchemeCode, made_at: datetime) -> Story:
    """The partner's first list, which it forgot in spite of all reminders."""
    yield made_at
    row = await _make(stage, scheme)
    for ahead in REMINDED:
        yield row.deadline - ahead
        await remind(stage, row)
    yield row.deadline
    await stage.do(None, experts.expire_expert_incentive, incentive_id=row.id)


async def _make(stage: Stage, scheme: ExpertSchemeCode) -> ExpertIncentive:
    """What the clock does on the scheme's day."""
    owner = await partner_of(stage.people[PARTNER])
    async with db.read(EVERYTHING):
        qualification = await ExpertQualification.get(partner_id=owner, scheme=scheme)
    made = await stage.do(None, experts.generate_expert_incentive, qualification_id=qualification.id)
    assert made is not None
    return made


async def _now(incentive_id: UUID) -> ExpertIncentive:
    async with db.read(EVERYTHING):
        return await ExpertIncentive.get(id=incentive_id)


async def enter(
    stage: Stage,
    name: str,
    scheme: ExpertSchemeCode,
    level: ExpertLevel,
    *,
    assessed: bool = False,
    project: str | None = None,
) -> Expert:
    """The vendor's operations enter an employee of the partner, who shows a certificate unless it was assessed."""
    person = stage.people[f"person:{name}"]
    if not assessed:
        shown = {"kind": "HCIE", "number": f"HE-{person.account_id.hex[-8:]}", "issued_on": stage.start.date()}
        await stage.do(person, specialists.save_specialist_certificate, **shown)
    async with db.read(EVERYTHING):
        binding = await SpecialistBinding.get(account_id=person.account_id, state=BindingState.SPECIALIST)
    given = {"binding_id": binding.id, "scheme": scheme, "level": level, "assessed": assessed, "project": project}
    return await stage.do(staff(stage, "ops", person.site), experts.enter_expert, **given)


async def _apply(stage: Stage, name: str, scheme: ExpertSchemeCode) -> ExpertQualification:
    version = present(StatementCode.EXPERT_INCENTIVE).version
    given = {"scheme": scheme, "agreement_version": version}
    return await stage.do(stage.people[name], experts.apply_for_expert_scheme, **given)


async def _qualifies(stage: Stage, scheme: ExpertSchemeCode, first: datetime) -> Story:
    """The partner is qualified before its first list of a scheme, until its people are entered."""
    yield first - APPLIES
    qualification = await _apply(stage, PARTNER, scheme)
    yield first - QUALIFIES
    await settle(stage, Site.CN, qualification.id)
    yield first - ENTERS


async def has_certified_experts(stage: Stage, first: datetime) -> Story:
    """Qualified before its first list, with two persons entered."""
    async for instant in _qualifies(stage, _S.CERTIFIED_EXPERT, first):
        yield instant
    await enter(stage, "gao.lei", _S.CERTIFIED_EXPERT, _L.PRINCIPAL)
    await enter(stage, "ding.yue", _S.CERTIFIED_EXPERT, _L.SENIOR, assessed=True)


async def has_service_experts(stage: Stage, first: datetime) -> Story:
    """The same for its service experts, one of whom was entered for the wrong scheme at first."""
    async for instant in _qualifies(stage, _S.SERVICE_EXPERT, first):
        yield instant
    await enter(stage, "wen.jing", _S.SERVICE_EXPERT, _L.PRINCIPAL)
    mistaken = await enter(stage, "zhang.rui", _S.CERTIFIED_EXPERT, _L.SENIOR, assessed=True)
    yield stage.later(minutes=20)
    given = {"expert_id": mistaken.id, "reason": "应列入服务专家激励。"}
    await stage.do(staff(stage, "ops", Site.CN), experts.remove_expert, **given)
    await enter(stage, "zhang.rui", _S.SERVICE_EXPERT, _L.SENIOR, assessed=True)


async def has_a_centre_of_excellence(stage: Stage, first: datetime) -> Story:
    """The same for its centre of excellence, whose people the vendor has assessed."""
    async for instant in _qualifies(stage, _S.CCOE, first):
        yield instant
    await enter(stage, "shen.an", _S.CCOE, _L.PRINCIPAL, assessed=True)


async def asks_for_presales(stage: Stage) -> Story:
    """A consultancy abroad whose solution architect works on one project; it has asked for the month's list itself, and
    the materials are still to come.
    """
    yield stage.on(362, "06:10")
    qualification = await _apply(stage, "andina", _S.SI_PRESALES)
    yield stage.later(days=5)
    await settle(stage, Site.INTL, qualification.id)
    yield stage.later(days=9)
    project = "Core banking migration, phase 2"
    await enter(stage, "rosa.quispe", _S.SI_PRESALES, _L.SENIOR, project=project)
    yield stage.on(408, "06:10")
    await stage.do(stage.people["andina"], experts.request_expert_incentive, scheme=_S.SI_PRESALES)


async def is_paid(stage: Stage, *made: datetime) -> Story:
    """A quarter that is final: one month is in the bank; one was asked for anew, since its invoice was wrong, and waits
    for another; of one nobody has thought yet.
    """
    yield max(made) + timedelta(days=21)
    periods = [period_of(instant) for instant in made]
    owner = await partner_of(stage.people[PARTNER])
    async with db.read(EVERYTHING):
        wanted = ExpertIncentive.filter(partner_id=owner, scheme=_S.CERTIFIED_EXPERT, period__in=periods)
        rows = await wanted.order_by("period")
    for row in rows:
        await stage.do(None, experts.close_expert_incentive, incentive_id=row.id)
    yield stage.later(days=2)
    right = await _ask(stage, rows[0], PayoutMethod.BANK_TRANSFER)
    wrong = await _ask(stage, rows[1], PayoutMethod.ACCOUNT)
    yield stage.later(days=8)
    finance = staff(stage, "finance", Site.CN)
    await stage.do(finance, payouts.complete_payout, payout_id=right.id)
    await stage.do(finance, payouts.reject_payout, payout_id=wrong.id, reason="发票购买方税号有误，请重新开具。")
    yield stage.later(days=13)
    await _ask(stage, rows[1], PayoutMethod.ACCOUNT)


async def _ask(stage: Stage, row: ExpertIncentive, method: PayoutMethod) -> PayoutRequest:
    given = {"incentive_ids": [row.id], "method": method}
    return await stage.do(stage.people[PARTNER], experts.request_expert_payout, **given)


async def has_applied(stage: Stage) -> Story:
    """An application that waits for the vendor."""
    yield stage.on(415, "07:15")
    await _apply(stage, "lanjing", _S.CERTIFIED_EXPERT)


async def was_not_qualified(stage: Stage) -> Story:
    """An application that the vendor rejected."""
    yield stage.on(403, "08:20")
    qualification = await _apply(stage, "lionrock", _S.CERTIFIED_EXPERT)
    yield stage.later(days=6)
    reason = "Nobody of your company is a project specialist yet."
    await settle(stage, Site.INTL, qualification.id, approve=False, reason=reason)


def _days_of_lists(stage: Stage, scheme: ExpertSchemeCode, until: datetime) -> Iterator[datetime]:
    """When the lists of a scheme are made, the newest before `until` first."""
    policy = stage.policy(Site.CN)
    made_at = compute_last_generation(SCHEMES[scheme], until, policy=policy)
    while made_at is not None:
        yield made_at
        made_at = compute_last_generation(SCHEMES[scheme], made_at - _MOMENT, policy=policy)


def _certified_experts(stage: Stage, until: datetime) -> list[Story]:
    """Back from the newest list, which waits: one that was sent back, and so keeps its quarter open; approved ones of
    that quarter; the quarter before; and the first list of all.
    """
    scheme = _S.CERTIFIED_EXPERT
    newest, second, *older = islice(_days_of_lists(stage, scheme, until), 8)
    approved = [one for one in older if period_of(one) in months_of(period_of(second))]
    third_paid, second_paid, first_paid, forgotten = older[len(approved) : len(approved) + 4]
    age = (until - second) / timedelta(days=1)
    returned: Life = ((age * 0.3, confirm), (age * 0.5, hand_over), (age * 0.8, send_back))
    lives = {first_paid: COUNTED_AGAIN, second_paid: LATE, third_paid: RIGHT, second: returned, newest: ()}
    return [
        has_certified_experts(stage, forgotten),
        nobody_looked(stage, scheme, forgotten),
        *(month(stage, scheme, one, until, RIGHT) for one in approved),
        *(month(stage, scheme, one, until, life) for one, life in lives.items()),
        is_paid(stage, first_paid, second_paid, third_paid),
    ]


def _service_experts(stage: Stage, until: datetime) -> list[Story]:
    """Back from the newest list: one that is disputed, one that is approved, one that was handed in twice. Of two
    neighbours one is undecided, so that the approved month is of no final quarter.
    """
    scheme = _S.SERVICE_EXPERT
    made = list(islice(_days_of_lists(stage, scheme, until), 4))
    lives = zip(made, (NEWEST, ARGUED, RIGHT, SENT_BACK), strict=True)
    return [
        has_service_experts(stage, made[-1]),
        *(month(stage, scheme, one, until, life) for one, life in lives),
    ]


def _centre_of_excellence(stage: Stage, until: datetime) -> list[Story]:
    """One list so far, looked at in time like the newest of the service experts."""
    newest = next(_days_of_lists(stage, _S.CCOE, until))
    return [has_a_centre_of_excellence(stage, newest), month(stage, _S.CCOE, newest, until, NEWEST)]


def stories(stage: Stage, days: int) -> list[Story]:
    """Everything about experts, in a history of so many days."""
    until = stage.on(days, "00:00")
    told = [*_certified_experts(stage, until), *_service_experts(stage, until), *_centre_of_excellence(stage, until)]
    return [*told, has_applied(stage), was_not_qualified(stage), asks_for_presales(stage)]
