"""What waits for the actor. Nothing is stored: a to-do is looked up where its subject waits, for those who may act.

Taking the linked step, or anything else that ends the waiting, is what makes it go away.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from core.rows import Head, read_heads
from models.associations import AssociationRequest
from models.base import Row
from models.business_info import BusinessInfo
from models.capabilities import CapabilityAssessment
from models.customers import CustomerReport
from models.experts import ExpertIncentive
from models.feeds import Feed
from models.funds import MdfCase
from models.incentives import Incentive, PayoutRequest
from models.opportunities import Opportunity
from models.partners import Partner
from models.paths import PathEnrollment
from models.plans import PlanMembership
from models.resellers import ResellerApplication
from models.reviews import ReviewCase
from models.solutions import Solution
from models.specialists import SpecialistBinding, SpecialistInvitation, SpecialistProfile
from resolvers import capabilities, experts
from resolvers.associations.answers import answer_leave_request, answer_partner_request
from resolvers.associations.reads import visible_requests
from resolvers.business_info import (
    confirm_micro_deposit,
    record_micro_deposit,
    submit_bank_letter,
    submit_business_info,
    unlock_business_info,
)
from resolvers.command import Command
from resolvers.context import Context
from resolvers.customers.reviews import decide_report_review, report_review_queue
from resolvers.feeds import check_feed
from resolvers.funds import send_mdf_invoice, submit_mdf_claim
from resolvers.incentives import scope as incentives
from resolvers.incentives.confirming import confirm_incentives
from resolvers.incentives.payouts import complete_payout
from resolvers.members import assign_director
from resolvers.members.directing import undirected, undirected_since
from resolvers.nodes import rows_at
from resolvers.opportunities.drafts import submit_opportunity
from resolvers.opportunities.review import audit_opportunity, verify_opportunity
from resolvers.opportunities.scope import visible_opportunities, waiting_opportunities
from resolvers.paths import accept_path_invitation, enrolled_paths, submit_annual_review
from resolvers.plans import lasting
from resolvers.plans.joining import join_plan
from resolvers.query import query
from resolvers.resellers import decide_reseller_applications
from resolvers.resellers.scope import applied_to
from resolvers.reviews.deciding import decide_review
from resolvers.reviews.reading import review_queue
from resolvers.solutions import submit_solution
from resolvers.specialists import (
    accept_specialist_invitation,
    apply_for_specialists,
    request_specialist_cancellation,
    save_specialist_employment,
    unbind_specialist,
)
from rules.access import Permission, may
from rules.associations import RequestStatus
from rules.business_info import BusinessInfoState
from rules.calendar import day_of
from rules.experts import ExpertIncentiveStatus
from rules.feeds import FeedState
from rules.funds.kinds import CLAIMABLE, MdfState
from rules.incentives.kinds import IncentiveStatus, PayoutStatus
from rules.opportunities import OpportunityState
from rules.paths import SETTLED, AnnualState, PathCode, PathState
from rules.plans import MembershipState
from rules.resellers import ApplicationStatus
from rules.solutions import SolutionState
from rules.specialists import BindingState, SpecialistInvitationState, check_unbind
from rules.todos import SHOWN, TodoKind, is_overdue


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits: what it is about, since when, until when."""

    subject_type: str
    subject_id: UUID
    since: datetime
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class TodoGroup:
    """What waits of one kind, what is due first at the head; `more`: there is more than is shown."""

    kind: TodoKind
    step: str
    items: Sequence[Todo]
    more: bool

    @property
    def overdue(self) -> int:
        """How many of them are late."""
        return sum(item.overdue for item in self.items)


@dataclass(frozen=True, slots=True)
class Source:
    """Where to-dos of one kind come from: the step that ends the waiting, whose permission says who sees them, and the
    rows that wait for the actor, with the columns that say since when and until when. Where no column says it, `began`
    does.
    """

    kind: TodoKind
    step: Command[..., object]
    model: type[Row]
    rows: Callable[[Context], Awaitable[QuerySet[Any]]]
    since: str
    due: str | None = None
    began: Callable[[Context], Awaitable[datetime]] | None = None

    @property
    def until(self) -> str:
        """The column in whose order they are shown."""
        return self.due or self.since


async def _specialist_invitations(ctx: Context) -> QuerySet[SpecialistInvitation]:
    waiting = SpecialistInvitation.filter(account_id=ctx.actor.account_id, valid_until__gt=ctx.now)
    return waiting.filter(state=SpecialistInvitationState.INVITED)


async def _employments(ctx: Context) -> QuerySet[SpecialistBinding]:
    alive = SpecialistBinding.filter(account_id=ctx.actor.account_id, unbound_at__isnull=True)
    untold = SpecialistProfile.filter(account_id=ctx.actor.account_id, base_location__isnull=True)
    return alive.filter(account_id__in=Subquery(untold.values("account_id")))


async def _assessments(ctx: Context) -> QuerySet[CapabilityAssessment]:
    return capabilities.waiting_assessments(ctx)


async def _partner_requests(ctx: Context) -> QuerySet[AssociationRequest]:
    return visible_requests(ctx).filter(status=RequestStatus.PENDING_CUSTOMER, deadline__gt=ctx.now)


async def _leave_requests(ctx: Context) -> QuerySet[AssociationRequest]:
    return visible_requests(ctx).filter(status=RequestStatus.PENDING_PARTNER, deadline__gt=ctx.now)


async def _plan_invitations(ctx: Context) -> QuerySet[PlanMembership]:
    invited = PlanMembership.filter(partner_id=ctx.actor.partner_id, state=MembershipState.INVITED)
    return invited.filter(Q(invited_until__isnull=True) | Q(invited_until__gt=ctx.now))


async def _plan_agreements(ctx: Context) -> QuerySet[PlanMembership]:
    return lasting.unaccepted(ctx)


async def _plan_renewals(ctx: Context) -> QuerySet[PlanMembership]:
    return await lasting.renewable(ctx)


async def _path_invitations(ctx: Context) -> QuerySet[PathEnrollment]:
    own = PathEnrollment.filter(partner_id=ctx.actor.partner_id, state=PathState.INVITED)
    return own.filter(invited_until__gt=ctx.now)


async def _annual_reviews(ctx: Context) -> QuerySet[PathEnrollment]:
    own = PathEnrollment.filter(partner_id=ctx.actor.partner_id, annual_state=AnnualState.DUE, state__in=SETTLED)
    return own.filter(annual_due_at__gt=ctx.now)


async def _certifications(ctx: Context) -> QuerySet[Solution]:
    ending = Solution.filter(partner_id=ctx.actor.partner_id, state=SolutionState.EXPIRING)
    on = ctx.actor.partner_id is not None and PathCode.SOFTWARE in await enrolled_paths(ctx.actor.partner_id)
    return ending if on else ending.filter(id__in=[])


async def _expired_business_info(ctx: Context) -> QuerySet[BusinessInfo]:
    return BusinessInfo.filter(partner_id=ctx.actor.partner_id, state=BusinessInfoState.EXPIRED_BY_CHANGE)


async def _unnamed_amounts(ctx: Context) -> QuerySet[BusinessInfo]:
    return BusinessInfo.filter(partner_id=ctx.actor.partner_id, state=BusinessInfoState.AMOUNT_PENDING)


async def _bank_letters(ctx: Context) -> QuerySet[BusinessInfo]:
    return BusinessInfo.filter(partner_id=ctx.actor.partner_id, state=BusinessInfoState.LETTER_REQUIRED)


async def _reseller_applications(ctx: Context) -> QuerySet[ResellerApplication]:
    return ResellerApplication.filter(applied_to(ctx), status=ApplicationStatus.DISTRIBUTOR_REVIEW)


async def _incentives(ctx: Context) -> QuerySet[Incentive]:
    waiting = incentives.visible(ctx).filter(status=IncentiveStatus.PENDING_CONFIRM)
    return waiting.filter(incentives.claimable(ctx), confirm_deadline__gt=ctx.now)


async def _expert_lists(ctx: Context) -> QuerySet[ExpertIncentive]:
    waiting = experts.visible(ctx).filter(status=ExpertIncentiveStatus.PENDING_CONFIRM)
    return waiting.filter(deadline__gt=ctx.now)


async def _expert_materials(ctx: Context) -> QuerySet[ExpertIncentive]:
    waiting = experts.visible(ctx).filter(status=ExpertIncentiveStatus.WAIT_MATERIALS)
    return waiting.filter(deadline__gt=ctx.now)


async def _expert_disputes(ctx: Context) -> QuerySet[ExpertIncentive]:
    return experts.visible(ctx).filter(status=ExpertIncentiveStatus.DISPUTED)


async def _mdf_claims(ctx: Context) -> QuerySet[MdfCase]:
    over = MdfCase.filter(partner_id=ctx.actor.partner_id, ends_on__lt=day_of(ctx.now, ctx.actor.site))
    return over.filter(state__in=list(CLAIMABLE), due_at__gt=ctx.now, reserved__gt=0)


async def _mdf_invoices(ctx: Context) -> QuerySet[MdfCase]:
    return MdfCase.filter(partner_id=ctx.actor.partner_id, state=MdfState.CLAIM_APPROVED)


async def _corrections(ctx: Context) -> QuerySet[Opportunity]:
    sent_back = (OpportunityState.AUDIT_REJECTED, OpportunityState.VERIFY_REJECTED)
    return visible_opportunities(ctx).filter(state__in=sent_back)


async def _rejected_specialists(ctx: Context) -> QuerySet[SpecialistBinding]:
    return SpecialistBinding.filter(partner_id=ctx.actor.partner_id, state=BindingState.SPECIALIST_REJECTED)


async def _unbindings(ctx: Context) -> QuerySet[SpecialistBinding]:
    return _leaving(ctx, [state for state in BindingState if not check_unbind(state)])


async def _cancellations(ctx: Context) -> QuerySet[SpecialistBinding]:
    return _leaving(ctx, [BindingState.SPECIALIST])


def _leaving(ctx: Context, states: list[BindingState]) -> QuerySet[SpecialistBinding]:
    """Those who have asked to be unbound: a specialist must be cancelled first."""
    own = SpecialistBinding.filter(partner_id=ctx.actor.partner_id, state__in=states)
    return own.filter(unbind_requested_at__isnull=False)


async def _broken_feeds(ctx: Context) -> QuerySet[Feed]:
    return Feed.filter(partner_id=ctx.actor.partner_id, state=FeedState.BROKEN, broken_at__isnull=False)


async def _managers(ctx: Context) -> QuerySet[Partner]:
    return Partner.filter(id__in=[ctx.actor.partner_id] if await undirected(ctx) else [])


async def _reviews(ctx: Context) -> QuerySet[Any]:
    return review_queue(ctx)


async def _audits(ctx: Context) -> QuerySet[Opportunity]:
    return (await waiting_opportunities(ctx)).filter(state=OpportunityState.SUBMITTED)


async def _verifications(ctx: Context) -> QuerySet[Opportunity]:
    return (await waiting_opportunities(ctx)).filter(state=OpportunityState.VERIFYING)


async def _reports(ctx: Context) -> QuerySet[Any]:
    return report_review_queue(ctx)


async def _unmade_deposits(_: Context) -> QuerySet[BusinessInfo]:
    return BusinessInfo.filter(state=BusinessInfoState.SUBMITTED)


async def _locked_forms(_: Context) -> QuerySet[BusinessInfo]:
    return BusinessInfo.filter(state=BusinessInfoState.LOCKED)


async def _payouts(ctx: Context) -> QuerySet[PayoutRequest]:
    return incentives.visible_payouts(ctx).filter(status=PayoutStatus.WAIT_INVOICE)


K = TodoKind
SOURCES = (
    Source(
        K.SPECIALIST_INVITATION,
        accept_specialist_invitation,
        SpecialistInvitation,
        _specialist_invitations,
        "sent_at",
        "valid_until",
    ),
    Source(K.SPECIALIST_EMPLOYMENT, save_specialist_employment, SpecialistBinding, _employments, "bound_at"),
    Source(
        K.CAPABILITY_ASSESSMENT,
        capabilities.give_assessment,
        CapabilityAssessment,
        _assessments,
        "created_at",
        "due_at",
    ),
    Source(
        K.PARTNER_REQUEST, answer_partner_request, AssociationRequest, _partner_requests, "submitted_at", "deadline"
    ),
    Source(K.LEAVE_REQUEST, answer_leave_request, AssociationRequest, _leave_requests, "submitted_at", "deadline"),
    Source(K.PLAN_INVITATION, join_plan, PlanMembership, _plan_invitations, "created_at", "invited_until"),
    Source(K.PLAN_AGREEMENT, lasting.accept_plan_agreement, PlanMembership, _plan_agreements, "updated_at"),
    Source(K.PLAN_RENEWAL, lasting.renew_plan, PlanMembership, _plan_renewals, "joined_at", "valid_to"),
    Source(K.PATH_INVITATION, accept_path_invitation, PathEnrollment, _path_invitations, "invited_at", "invited_until"),
    Source(K.PATH_ANNUAL_REVIEW, submit_annual_review, PathEnrollment, _annual_reviews, "updated_at", "annual_due_at"),
    Source(K.SOLUTION_RECERTIFICATION, submit_solution, Solution, _certifications, "updated_at", "valid_until"),
    Source(K.BUSINESS_INFO_RENEWAL, submit_business_info, BusinessInfo, _expired_business_info, "since"),
    Source(K.MICRO_DEPOSIT_AMOUNT, confirm_micro_deposit, BusinessInfo, _unnamed_amounts, "since"),
    Source(K.BANK_LETTER, submit_bank_letter, BusinessInfo, _bank_letters, "since"),
    Source(
        K.RESELLER_APPLICATION,
        decide_reseller_applications,
        ResellerApplication,
        _reseller_applications,
        "vendor_approved_at",
    ),
    Source(K.INCENTIVE_CONFIRMATION, confirm_incentives, Incentive, _incentives, "generated_at", "confirm_deadline"),
    Source(
        K.EXPERT_CONFIRMATION,
        experts.confirm_expert_incentive,
        ExpertIncentive,
        _expert_lists,
        "waits_since",
        "deadline",
    ),
    Source(
        K.EXPERT_MATERIALS,
        experts.submit_expert_materials,
        ExpertIncentive,
        _expert_materials,
        "waits_since",
        "deadline",
    ),
    Source(K.MDF_CLAIM, submit_mdf_claim, MdfCase, _mdf_claims, "updated_at", "due_at"),
    Source(K.MDF_INVOICE, send_mdf_invoice, MdfCase, _mdf_invoices, "updated_at", "due_at"),
    Source(K.OPPORTUNITY_CORRECTION, submit_opportunity, Opportunity, _corrections, "updated_at"),
    Source(K.SPECIALIST_CORRECTION, apply_for_specialists, SpecialistBinding, _rejected_specialists, "updated_at"),
    Source(K.SPECIALIST_UNBINDING, unbind_specialist, SpecialistBinding, _unbindings, "unbind_requested_at"),
    Source(
        K.SPECIALIST_CANCELLATION,
        request_specialist_cancellation,
        SpecialistBinding,
        _cancellations,
        "unbind_requested_at",
    ),
    Source(K.MANAGERS_WITHOUT_DIRECTOR, assign_director, Partner, _managers, "created_at", began=undirected_since),
    Source(K.FEED_CHECK, check_feed, Feed, _broken_feeds, "broken_at"),
    Source(K.REVIEW, decide_review, ReviewCase, _reviews, "submitted_at", "due_at"),
    Source(K.OPPORTUNITY_AUDIT, audit_opportunity, Opportunity, _audits, "updated_at"),
    Source(K.OPPORTUNITY_VERIFICATION, verify_opportunity, Opportunity, _verifications, "updated_at", "deadline"),
    Source(K.REPORT_REVIEW, decide_report_review, CustomerReport, _reports, "created_at"),
    Source(K.MICRO_DEPOSIT_PAYMENT, record_micro_deposit, BusinessInfo, _unmade_deposits, "since", "late_from"),
    Source(K.BUSINESS_INFO_UNLOCKING, unlock_business_info, BusinessInfo, _locked_forms, "since", "late_from"),
    Source(K.PAYOUT_COMPLETION, complete_payout, PayoutRequest, _payouts, "requested_at"),
    Source(K.EXPERT_DISPUTE, experts.answer_expert_dispute, ExpertIncentive, _expert_disputes, "waits_since"),
)
"""Every kind of to-do, in the order of `TodoKind`."""


@query(permission=Permission.TODOS_READ)
async def todos(ctx: Context, *, kinds: Sequence[TodoKind] | None = None) -> list[TodoGroup]:
    """What waits for the actor now, by kind; a kind of which nothing waits is left out. One statement for all kinds,
    beside what a kind must know of the actor.
    """
    wanted = [
        one for one in SOURCES if (kinds is None or one.kind in kinds) and may(ctx.actor, one.step.spec.permission)
    ]
    heads = [Head(await one.rows(ctx), ("id", one.since, one.until), one.until) for one in wanted]
    found = await read_heads(heads, SHOWN + 1)
    return [await _group(ctx, source, rows) for source, rows in zip(wanted, found, strict=True) if rows]


async def _group(ctx: Context, source: Source, rows: Sequence[tuple[UUID, datetime, datetime]]) -> TodoGroup:
    began = None if source.began is None else await source.began(ctx)
    items = [
        Todo(source.model.__name__, row_id, began or since, due, is_overdue(due, now=ctx.now))
        for row_id, since, until in rows[:SHOWN]
        for due in [until if source.due else None]
    ]
    return TodoGroup(source.kind, source.step.spec.name, items, more=len(rows) > SHOWN)


async def subjects_of(ctx: Context, parents: Sequence[Todo]) -> list[Row | None]:
    """What each to-do is about, as far as the actor sees it."""
    return await rows_at(ctx, [(one.subject_type, one.subject_id) for one in parents])
