"""How the sample data's customers came to their partners, and what the two asked of each other afterwards."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.associations import AssociationRequest
from models.customers import CustomerInvitation
from resolvers import associations, customers
from resolvers.command import Command
from resolvers.customers.invitations import token_of
from rules.customers import AssociationType, CustomerFact
from tasks.samples.companies import CUSTOMERS, Company
from tasks.samples.partners import staff
from tasks.samples.stage import Person, Stage
from tasks.samples.timeline import Story

REFERRAL, RESALE = AssociationType.REFERRAL, AssociationType.RESALE


class Outcome(Enum):
    """What becomes of a request."""

    PENDING = auto()
    DONE = auto()
    REJECTED = auto()
    WITHDRAWN = auto()
    EXPIRED = auto()


class Asks(Enum):
    """What is asked, and by whom."""

    UNBIND = auto()
    SWITCH = auto()
    LEAVE = auto()


@dataclass(frozen=True, slots=True)
class Request:
    """A request on a day, and what becomes of it."""

    asks: Asks
    outcome: Outcome
    day: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A customer of a partner from the first contact on."""

    company: Company
    partner: str
    by: str
    """Who reports it or hands it the link."""
    day: int
    type: AssociationType
    by_link: bool
    requests: tuple[Request, ...] = ()
    facts: tuple[CustomerFact, ...] = ()


_U, _S, _L = Asks.UNBIND, Asks.SWITCH, Asks.LEAVE
_PENDING, _DONE, _REJECTED, _WITHDRAWN, _EXPIRED = Outcome
_F = CustomerFact

_WHOSE = {
    "yunshan": 9,
    "xingchen": 6,
    "huahai": 3,
    "jinqiao": 2,
    "lanjing": 3,
    "shanhe": 2,
    "beidou": 2,
    "xinyuan": 1,
    "lionrock": 6,
    "andina": 3,
    "bluedelta": 1,
    "saigon": 2,
}
"""How many of the customers, in their order, are whose."""

_REQUESTS: dict[str, tuple[Request, ...]] = {
    "bailian": (Request(_U, _PENDING, 412),),
    "yihe": (Request(_L, _PENDING, 414),),
    "xueersheng": (Request(_U, _DONE, 228),),
    "lvtong": (Request(_S, _DONE, 301),),
    "heyi": (Request(_S, _PENDING, 409),),
    "jinsui": (Request(_U, _REJECTED, 379),),
    "baosteel": (Request(_U, _WITHDRAWN, 391),),
    "lvyou": (Request(_U, _EXPIRED, 352),),
    "zhihui": (Request(_L, _REJECTED, 366),),
    "guangying": (Request(_L, _WITHDRAWN, 383),),
    "anxin": (Request(_L, _EXPIRED, 344),),
    "meijia": (Request(_S, _REJECTED, 372),),
    "ruikang": (Request(_L, _DONE, 315),),
    "hailan": (Request(_U, _DONE, 388),),
    "zhongke": (Request(_S, _WITHDRAWN, 361),),
    "leyou": (Request(_S, _EXPIRED, 349),),
    "merlion": (Request(_U, _REJECTED, 372), Request(_U, _WITHDRAWN, 394), Request(_U, _PENDING, 415)),
    "batik": (Request(_L, _DONE, 340),),
    "pampas": (Request(_S, _DONE, 330),),
    "savanna": (Request(_L, _PENDING, 416),),
}
_FACTS: dict[str, tuple[CustomerFact, ...]] = {
    "tianmu": (_F.ARREARS, _F.CASH_CONSUMPTION),
    "haoche": (_F.SUPPORT_PLAN,),
    "kuaidi": (_F.ORDERS_AWAIT_PAYMENT,),
    "xinghuo": (_F.RESERVED_INSTANCE,),
    "nusantara": (_F.KEY_ACCOUNT,),
    "orchid": (_F.NO_CURRENCY,),
}
_BY_MEMBERS = {"lvtong": "wu.jie", "heyi": "wu.jie", "tianmu": "wu.jie", "haoche": "wu.jie", "lvyou": "lin.fang"}


def relations() -> list[Relation]:
    """All forty, the partners' shares in order; every third comes by a general link, every fourth pays by itself."""
    whose = [partner for partner, share in _WHOSE.items() for _ in range(share)]
    return [
        Relation(
            company=company,
            partner=partner,
            by=_BY_MEMBERS.get(company.domain, partner),
            day=112 + 5 * place,
            type=REFERRAL if place % 4 == 3 else RESALE,
            by_link=place % 3 == 2,
            requests=_REQUESTS.get(company.domain, ()),
            facts=_FACTS.get(company.domain, ()),
        )
        for place, (company, partner) in enumerate(zip(CUSTOMERS, whose, strict=True))
    ]


async def relation(stage: Stage, wanted: Relation) -> Story:
    """A customer from the first contact to today."""
    company = wanted.company
    yield stage.on(wanted.day, "03:15")
    invitation = await invite(stage, wanted)
    yield stage.later(hours=5)
    customer = await stage.sign_up(company.name, site=company.site, mobile=company.mobile, email=company.email)
    stage.people[company.domain] = customer
    yield stage.later(minutes=20)
    customer_id = await accept(stage, customer, invitation)
    if wanted.facts:
        yield stage.later(days=40)
        ops = staff(stage, "ops", company.site)
        await stage.do(ops, customers.record_customer_facts, customer_id=customer_id, facts=list(wanted.facts))
    for request in wanted.requests:
        yield stage.on(request.day, "06:40")
        async for instant in _ask(stage, wanted, request, customer_id):
            yield instant


async def invite(stage: Stage, wanted: Relation) -> CustomerInvitation:
    """The invitation as the customer gets it: by mail about a report, or the general link of somebody."""
    company, by = wanted.company, stage.people[wanted.by]
    if wanted.by_link:
        return await _general_link(stage, by, wanted.type)
    report = await stage.do(
        by,
        customers.report_customer,
        customer_name=company.name,
        mobile=company.mobile,
        email=company.email,
        send_invite=True,
        association_type=wanted.type,
        external_ref=f"CRM-{company.number}",
    )
    return await last_invitation(report.id)


async def last_invitation(report_id: UUID) -> CustomerInvitation:
    """The invitation sent last about a report."""
    async with db.read(EVERYTHING):
        return await CustomerInvitation.filter(report_id=report_id).order_by("-id").limit(1).get()


async def _general_link(stage: Stage, by: Person, kind: AssociationType) -> CustomerInvitation:
    """One for each person and type, made when the first customer comes by it."""
    key = f"{by.account_id}:{kind}"
    if key not in stage.links:
        qr_code = kind is REFERRAL
        stage.links[key] = await stage.do(by, customers.create_invitation_link, association_type=kind, qr_code=qr_code)
    return stage.links[key]


async def accept(stage: Stage, customer: Person, invitation: CustomerInvitation) -> UUID:
    """Opens the link and accepts; the customer's id."""
    token = token_of(stage.courier.secret, bytes(invitation.nonce))
    accepted = await stage.do(customer, customers.accept_invitation, token=token, notice_accepted=True)
    await stage.renew(customer)
    return accepted.customer.id


_COMMANDS: dict[Asks, Command[..., AssociationRequest]] = {
    Asks.UNBIND: associations.request_unbind,
    Asks.SWITCH: associations.request_switch,
    Asks.LEAVE: associations.request_leave,
}


async def _ask(stage: Stage, wanted: Relation, request: Request, customer_id: UUID) -> Story:
    """Makes the request and lets the other side, its maker or time end it."""
    partner, customer = stage.people[wanted.partner], stage.people[wanted.company.domain]
    maker, answerer = (customer, partner) if request.asks is Asks.LEAVE else (partner, customer)
    made = await stage.do(maker, _COMMANDS[request.asks], **_form(wanted, request, customer_id))
    if request.outcome is Outcome.PENDING:
        return
    if request.outcome is Outcome.EXPIRED:
        yield made.deadline
        await stage.do(None, associations.expire_association_request, request_id=made.id)
        return
    yield stage.later(days=2, hours=4)
    if request.outcome is Outcome.WITHDRAWN:
        await stage.do(maker, associations.withdraw_association_request, request_id=made.id)
        return
    answer = associations.answer_leave_request if request.asks is Asks.LEAVE else associations.answer_partner_request
    approve = request.outcome is Outcome.DONE
    reason = None if approve else "The project still runs until the end of the year."
    await stage.do(answerer, answer, request_id=made.id, approve=approve, reason=reason)
    await stage.renew(customer)


def _form(wanted: Relation, request: Request, customer_id: UUID) -> dict[str, Any]:
    if request.asks is Asks.LEAVE:
        return {"acknowledged": True, "reason": "We will buy from the cloud directly."}
    form: dict[str, Any] = {
        "customer_id": customer_id,
        "reason": "The contract with the customer has ended.",
        "acknowledged": True,
    }
    if request.asks is Asks.SWITCH:
        form["target_type"] = REFERRAL if wanted.type is RESALE else RESALE
    return form
