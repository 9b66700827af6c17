"""Employees whom a partner invites: in every state of an invitation and of a binding, and what custom roles are for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from resolvers import accounts, members, paths, specialists
from rules.access import Permission, Role
from rules.accounts import AccountKind, RealNameKind
from rules.paths import PathCode
from rules.specialists import DeployMode, Position
from rules.statements import StatementCode, present
from tasks.samples.companies import PARTNERS
from tasks.samples.files import hand_in
from tasks.samples.partners import staff, submit_real_name
from tasks.samples.paths import settle, validate_service
from tasks.samples.stage import Person, Stage
from tasks.samples.timeline import Story

PARTNER = "yunshan"


@dataclass(slots=True)
class Employment:
    """An employee on its way: who it is, the account, the invitation to it, the binding that came of it."""

    wanted: "Employee"
    person: Person
    invitation_id: UUID | None = None
    binding_id: UUID | None = None


Step = Callable[[Stage, Employment], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody with a personal account, and what happens to it from a day on, one step every two days.

    `company` is the partner's domain, `path` the one that the person is a specialist of. On INTL nobody here has a
    mobile number.
    """

    name: str
    full_name: str
    mobile: str | None
    day: int
    steps: tuple[Step, ...]
    email: str | None = None
    company: str = PARTNER
    path: PathCode = PathCode.SERVICE
    place: str = "上海"


def _main(stage: Stage, who: Employment) -> Person:
    return stage.people[who.wanted.company]


async def _invite(stage: Stage, who: Employment) -> None:
    named = who.wanted.mobile or who.wanted.email
    invited = await stage.do(_main(stage, who), specialists.invite_specialist, identifier=named)
    who.invitation_id = invited.id


async def _send_again(stage: Stage, who: Employment) -> None:
    main = _main(stage, who)
    await stage.do(main, specialists.resend_specialist_invitation, invitation_id=who.invitation_id)


async def _revoke(stage: Stage, who: Employment) -> None:
    main = _main(stage, who)
    await stage.do(main, specialists.revoke_specialist_invitation, invitation_id=who.invitation_id)


async def _decline(stage: Stage, who: Employment) -> None:
    await stage.do(who.person, specialists.decline_specialist_invitation, invitation_id=who.invitation_id)


async def _expire(stage: Stage, who: Employment) -> None:
    stage.clock.advance(days=7)
    await stage.do(None, specialists.expire_specialist_invitation, invitation_id=who.invitation_id)


async def _accept(stage: Stage, who: Employment) -> None:
    version = present(StatementCode.SHARING).version
    given = {"invitation_id": who.invitation_id, "statement_version": version}
    who.binding_id = (await stage.do(who.person, specialists.accept_specialist_invitation, **given)).id


async def _tell(stage: Stage, who: Employment) -> None:
    """What the person tells of itself."""
    await stage.do(
        who.person,
        specialists.save_specialist_employment,
        position=Position.SOLUTION_ARCHITECT,
        employer=PARTNERS[who.wanted.company].name,
        cloud_since=date(2023, 7, 3),
        base_location=who.wanted.place,
        upload_id=await hand_in(stage, who.person, "employment", "Employment contract"),
    )
    certified = {"kind": "HCIP", "number": f"HC-{who.person.account_id.hex[-8:]}", "issued_on": date(2024, 9, 20)}
    await stage.do(who.person, specialists.save_specialist_certificate, **certified)


async def _apply(stage: Stage, who: Employment) -> None:
    main = _main(stage, who)
    file = await hand_in(stage, main, "projects", "Projects of the last two years")
    mode = DeployMode.NATIONAL if who.wanted.path is PathCode.SERVICE else None
    given = {"path": who.wanted.path, "deploy_mode": mode, "upload_ids": [file]}
    await stage.do(main, specialists.apply_for_specialists, binding_ids=[who.binding_id], **given)


async def _ask_cancellation(stage: Stage, who: Employment) -> None:
    main = _main(stage, who)
    given = {"reason": "转任内部管理岗位。", "upload_id": await hand_in(stage, main, "transfer", "Notice of transfer")}
    await stage.do(main, specialists.request_specialist_cancellation, binding_id=who.binding_id, **given)


async def _cancel(stage: Stage, who: Employment) -> None:
    manager = staff(stage, "eco", who.person.site)
    given = {"reason": "两个季度没有参与任何项目。"}
    await stage.do(manager, specialists.cancel_specialist, binding_id=who.binding_id, **given)


async def _approve(stage: Stage, who: Employment) -> None:
    await settle(stage, who.person.site, _binding(who))


async def _reject(stage: Stage, who: Employment) -> None:
    await settle(stage, who.person.site, _binding(who), approve=False, reason="缺少项目交付证明。")


def _binding(who: Employment) -> UUID:
    assert who.binding_id is not None
    return who.binding_id


async def _ask_to_leave(stage: Stage, who: Employment) -> None:
    given = {"binding_id": who.binding_id, "reason": "我即将离职。"}
    await stage.do(who.person, specialists.request_specialist_unbind, **given)


async def _unbind(stage: Stage, who: Employment) -> None:
    main = _main(stage, who)
    await stage.do(main, specialists.unbind_specialist, binding_id=who.binding_id, reason="员工已离职。")


async def _known_as_member(stage: Stage, who: Employment) -> None:
    """A member of the partner, whose roles the review holds."""
    given = {"binding_id": who.binding_id, "member_id": stage.people["qian.bo"].account_id}
    await stage.do(_main(stage, who), specialists.assign_specialist_member, **given)


_BOUND = (_invite, _accept)
_TOLD = (*_BOUND, _tell)
_SPECIALIST = (*_TOLD, _apply, _approve)
EMPLOYEES = (
    Employee("gao.lei", "高磊", "+8613720000001", 96, _SPECIALIST, "gao.lei@mail.example"),
    Employee("ding.yue", "丁悦", "+8613720000013", 102, _SPECIALIST),
    Employee("lu.chuan", "陆川", "+8613720000014", 150, _SPECIALIST),
    Employee("wen.jing", "温静", "+8613720000015", 187, _SPECIALIST),
    Employee("zhang.rui", "章锐", "+8613720000016", 214, _SPECIALIST),
    Employee("luo.dan", "罗丹", "+8613720000002", 118, (*_SPECIALIST, _ask_cancellation, _approve)),
    Employee("shi.jun", "石军", "+8613720000003", 144, (*_SPECIALIST, _cancel)),
    Employee("yu.qing", "余晴", "+8613720000004", 170, (*_BOUND, _ask_to_leave, _unbind)),
    Employee("fan.hua", "范华", "+8613720000005", 201, (_invite, _decline)),
    Employee("xie.yun", "谢云", "+8613720000006", 222, (_invite, _expire)),
    Employee("jin.tao", "金涛", "+8613720000007", 240, (_invite, _revoke)),
    Employee("mo.yan", "莫言之", "+8613720000008", 398, (*_SPECIALIST, _ask_cancellation)),
    Employee("qian.bo", "钱波", "+8613720000009", 401, (*_TOLD, _known_as_member, _apply)),
    Employee("pan.xin", "潘欣", "+8613720000010", 404, (*_TOLD, _apply, _reject)),
    Employee("tang.yi", "唐艺", "+8613720000011", 410, (*_BOUND, _ask_to_leave), "tang.yi@mail.example"),
    Employee("he.miao", "何苗", "+8613720000012", 413, (_invite, _send_again), "he.miao@mail.example"),
    Employee("shen.an", "沈安", "+8613720000017", 262, _SPECIALIST),
    Employee(
        "rosa.quispe",
        "Rosa Quispe",
        None,
        276,
        _SPECIALIST,
        "rosa.quispe@mail.example",
        "andina",
        PathCode.SI,
        "Lima",
    ),
)


async def employee(stage: Stage, wanted: Employee) -> Story:
    """An employee from its sign-up to today."""
    yield stage.on(wanted.day, "03:40")
    person = await stage.sign_up(
        wanted.full_name,
        site=PARTNERS[wanted.company].site,
        mobile=wanted.mobile,
        email=wanted.email,
        kind=AccountKind.PERSONAL,
    )
    stage.people[f"person:{wanted.name}"] = person
    yield stage.later(hours=2)
    number = f"31010119900101{wanted.mobile[-4:]}" if wanted.mobile else f"P-{person.account_id.hex[-8:]}"
    case_id = await submit_real_name(stage, person, wanted.full_name, number, RealNameKind.PERSONAL)
    yield stage.later(hours=20)
    reviewer = staff(stage, "reviewer", person.site)
    await stage.do(reviewer, accounts.decide_real_name, case_id=case_id, approve=True)
    who = Employment(wanted, person)
    for step in wanted.steps:
        yield stage.later(days=2)
        await step(stage, who)


async def takes_the_service_path(stage: Stage) -> Story:
    """The partner chooses the path that its specialists work on, and is certified there when it has the first ones."""
    yield stage.on(74, "05:10")
    enrollment = await stage.do(stage.people[PARTNER], paths.select_path, path=PathCode.SERVICE)
    yield stage.on(122, "05:10")
    await validate_service(stage, PARTNER, enrollment)


async def puts_roles_together(stage: Stage) -> Story:
    """Two roles of the partner's own: one that a member has beside its preset ones, one that nobody has yet."""
    yield stage.on(88, "06:20")
    main, clerk = stage.people[PARTNER], stage.people["sun.li"]
    people = (Permission.MEMBERS_READ, Permission.SPECIALISTS_READ, Permission.SPECIALISTS_APPLY)
    role = await stage.do(main, members.add_role, name="人事专员", permissions=[one.value for one in people])
    given = {"roles": (Role.FINANCE, Role.OPERATIONS), "custom_role_ids": [role.id]}
    await stage.do(main, members.change_member_roles, member_id=clerk.account_id, **given)
    yield stage.later(days=30)
    await stage.do(main, members.add_role, name="审计员", permissions=[Permission.CUSTOMERS_READ.value])


def stories(stage: Stage) -> list[Story]:
    """Everything about employees and what members may do."""
    return [takes_the_service_path(stage), puts_roles_together(stage), *(employee(stage, one) for one in EMPLOYEES)]
