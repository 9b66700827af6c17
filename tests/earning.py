"""Incentives for tests: a month of performance made final, its incentives confirmed, business information certified."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from models.accounts import Account
from models.bills import ConsumptionLine
from models.partners import Partner
from models.performance import PerformanceLine, PerformanceSheet
from resolvers.accounts.sessions import open_session
from resolvers.command import Command, CommandSpec, Key, StepUp, run
from resolvers.context import Context
from resolvers.incentives.generation import generate
from resolvers.system import system_context
from rules.access import SYSTEM, Permission, Role
from rules.bills import COLUMNS, BillType, ChargingMode
from rules.customers import AssociationType
from rules.incentives.performance import SheetStatus, canonical
from rules.sites import Site
from tests import factories
from tests.client import Api, Client, codes
from tests.factories import key
from tests.world import World, associated_customer, member, world

RESALE, REFERRAL = AssociationType.RESALE, AssociationType.REFERRAL
INCENTIVE = "incentive { id status amount { amount currency } version }"
CONFIRMED = f"results {{ {INCENTIVE} userErrors {{ code path }} }}"
PAYOUT = "payout { id status method amount { amount currency } version endedAt reason }"
_SPEC = CommandSpec(
    name="settle_month",
    permission=Permission.PUBLIC_READ,
    refuses=frozenset(),
    emits=("incentive.generated",),
    key=Key.OPTIONAL,
    step_up=StepUp.NEVER,
    as_system=False,
    sensitive=False,
    secret=None,
    step_up_if=None,
)


@dataclass(frozen=True)
class Stage:
    """A partner with a customer of either type, its finance clerk, and the vendor's people."""

    world: World
    referred: tuple[UUID, UUID]
    clerk: Client
    clerk_id: UUID
    operations: Client
    finance: Client

    @property
    def partner_id(self) -> UUID:
        """The partner."""
        return self.world.partner_id

    @property
    def partner_gid(self) -> str:
        """The partner's public id."""
        return encode_id("par", self.world.partner_id)


async def stage(api: Api, site: Site = Site.CN, *, certified: bool = True, **columns: Any) -> Stage:
    """The stage of a partner's month; its business information is certified unless told otherwise."""
    made = await world(api, site=site, **columns)
    _, customer, association = await associated_customer(api, made.partner_id, site=site, type=REFERRAL)
    clerk = await member(api, made.partner_id, Role.FINANCE, site=site)
    found = Stage(made, (customer, association), clerk.client, clerk.id, *await _vendor(api, site))
    if certified:
        await certify(api, found, site)
    return found


async def _vendor(api: Api, site: Site) -> tuple[Client, Client]:
    operations, finance = [
        await factories.staff(api, role, site=site) for role in (Role.VENDOR_OPS, Role.VENDOR_FINANCE)
    ]
    return operations.api, finance.api


async def certify(api: Api, stage: Stage, site: Site = Site.CN, *, certified: bool = True) -> dict[str, Any]:
    """Records the partner's business information."""
    kind = {"taxpayerType": "GENERAL"} if site is Site.CN else {}
    given = {"partnerId": stage.partner_gid, "certified": certified, **kind, "idempotencyKey": key()}
    recorded = await stage.operations.do("recordBusinessInfo", "businessInfo { id certified version }", **given)
    assert codes(recorded) == [], recorded
    return recorded


async def awake(api: Api, stage: Stage) -> Stage:
    """The same stage with new sessions, after the clock has outlived the old ones."""
    ctx = await system_context(api.settings, api.clock())
    clients = []
    for account_id in (stage.world.main.id, stage.clerk_id):
        async with db.transaction(EVERYTHING):
            session = await open_session(ctx, await Account.get(id=account_id))
        clients.append(api.anonymous.as_(session.access_token))
    site = Site(await api.value("select site from partner where id = $1", stage.partner_id))
    operations, finance = await _vendor(api, site)
    main = replace(stage.world.main, client=clients[0])
    return replace(
        stage, world=replace(stage.world, main=main), clerk=clients[1], operations=operations, finance=finance
    )


async def sheet_of(
    api: Api, stage: Stage, *lines: tuple[AssociationType, int], period: str = "2026-02", currency: str = "CNY"
) -> PerformanceSheet:
    """A final sheet with these lines (minor units), whatever the clock says, without its incentives."""
    async with db.transaction(EVERYTHING):
        consumed = [await _consumed(api, stage, kind, amount, period, currency) for kind, amount in lines]
        sheet = await PerformanceSheet.insert(
            now=api.clock(),
            partner_id=stage.partner_id,
            period=period,
            currency=currency,
            site=(await Partner.get(id=stage.partner_id)).site,
            status=SheetStatus.FINAL,
            total=sum(amount for _, amount in lines),
            line_count=len(lines),
            digest=hashlib.sha256(b"".join(map(_record, consumed))).digest(),
            closed_at=api.clock(),
            audited_at=api.clock(),
        )
        for line in consumed:
            await PerformanceLine.create(
                sheet_id=sheet.id,
                consumption_line_id=line.id,
                amount=line.cash_amount,
                **{name: getattr(line, name) for name in _COPIED},
            )
    return sheet


_COPIED = (
    "partner_id",
    "customer_id",
    "association_id",
    "association_type",
    "product_code",
    "currency",
    "paid_at",
)


async def _consumed(
    api: Api, stage: Stage, kind: AssociationType, amount: int, period: str, currency: str
) -> ConsumptionLine:
    """A line of consumption paid in cash by the customer of that type."""
    own = (stage.world.customer_id, stage.world.association_id) if kind is RESALE else stage.referred
    amounts: dict[str, Any] = {**dict.fromkeys(COLUMNS, 0), "official_amount": amount, "cash_amount": amount}
    return await ConsumptionLine.create(
        site=(await Partner.get(id=stage.partner_id)).site,
        reference=f"EARNED-{uuid7().hex}",
        partner_id=stage.partner_id,
        customer_id=own[0],
        association_id=own[1],
        association_type=kind,
        bill_type=BillType.ADJUSTMENT,
        service_code="hws.service.type.ec2",
        product_code="ECS-S6",
        charging_mode=ChargingMode.YEARLY_MONTHLY,
        currency=currency,
        paid_at=api.clock(),
        period=period,
        content=bytes(32),
        imported_at=api.clock(),
        **amounts,
    )


def _record(line: ConsumptionLine) -> bytes:
    """What the line adds to its sheet's digest."""
    return canonical(
        {
            "period": line.period,
            "partner": str(line.partner_id),
            "currency": line.currency,
            "line": str(line.id),
            "reference": line.reference,
            "customer": str(line.customer_id),
            "association": str(line.association_id),
            "association_type": line.association_type,
            "product": line.product_code,
            "paid_at": line.paid_at.isoformat(timespec="microseconds"),
            "amount": line.cash_amount,
            "left_out": {},
        }
    )


async def generate_for(api: Api, sheet: PerformanceSheet) -> list[str]:
    """Makes the incentives of a sheet in a command of its own; the public ids of those made now."""

    async def settle_month(ctx: Context) -> list[str]:
        found = await PerformanceSheet.filter(id=sheet.id).select_for_update().get()
        return [encode_id("inc", row.id) for row in await generate(ctx, found)]

    declared: Any = settle_month
    declared.spec = _SPEC
    use_case: Command[[], list[str]] = declared
    outcome = await run(factories.context(api, SYSTEM), use_case)
    assert outcome.violations == []
    return outcome.result or []


async def generated(api: Api, stage: Stage, *lines: tuple[AssociationType, int], **changes: Any) -> list[str]:
    """The incentives of a month with these lines, waiting for confirmation."""
    return await generate_for(api, await sheet_of(api, stage, *lines, **changes))


async def confirm(caller: Client, *ids: str, **changes: Any) -> dict[str, Any]:
    """Confirms incentives."""
    given = {"incentiveIds": list(ids), "idempotencyKey": key()}
    return await caller.do("confirmIncentives", CONFIRMED, **{**given, **changes})


async def confirmed(api: Api, stage: Stage, *lines: tuple[AssociationType, int], **changes: Any) -> list[str]:
    """The incentives of a month with these lines, confirmed by the partner's finance clerk."""
    ids = await generated(api, stage, *lines, **changes)
    done = await confirm(stage.clerk, *ids)
    assert codes(done) == [] and all(not result["userErrors"] for result in done["results"]), done
    return ids


async def pay_out(caller: Client, *ids: str, method: str = "VOUCHER_QUOTA", **changes: Any) -> dict[str, Any]:
    """Requests a payout."""
    given = {"incentiveIds": list(ids), "method": method, "idempotencyKey": key()}
    return await caller.do("requestPayout", PAYOUT, **{**given, **changes})


async def transfer(api: Api, on: Stage, *ids: str) -> dict[str, Any]:
    """Requests a payout to the bank as the partner's finance clerk, with the code that it asks for unless refused."""
    given = {"incentiveIds": list(ids), "method": "BANK_TRANSFER", "idempotencyKey": key()}
    asked = await on.clerk.do("requestPayout", PAYOUT, **given)
    if codes(asked) != ["STEP_UP_REQUIRED"]:
        return asked
    challenge = asked["userErrors"][0]["challenge"]["id"]
    contact = await api.value(
        "select case site when 'CN' then mobile else email end from account where id = $1", on.clerk_id
    )
    verified = await on.clerk.do("verifyChallenge", "proof", id=challenge, code=await api.code(contact))
    return await on.clerk.do("requestPayout", PAYOUT, **given, proof=verified["proof"])


async def balances(api: Api) -> dict[str, int]:
    """Kind of account → what all accounts of that kind have."""
    rows = await api.rows("select kind, sum(balance)::bigint as balance from ledger_account group by kind")
    return {row["kind"]: row["balance"] for row in rows if row["balance"]}
