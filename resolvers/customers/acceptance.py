"""What a link offers, and accepting it: the account becomes a customer, or the attempt is kept with its causes."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.tokens import TokenKind, digest, kind_of
from models.accounts import Account
from models.associations import AssociationRecord, CustomerAssociation
from models.customers import AssociationAttempt, Customer, CustomerInvitation, CustomerReport
from models.partners import Partner
from resolvers.associations.tenures import begin
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.customers.facts import prospect_of
from resolvers.members.scope import colleague
from resolvers.partners import standing_of
from resolvers.query import query
from rules.access import Permission, Role
from rules.accounts import AccountStatus
from rules.associations import (
    AssociationSource,
    AssociationStatus,
    RecordAction,
    RecordResult,
    compute_beginning,
)
from rules.customers import (
    ASSOCIATION_REFUSALS,
    INVITATION,
    REPORT,
    Acceptance,
    AssociationType,
    AttemptState,
    Contact,
    InvitationState,
    Link,
    Prospect,
    ReportBacking,
    ReportStatus,
    Trait,
    check_accept,
    check_link,
    compute_answer,
    compute_causes,
    is_live,
    is_same_contact,
)
from rules.errors import ErrorCode, Violation, require
from rules.partners import Standing
from rules.sites import Site

_OFFERED = """
    select partner_name, site, association_type, state, valid_until, report_status, report_valid_until
    from guard_invitation($1)
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers to whoever opens it."""

    partner_name: str
    site: Site
    association_type: AssociationType

    @property
    def notice_required(self) -> bool:
        """Only a resale association changes how the customer pays."""
        return self.association_type is AssociationType.RESALE


@query(permission=Permission.PUBLIC_READ)
async def invitation(ctx: Context, *, token: str) -> Offer | None:
    """What an invitation's link offers; None alike for one that is unknown, used, revoked or over."""
    row = await db.fetch_one(_OFFERED, digest(token))
    if row is None:
        return None
    live = None
    if row["report_status"] is not None:
        live = is_live(ReportStatus(row["report_status"]), row["report_valid_until"], now=ctx.now)
    if check_link(Link(InvitationState(row["state"]), row["valid_until"], live), now=ctx.now):
        return None
    return Offer(row["partner_name"], Site(row["site"]), AssociationType(row["association_type"]))


@dataclass(frozen=True, slots=True)
class Accepted:
    """A new association and its customer."""

    association: CustomerAssociation
    customer: Customer

    @property
    def subject(self) -> CustomerAssociation:
        """What the audit row is about."""
        return self.association


@dataclass(frozen=True, slots=True)
class _Opened:
    """An invitation with everything it leads to, locked in order: partner, person, report, invitation."""

    invitation: CustomerInvitation
    partner: Partner
    standing: Standing
    account: Account
    report: CustomerReport | None
    """The report the invitation is about, None for a general link."""
    backing: CustomerReport | None
    """The partner's report of this very account that holds now."""
    prospect: Prospect


@command(
    permission=Permission.CUSTOMERS_ACCEPT_INVITATION,
    refuses=(
        *dict.fromkeys(refusal.code for refusal in ASSOCIATION_REFUSALS),
        ErrorCode.LINK_INVALID,
        ErrorCode.LINK_USED,
        ErrorCode.LINK_EXPIRED,
        ErrorCode.NOTICE_REQUIRED,
        ErrorCode.PARTNER_RESTRICTED,
        ErrorCode.PARTNER_FROZEN,
        ErrorCode.ASSOCIATION_NOT_REPORTED,
        ErrorCode.ASSOCIATION_REPORTED_BY_VENDOR,
        ErrorCode.ASSOCIATION_REGISTERED_BY_OTHER,
    ),
    emits=("customer.associated", "customer.association_failed"),
    key=Key.NONE,
    as_system=True,
    sensitive=True,
)
async def accept_invitation(ctx: Context, *, token: str, notice_accepted: bool) -> Accepted:
    """Makes your account the customer of the partner that invited you.

    An invitation by mail opens only for the account it was meant for; any other one learns as little as from a link
    that never was. A resale association needs the notice accepted. The partner sees why an attempt failed.
    """
    opened = await _open(ctx, token)
    if opened is None:
        require(check_link(None, now=ctx.now))
        raise AssertionError("a missing link is always refused")
    facts = _acceptance(opened, notice_accepted, ctx)
    policy = ctx.policy_of(opened.partner)
    violations = check_accept(facts, now=ctx.now, policy=policy)
    if violations:
        _keep_failure(ctx, opened, violations)
    require(compute_answer(facts, violations, now=ctx.now))
    return await _associate(ctx, opened)


async def _open(ctx: Context, token: str) -> _Opened | None:
    if kind_of(token) is not TokenKind.INVITATION:
        return None
    found = await CustomerInvitation.get_or_none(token_digest=digest(token))
    if found is None:
        return None
    # Shared: customers of one partner, and those who come by one general link, need not wait for each other.
    await db.fetch("select id from partner where id = $1 for share", found.partner_id)
    partner = await Partner.get(id=found.partner_id)
    account = await Account.filter(id=ctx.actor.account_id).select_for_update(no_key=True).get()
    if account.status is not AccountStatus.ACTIVE:  # closed since the request came in
        return None
    report, backing = await _reports(ctx, found, account)
    if found.report_id is None:
        await db.fetch("select id from customer_invitation where id = $1 for share", found.id)
        invitation = await CustomerInvitation.get(id=found.id)
    else:
        invitation = await CustomerInvitation.filter(id=found.id).select_for_update(no_key=True).get()
    prospect = await prospect_of(ctx, partner.site, partner.id, Contact(account.mobile, account.email))
    if account.site != partner.site:
        # Its contacts may belong to another account on the partner's site, which this is not about.
        prospect = Prospect(frozenset({Trait.ON_OTHER_SITE}))
    return _Opened(invitation, partner, await standing_of(partner), account, report, backing, prospect)


async def _reports(
    ctx: Context, found: CustomerInvitation, account: Account
) -> tuple[CustomerReport | None, CustomerReport | None]:
    """The report the invitation is about, and the partner's own report of this account that holds."""
    same = Q(id=found.report_id) | (Q(partner_id=found.partner_id) & _same_contact(account))
    rows = await CustomerReport.filter(same).select_for_update(no_key=True).order_by("id")
    about = next((row for row in rows if row.id == found.report_id), None)
    own = Contact(account.mobile, account.email)
    holding = (row for row in rows if is_live(row.status, row.valid_until, now=ctx.now))
    backing = next((row for row in holding if is_same_contact(Contact(row.mobile, row.email), own)), None)
    return about, backing


def _same_contact(account: Account) -> Q:
    held = Q(status=ReportStatus.REPORTED)
    contact = Q()
    if account.mobile is not None:
        contact |= Q(mobile=account.mobile)
    if account.email is not None:
        contact |= Q(email=account.email)
    return held & contact


def _acceptance(opened: _Opened, notice_accepted: bool, ctx: Context) -> Acceptance:
    invitation, report, account = opened.invitation, opened.report, opened.account
    live = None if report is None else is_live(report.status, report.valid_until, now=ctx.now)
    return Acceptance(
        link=Link(invitation.state, invitation.valid_until, live),
        association_type=invitation.association_type,
        standing=opened.standing,
        account=Contact(account.mobile, account.email),
        prospect=opened.prospect,
        backing=_backing(opened.backing),
        notice_accepted=notice_accepted,
        reported_contact=None if report is None else Contact(report.mobile, report.email),
    )


def _backing(report: CustomerReport | None) -> ReportBacking:
    if report is None:
        return ReportBacking.NONE
    return ReportBacking.DIRECT if report.reviewed_at is None else ReportBacking.REVIEWED


def _keep_failure(ctx: Context, opened: _Opened, violations: list[Violation]) -> None:
    """The attempt outlives the refusal: the partner sees why it failed and what it can do about it."""
    causes = [cause.value for cause in compute_causes(violations)]

    async def keep() -> None:
        attempt = await _attempt(ctx, opened, AttemptState.FAILED, causes)
        ctx.event("customer.association_failed", attempt, partner_id=opened.partner.id, causes=causes)

    ctx.afterwards(keep)


async def _attempt(ctx: Context, opened: _Opened, state: AttemptState, causes: list[str]) -> AssociationAttempt:
    return await AssociationAttempt.insert(
        now=ctx.now,
        invitation_id=opened.invitation.id,
        account_id=opened.account.id,
        partner_id=opened.partner.id,
        state=state,
        causes=causes,
    )


async def _associate(ctx: Context, opened: _Opened) -> Accepted:
    invitation, partner, backing = opened.invitation, opened.partner, opened.backing
    customer = await customer_of(ctx, opened.account)
    association = await CustomerAssociation.insert(
        now=ctx.now,
        partner_id=partner.id,
        customer_id=customer.id,
        type=invitation.association_type,
        status=AssociationStatus.ACTIVE,
        source=AssociationSource.INVITE_OFFLINE if invitation.report_id is None else AssociationSource.REPORT,
        started_at=ctx.now,
        account_manager_id=await _manager(opened),
        label=invitation.tag,
        external_user_id=None if backing is None else backing.external_ref,
    )
    if association.account_manager_id is not None:
        await begin(ctx, association)
    if backing is not None:
        await backing.change(now=ctx.now, status=REPORT.after(backing.status, "associate"), customer_id=customer.id)
    if invitation.report_id is not None:
        await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, "use"), used_by=opened.account.id)
    await _attempt(ctx, opened, AttemptState.ASSOCIATED, [])
    await _record(association, ctx, invitation=str(invitation.id), type=association.type.value)
    _tell(ctx, opened, association, customer)
    await customer.refresh_from_db(fields=["partner_id"])  # set by the database with the association
    # Whoever reads the answer is that customer now.
    ctx.actor = replace(ctx.actor, customer_id=customer.id, roles=ctx.actor.roles | {Role.CUSTOMER})
    return Accepted(association, customer)


async def customer_of(ctx: Context, account: Account) -> Customer:
    """The customer row of an account, made when it is the first time, with fresh copies of its name and contacts.

    The account must be locked.
    """
    copies: dict[str, Any] = {
        "name": account.full_name or account.name or "–",
        "mobile": account.mobile,
        "email": account.email,
    }
    customer = await Customer.filter(account_id=account.id).select_for_update(no_key=True).first()
    if customer is None:
        return await Customer.insert(
            now=ctx.now, account_id=account.id, site=account.site, registered_at=account.created_at, **copies
        )
    if any(getattr(customer, name) != value for name, value in copies.items()):
        await customer.change(now=ctx.now, **copies)
    return customer


async def _manager(opened: _Opened) -> UUID | None:
    """The account manager whose report or link brought the customer; nobody when others of the partner did."""
    creator = opened.invitation.created_by if opened.backing is None else opened.backing.created_by
    # Shared, as the partner is; who takes the role away or removes the member waits for it.
    await db.fetch("select id from account where id = $1 for share", creator)
    account = await Account.get_or_none(id=creator, partner_id=opened.partner.id)
    return creator if account is not None and colleague(account).manages else None


async def _record(association: CustomerAssociation, ctx: Context, **detail: str) -> None:
    await AssociationRecord.create(
        association_id=association.id,
        partner_id=association.partner_id,
        customer_id=association.customer_id,
        action=RecordAction.ASSOCIATE,
        result=RecordResult.DONE,
        actor=ctx.actor.name,
        at=ctx.now,
        detail=detail,
    )


def _tell(ctx: Context, opened: _Opened, association: CustomerAssociation, customer: Customer) -> None:
    ctx.event(
        "customer.associated",
        association,
        partner_id=association.partner_id,
        customer_id=customer.id,
        association_type=association.type.value,
        source=association.source.value,
        invitation_id=str(opened.invitation.id),
        report_id=None if opened.backing is None else str(opened.backing.id),
    )
    ctx.effect("customer.associated", association)
    for effect in compute_beginning(association.type, site=Site(opened.partner.site)):
        ctx.effect(f"associations.{effect.value}", association)
    ctx.notify("customer_associated", opened.partner, about=association, names={"customer": customer})
    ctx.notify("associated_with_partner", customer, about=association, names={"partner": opened.partner})
