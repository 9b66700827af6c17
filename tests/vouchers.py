"""Quotas and vouchers for tests, made through the API: who grants, who issues, who has customers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from core import db
from core.ids import decode_id, encode_id
from core.scope import EVERYTHING
from models.partners import Partner
from models.plans import PlanMembership
from models.resellers import ResellerInvitation, ResellerLink
from rules.access import Role
from rules.customers import AssociationType, CustomerFact, InvitationState
from rules.partners import PartnerKind
from rules.plans import MembershipState, PlanCode
from rules.resellers import LinkStatus
from rules.sites import Site
from tests import world
from tests.client import Api, Client, codes
from tests.factories import key, staff

QUOTA = "quota { id version status kind value { amount currency } balance { amount } expiresAt endedAt }"
VOUCHERS = "results { voucher { id version status face { amount } balance { amount } } userErrors { code path"
VOUCHERS += " upstreamCode } }"
QUOTAS = "results { quota { id version status balance { amount } } userErrors { code path upstreamCode } }"
USE = "use { id version amount { amount currency } refundedTo voucher { id status balance { amount } } }"


@dataclass(frozen=True)
class Customer:
    """A customer of a partner, who can sign in."""

    id: UUID
    gid: str
    association_id: UUID
    person: world.Person


@dataclass(frozen=True)
class Stage:
    """A partner with its main account, the vendor's operations, and a quota of the partner's."""

    partner_id: UUID
    main: world.Person
    operations: Client
    quota: str

    @property
    def gid(self) -> str:
        """The partner's public id."""
        return encode_id("par", self.partner_id)

    @property
    def client(self) -> Client:
        """The API as the partner's main account."""
        return self.main.client


async def stage(
    api: Api,
    value: str = "1000.00",
    *,
    kind: PartnerKind = PartnerKind.SOLUTION_PROVIDER,
    columns: dict[str, Any] | None = None,
    site: Site = Site.CN,
    **limits: Any,
) -> Stage:
    """A partner with a quota of `value` that lives for thirty days; `limits` are inputs of the grant."""
    partner_id, main = await world.admitted_partner(api, site, kind, **(columns or {}))
    operations = (await staff(api, Role.VENDOR_OPS, site=site)).api
    quota = await grant(api, operations, partner_id, value, **limits)
    return Stage(partner_id, main, operations, quota)


async def grant(api: Api, operations: Client, partner_id: UUID, value: str = "1000.00", **limits: Any) -> str:
    """A quota of the partner; its public id."""
    done = await granting(api, operations, partner_id, value, **limits)
    assert codes(done) == [], done
    return str(done["quota"]["id"])


async def granting(api: Api, operations: Client, partner_id: UUID, value: str, **limits: Any) -> dict[str, Any]:
    """The payload of a grant."""
    given = {
        "partnerId": encode_id("par", partner_id),
        "value": value,
        "expiresAt": (api.clock() + timedelta(days=30)).isoformat(),
        "idempotencyKey": key(),
    }
    return await operations.do("grantQuota", QUOTA, **{**given, **limits})


async def customer(
    api: Api,
    partner_id: UUID,
    *,
    type: AssociationType = AssociationType.RESALE,
    facts: tuple[CustomerFact, ...] = (),
    site: Site = Site.CN,
) -> Customer:
    """A customer of the partner."""
    someone, customer_id, association_id = await world.associated_customer(
        api, partner_id, type=type, facts=facts, site=site
    )
    return Customer(customer_id, encode_id("cus", customer_id), association_id, someone)


async def issue(made: Stage, *customers: Customer, face: str = "100.00", **given: Any) -> dict[str, Any]:
    """The payload of issuing a voucher to each of these customers."""
    values = {
        "quotaId": made.quota,
        "customerIds": [one.gid for one in customers],
        "faceValue": face,
        "idempotencyKey": key(),
    }
    return await made.client.do("issueVouchers", VOUCHERS, **{**values, **given})


async def voucher(made: Stage, to: Customer, face: str = "100.00", **given: Any) -> str:
    """One voucher of a customer; its public id."""
    done = await issue(made, to, face=face, **given)
    assert outcomes(done) == ["voucher"], done
    return str(done["results"][0]["voucher"]["id"])


async def recall(made: Stage, *vouchers: str, **given: Any) -> dict[str, Any]:
    """The payload of recalling these vouchers."""
    values = {"voucherIds": list(vouchers), "idempotencyKey": key()}
    return await made.client.do("recallVouchers", VOUCHERS, **{**values, **given})


async def use(made: Stage, voucher_id: str, amount: str, **given: Any) -> dict[str, Any]:
    """The payload of the vendor recording what a voucher paid of an order of its own."""
    number = key()
    values = {"voucherId": voucher_id, "orderRef": f"order-{number}", "amount": amount, "orderAmount": "5000.00"}
    return await made.operations.do("recordVoucherUse", USE, **{**values, "idempotencyKey": number, **given})


async def refund(made: Stage, use_id: str) -> dict[str, Any]:
    """The payload of the vendor recording a refund."""
    return await made.operations.do("refundVoucherUse", USE, id=use_id, idempotencyKey=key())


async def reseller(api: Api, distributor_id: UUID, status: LinkStatus = LinkStatus.ACTIVE) -> tuple[UUID, world.Person]:
    """A reseller of the distributor and its main account."""
    partner_id, main = await world.admitted_partner(api, kind=PartnerKind.RESELLER)
    now, parting = api.clock(), status is not LinkStatus.ACTIVE
    async with db.transaction(EVERYTHING):
        membership = await PlanMembership.insert(
            now=now,
            partner_id=partner_id,
            plan=PlanCode.RESELLER,
            state=MembershipState.EXITED if status is LinkStatus.ENDED else MembershipState.JOINED,
            joined_at=now,
            ended_at=now if status is LinkStatus.ENDED else None,
            agreement_version="1.0",
        )
        invitation = await ResellerInvitation.insert(
            now=now,
            distributor_id=distributor_id,
            created_by=main.id,
            email=main.email,
            nonce=main.id.bytes,
            token_digest=partner_id.bytes,
            valid_until=now + timedelta(days=7),
            state=InvitationState.USED,
            used_by=partner_id,
        )
        await ResellerLink.insert(
            now=now,
            distributor_id=distributor_id,
            reseller_id=partner_id,
            membership_id=membership.id,
            invitation_id=invitation.id,
            company_name="Reseller",
            status=status,
            began_at=now,
            exiting_at=now if parting else None,
            exit_reason="It is over." if parting else None,
            ended_at=now if status is LinkStatus.ENDED else None,
        )
    return partner_id, main


async def issue_quota(made: Stage, *resellers: UUID, amount: str = "100.00", **given: Any) -> dict[str, Any]:
    """The payload of issuing quota to these resellers."""
    values = {
        "quotaId": made.quota,
        "resellerIds": [encode_id(Partner.prefix, one) for one in resellers],
        "amount": amount,
        "idempotencyKey": key(),
    }
    return await made.client.do("issueQuotaToResellers", QUOTAS, **{**values, **given})


async def recall_quotas(made: Stage, *quotas: str, **given: Any) -> dict[str, Any]:
    """The payload of recalling these quotas."""
    values = {"quotaIds": list(quotas), "idempotencyKey": key()}
    return await made.client.do("recallQuotas", QUOTAS, **{**values, **given})


def outcomes(payload: dict[str, Any]) -> list[Any]:
    """For each result what it has: the name of its object, or the codes against it."""
    assert payload["userErrors"] == [], payload["userErrors"]
    return [
        [error["code"] for error in one["userErrors"]] or next(name for name, value in one.items() if value)
        for one in payload["results"]
    ]


async def left(api: Api, row_id: str) -> int:
    """What the ledger has on the account of a quota or voucher, in minor units."""
    return int(await api.value("select balance from ledger_account where owner_id = $1", decode_id(row_id)[1]))


async def lost(api: Api) -> int:
    """What went back to the vendor, in minor units."""
    return int(await api.value("select coalesce(sum(balance), 0) from ledger_account where kind = 'EXPIRED'"))
