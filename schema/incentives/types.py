"""The types of incentives; source objects are rows, policies of the rules, and what the resolvers computed."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from resolvers.experts import lists_of_payouts
from resolvers.incentives import explaining, reads
from rules.customers import AssociationType
from rules.errors import ErrorCode
from rules.incentives.kinds import (
    DeferredStatus,
    IncentiveStatus,
    Indicator,
    OnDeadline,
    PayoutMethod,
    PayoutStatus,
    PeriodKind,
)
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.fields import amount_of, relation
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.scalars import Money, money_of

if TYPE_CHECKING:
    from schema.experts.types import ExpertIncentive
    from schema.incentives.performance import PerformanceSheet
    from schema.partners import Partner
    from schema.vouchers.types import VoucherQuota

SheetType = Annotated["PerformanceSheet", strawberry.lazy("schema.incentives.performance")]
QuotaType = Annotated["VoucherQuota", strawberry.lazy("schema.vouchers.types")]
ExpertListType = Annotated["ExpertIncentive", strawberry.lazy("schema.experts.types")]
PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]

strawberry.enum(IncentiveStatus, description="Where the reconciliation and payout of an incentive stand.")
strawberry.enum(Indicator, name="IncentiveIndicator", description="What of a month's performance is counted.")
strawberry.enum(OnDeadline, name="IncentiveOnDeadline", description="What the deadline does to an unconfirmed amount.")
strawberry.enum(PeriodKind, name="IncentivePeriodKind", description="What a policy's period is.")
strawberry.enum(PayoutMethod, description="How incentives are paid out.")
strawberry.enum(DeferredStatus, name="DeferredPayoutStatus", description="Where a deferred payout stands.")
strawberry.enum(PayoutStatus, description="Where a payout request stands.")


@strawberry.type(description="How many incentives of a list are in one currency, and how much they are together.")
class IncentiveTotal:
    """The source object is an IncentiveTotal of the resolvers."""

    count: int = strawberry.field(description="How many.")
    amount = amount_of("total", "The sum of what is left of each after offsets.")


@strawberry.type(description="From a value of the threshold on, the rate of the whole base.")
class IncentiveStep:
    """Made from a Step of the rules and its policy."""

    from_amount: Money | None = strawberry.field(description="Least performance; null where heads are counted.")
    from_count: int | None = strawberry.field(description="Least number of customers; null where money is counted.")
    rate: str = strawberry.field(description="Share of the base, as 0.075.")


def _step(start: int, rate: Any, policy: Any, currency: str) -> IncentiveStep:
    heads = policy.threshold is Indicator.CUSTOMERS
    return IncentiveStep(
        from_amount=None if heads else money_of(start, currency),
        from_count=start if heads else None,
        rate=f"{rate.normalize():f}",
    )


@strawberry.type(description="One version of an incentive policy on one site.")
class IncentivePolicy:
    """The source object is an IncentivePolicy of the rules."""

    version: int = strawberry.field(description="Counts up with every change; a month keeps the version it had.")
    period: PeriodKind = strawberry.field(description="What is settled at a time.")
    association_type: AssociationType = strawberry.field(description="Whose performance is the base.")
    base: Indicator = strawberry.field(description="What is multiplied.")
    threshold: Indicator = strawberry.field(description="What decides the rate.")
    valid_from: date = strawberry.field(description="First day, in the site's zone.")
    valid_to: date | None = strawberry.field(description="Last day; null until further notice.")
    on_deadline: OnDeadline = strawberry.field(description="What becomes of an amount nobody has confirmed in time.")
    confirm_working_days: int = strawberry.field(description="How many working days there are to confirm.")

    @strawberry.field(description="Its stable name, as RESALE_CONSUMPTION.")
    def code(self) -> str:
        """The policy's id."""
        policy: Any = self
        return str(policy.id)

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """The title from the data."""
        policy: Any = self
        return str(policy.titles[info.context.ctx.locale])

    @strawberry.field(description="The steps, rising.")
    def steps(self) -> list[IncentiveStep]:
        """The chart of the rates."""
        policy: Any = self
        return [_step(step.start, step.rate, policy, policy.site.currency) for step in policy.steps]


@strawberry.type(description="What a policy gives for a month: base × rate of the step reached, rounded half to even.")
class IncentiveReckoning:
    """The source object is a Reckoning of the resolvers."""

    policy: IncentivePolicy = strawberry.field(description="The version of the policy.")
    period: str = strawberry.field(description="The month, as 2026-03.")

    @strawberry.field(description="What is multiplied.")
    def base(self) -> Money:
        """The base indicator's value."""
        source: Any = self
        return money_of(source.computed.base, source.currency)

    @strawberry.field(description="The threshold's value, where money is counted.")
    def threshold_amount(self) -> Money | None:
        """The threshold indicator's value in money."""
        source: Any = self
        heads = source.policy.threshold is Indicator.CUSTOMERS
        return None if heads else money_of(source.computed.threshold, source.currency)

    @strawberry.field(description="The threshold's value, where customers are counted.")
    def threshold_count(self) -> int | None:
        """The threshold indicator's value in heads."""
        source: Any = self
        return int(source.computed.threshold) if source.policy.threshold is Indicator.CUSTOMERS else None

    @strawberry.field(description="The step that was reached; null below the first one.")
    def step(self) -> IncentiveStep | None:
        """The step whose rate applies."""
        source: Any = self
        step = source.computed.step
        return None if step is None else _step(step.start, step.rate, source.policy, source.currency)

    @strawberry.field(description="What it comes to.")
    def amount(self) -> Money:
        """The product."""
        source: Any = self
        return money_of(source.computed.amount, source.currency)


@strawberry.type(description="What an expired incentive took off a negative one.")
class IncentiveOffset:
    """The source object is an IncentiveOffset row with the expired incentive."""

    at: datetime = strawberry.field(description="When the other one expired.")
    expired: Annotated["Incentive", strawberry.lazy("schema.incentives.types")] = strawberry.field(
        description="The one that expired."
    )

    @strawberry.field(description="By how much the negative one was made smaller.")
    def amount(self) -> Money:
        """The offset."""
        row: Any = self
        return money_of(row.amount, row.expired.currency)


@strawberry.type(description="What one policy gives a partner for one month and association type.")
class Incentive(Versioned, Node, OfRow):
    """The source object is an Incentive row."""

    period: str = strawberry.field(description="The month it is for, as 2026-03.")
    association_type: AssociationType = strawberry.field(description="Whose performance is the base.")
    status: IncentiveStatus = strawberry.field(description="Where it stands.")
    frozen: bool = strawberry.field(description="Whether the vendor keeps it from being paid out.")
    freeze_reason: str | None = strawberry.field(description="Why it is frozen.")
    generated_at: datetime = strawberry.field(description="When it was generated; the methods of payout depend on it.")
    confirm_deadline: datetime = strawberry.field(description="From this instant on it cannot be confirmed any more.")
    deadline_provisional: bool = strawberry.field(
        description="Whether the deadline counts days that are not published yet, and may move."
    )
    on_deadline: OnDeadline = strawberry.field(description="What happens at the deadline; a negative one is confirmed.")
    confirmed_at: datetime | None = strawberry.field(description="When it was confirmed.")
    claim_until: datetime | None = strawberry.field(
        description="From this instant on it cannot be claimed; null until its partner leaves its selling plan."
    )
    line_count: int = strawberry.field(description="How many lines of performance are in it.")
    amount = amount_of("amount", "What it comes to after offsets; may be negative.")
    computed_amount = amount_of("computed_amount", "What the policy gave; never changes.")
    partner = relation(reads.partners_of, PartnerType, "Whose it is.")
    sheet = relation(reads.sheets_of, SheetType, "The month of performance it comes from; its lines show their shares.")
    payout = relation(
        reads.payouts_of,
        Annotated["PayoutRequest", strawberry.lazy("schema.incentives.types")] | None,
        "The payout it is in; null while there is none.",
        columns=("id",),
    )
    offsets = relation(
        explaining.offsets_of, list[IncentiveOffset], "What expired ones took off it, oldest first.", columns=("id",)
    )
    actions = relation(
        reads.actions_of,
        list[ActionState],
        "What you may do with it now: CONFIRM, REQUEST_PAYOUT, FREEZE, UNFREEZE.",
        columns=(
            "id",
            "partner_id",
            "site",
            "period",
            "association_type",
            "status",
            "amount",
            "generated_at",
            "confirm_deadline",
            "on_deadline",
            "frozen",
            "claim_until",
        ),
    )

    @strawberry.field(
        description="Why the policy gave this amount: its version, base, threshold and step.",
        metadata=looks_at(
            "site",
            "period",
            "policy_id",
            "policy_version",
            "base_value",
            "threshold_value",
            "step_from",
            "rate",
            "computed_amount",
            "currency",
        ),
    )
    def explanation(self) -> IncentiveReckoning:
        """From what is stored with the incentive."""
        row: Any = self
        return explaining.reckoning_of(row)  # type: ignore[return-value]

    @strawberry.field(
        description="By which methods it may be paid out.",
        metadata=looks_at("association_type", "generated_at", "site"),
    )
    def payout_methods(self, info: Info) -> list[PayoutMethod]:
        """The row of the table that it falls under."""
        row: Any = self
        return list(reads.methods_of(info.context.ctx, row))


@strawberry.type(description="An incentive computed again, from the month's lines of performance.")
class RecomputedIncentive:
    """The source object is a Recomputed of the resolvers."""

    same: bool = strawberry.field(description="Whether every number and byte is as it was stored.")
    incentive: Incentive = strawberry.field(description="The incentive as it is stored.")
    reckoning: IncentiveReckoning = strawberry.field(description="What it comes to now.")

    @strawberry.field(description="SHA-256 of the whole explanation, in hexadecimal digits.")
    def digest(self) -> str:
        """The digest made now."""
        source: Any = self
        return str(source.digest.hex())


@strawberry.type(description="What a line of performance has in one incentive.")
class IncentiveShare:
    """The source object is a Share of the resolvers."""

    incentive: Incentive = strawberry.field(description="The incentive.")

    @strawberry.field(description="The line's part of the computed amount; all parts sum to it exactly.")
    def amount(self) -> Money:
        """The share."""
        source: Any = self
        return money_of(source.amount, source.incentive.currency)


@strawberry.type(description="An incentive in a payout.")
class PayoutItem:
    """The source object is a PayoutItem row with its incentive."""

    incentive: Incentive = strawberry.field(description="The incentive.")

    @strawberry.field(description="What it counts in the payout; may be negative.")
    def amount(self) -> Money:
        """The incentive's amount when the payout was requested."""
        row: Any = self
        return money_of(row.amount, row.incentive.currency)


@strawberry.type(description="A request to be paid out some incentives by one method.")
class PayoutRequest(Versioned, Node, OfRow):
    """The source object is a PayoutRequest row."""

    method: PayoutMethod = strawberry.field(description="How; it cannot be changed.")
    status: PayoutStatus = strawberry.field(description="Where it stands.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    ended_at: datetime | None = strawberry.field(description="When it was completed or rejected.")
    reason: str | None = strawberry.field(description="Why it was rejected.")
    amount = amount_of("amount", "The sum of its incentives, negative ones included.")
    quota = relation(reads.quotas_of, QuotaType | None, "The voucher quota that was granted; null by other methods.")
    items = relation(reads.items_of, list[PayoutItem], "Its incentives.", columns=("id",))
    expert_incentives = relation(
        lists_of_payouts, list[ExpertListType], "Its lists of experts, where it pays for these.", columns=("id",)
    )
    partner = relation(reads.partners_of, PartnerType, "Whose it is.")
    actions = relation(
        reads.payout_actions, list[ActionState], "What you may do with it now: COMPLETE, REJECT.", columns=("status",)
    )


@strawberry.type(description="A payout that was refused while business information was being certified.")
class DeferredPayout(Versioned, Node, OfRow):
    """The source object is a DeferredPayout row."""

    method: PayoutMethod = strawberry.field(description="How it was asked for.")
    status: DeferredStatus = strawberry.field(description="Where it stands.")
    requested_at: datetime = strawberry.field(description="When it was refused.")
    ended_at: datetime | None = strawberry.field(description="When it was asked for again, dropped or taken back.")
    payout = relation(reads.resubmitted_of, PayoutRequest | None, "What became of it; null before, and when dropped.")

    @strawberry.field(description="What stood against it when it was dropped.", metadata=looks_at("codes"))
    def codes(self) -> list[ErrorCode]:
        """The codes of the refusal."""
        row: Any = self
        return [ErrorCode(code) for code in row.codes]

    @strawberry.field(description="The incentives it is about.", metadata=looks_at("incentive_ids"))
    def incentive_ids(self) -> list[strawberry.ID]:
        """Public ids."""
        row: Any = self
        return [encoded("inc", UUID(text)) for text in row.incentive_ids]


@strawberry.type(description="An invoice that a partner owes the vendor for money it got without one.")
class OwedInvoice(Versioned, Node, OfRow):
    """The source object is an OwedInvoice row."""

    incurred_at: datetime = strawberry.field(description="When the money was paid.")
    amount = amount_of("amount", "For how much an invoice is owed.")
    remaining = amount_of("remaining", "What later consumption has yet to make up for.")

    @strawberry.field(description="The tax rate, as 0.06.", metadata=looks_at("tax_rate"))
    def tax_rate(self) -> str:
        """The rate that held when it was incurred."""
        row: Any = self
        return f"{row.tax_rate.normalize():f}"


@strawberry.type(description="Sums of a partner's incentives in one currency.")
class IncentiveTotals:
    """The source object is an IncentiveTotals of the resolvers."""

    currency: str = strawberry.field(description="ISO 4217, as CNY.")
    pending = amount_of("pending", "Waits for confirmation.")
    payable = amount_of("payable", "Confirmed and not frozen: its payout may be requested.")
    frozen = amount_of("frozen", "Kept from being paid out.")
    paying_out = amount_of("paying_out", "Is being paid out.")
    paid = amount_of("paid", "Was paid out.")
