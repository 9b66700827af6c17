"""Inputs and root fields of partner plans: catalogue and panel, joining, leaving and deciding, tiers."""

from typing import Any

import strawberry
from tortoise.queryset import QuerySet

from models.partners import Partner as PartnerRow
from models.plans import PlanMembership as PlanMembershipRow
from models.plans import TierUpgrade as TierUpgradeRow
from resolvers import plans
from resolvers.context import Context
from rules.plans import PlanCode, UpgradeState
from schema.context import Info
from schema.fields import Payload, mutation, query
from schema.inputs import KeyedInput, ref, text
from schema.pages import connection
from schema.plans.tiers import TierUpgrade
from schema.plans.types import PlanAgreement, PlanMembership, PlanType


@strawberry.input
class JoinPlanInput(KeyedInput):
    """Which plan, and the agreement that is accepted."""

    plan: PlanCode = strawberry.field(description="The plan to join.")
    agreement_version: str | None = text("Version of the agreement you accept.", most=20, default=None)
    distributor_id: strawberry.ID | None = ref(
        PartnerRow, "For the reseller plan: the distributor you want to work with.", default=None
    )


@strawberry.input
class WithdrawPlanApplicationInput(KeyedInput):
    """The application to take back."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ExitPlanInput(KeyedInput):
    """The membership to end."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class InviteToPlanInput(KeyedInput):
    """Whom the vendor invites to which plan."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    plan: PlanCode = strawberry.field(description="The plan.")


@strawberry.input
class DeclinePlanInvitationInput(KeyedInput):
    """The invitation to say no to."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RevokePlanInvitationInput(KeyedInput):
    """The invitation to take back."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RenewPlanInput(KeyedInput):
    """The membership to renew, and the agreement that is accepted."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    agreement_version: str | None = text("Version of the agreement you accept.", most=20, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class AcceptPlanAgreementInput(KeyedInput):
    """The membership, and the new version of its agreement."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    agreement_version: str | None = text("Version of the agreement you accept.", most=20, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class DecidePlanApplicationInput(KeyedInput):
    """The vendor's decision about an application."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    approve: bool = strawberry.field(description="Approve or reject.")
    tier: str | None = text("The tier to begin with; default: the site's first.", most=30, default=None)
    reason: str | None = text("Why it is rejected.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version the decision is about.")


@strawberry.input
class RecordPlanExitInput(KeyedInput):
    """An exit agreed on with the ecosystem manager."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    reason: str | None = text("Why.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class UpgradeTierInput(KeyedInput):
    """The tier to apply for."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    tier: str = text("Code of a tier above the present one.", most=30)
    statement: str | None = text("What speaks for you.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ProposeTierInput(KeyedInput):
    """The tier to apply for on a partner's behalf."""

    id: strawberry.ID = ref(PlanMembershipRow, "Id of the membership.", argument="membership_id")
    tier: str = text("Code of a tier above the present one.", most=30)
    statement: str | None = text("What speaks for the partner.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class WithdrawTierUpgradeInput(KeyedInput):
    """The application to take back."""

    id: strawberry.ID = ref(TierUpgradeRow, "Id of the application.", argument="upgrade_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The membership concerned.")
class PlanMembershipPayload(Payload):
    """The source object is a PlanMembership."""

    membership: PlanMembership | None = strawberry.field(description="The membership as it stands now.")


@strawberry.type(description="The application concerned.")
class TierUpgradePayload(Payload):
    """The source object is a TierUpgrade."""

    upgrade: TierUpgrade | None = strawberry.field(description="The application as it stands now.")


@strawberry.type
class PlanQueries:
    """Root reads of this domain."""

    @query(plans.plan_catalogue)
    async def plan_catalogue(self, info: Info) -> list[PlanType]:
        """Every plan, with what keeps your partner from applying for it now."""
        return await plans.plan_catalogue(info.context.ctx)  # type: ignore[return-value]

    @query(plans.joined_plans)
    async def joined_plans(self, info: Info) -> list[PlanMembership]:
        """The panel of joined plans: your partner is in a plan exactly when it is listed here."""
        return await plans.joined_plans(info.context.ctx)  # type: ignore[return-value]

    @connection(plans.plan_applications, PlanMembership)
    def plan_applications(self, ctx: Context) -> QuerySet[Any]:
        """Your partner's requested plans and invitations with their progress, newest first."""
        return plans.plan_applications(ctx)

    @connection(plans.plan_agreements, PlanAgreement)
    def plan_agreements(self, ctx: Context, plan: PlanCode | None = None) -> QuerySet[Any]:
        """Which versions of plans' agreements your partner has accepted, when and by whom; the vendor sees all."""
        return plans.plan_agreements(ctx, plan=plan)

    @connection(plans.plan_applications_in_review, PlanMembership)
    def plan_applications_in_review(self, ctx: Context, plan: PlanCode | None = None) -> QuerySet[Any]:
        """The vendor's queue of applications for plans, newest first."""
        return plans.plan_applications_in_review(ctx, plan=plan)

    @connection(plans.tier_upgrades, TierUpgrade)
    def tier_upgrades(self, ctx: Context, state: UpgradeState | None = None) -> QuerySet[Any]:
        """Your partner's applications for higher tiers with their progress, newest first; the vendor sees all."""
        return plans.tier_upgrades(ctx, state=state)


@strawberry.type
class PlanMutations:
    """Root mutations of this domain."""

    join_plan = mutation(plans.join_plan, JoinPlanInput, PlanMembershipPayload)
    withdraw_plan_application = mutation(
        plans.withdraw_plan_application, WithdrawPlanApplicationInput, PlanMembershipPayload
    )
    exit_plan = mutation(plans.exit_plan, ExitPlanInput, PlanMembershipPayload)
    renew_plan = mutation(plans.renew_plan, RenewPlanInput, PlanMembershipPayload)
    accept_plan_agreement = mutation(plans.accept_plan_agreement, AcceptPlanAgreementInput, PlanMembershipPayload)
    invite_to_plan = mutation(plans.invite_to_plan, InviteToPlanInput, PlanMembershipPayload)
    decline_plan_invitation = mutation(plans.decline_plan_invitation, DeclinePlanInvitationInput, PlanMembershipPayload)
    revoke_plan_invitation = mutation(plans.revoke_plan_invitation, RevokePlanInvitationInput, PlanMembershipPayload)
    decide_plan_application = mutation(plans.decide_plan_application, DecidePlanApplicationInput, PlanMembershipPayload)
    record_plan_exit = mutation(plans.record_plan_exit, RecordPlanExitInput, PlanMembershipPayload)
    upgrade_tier = mutation(plans.upgrade_tier, UpgradeTierInput, TierUpgradePayload)
    propose_tier = mutation(plans.propose_tier, ProposeTierInput, TierUpgradePayload)
    withdraw_tier_upgrade = mutation(plans.withdraw_tier_upgrade, WithdrawTierUpgradeInput, TierUpgradePayload)
