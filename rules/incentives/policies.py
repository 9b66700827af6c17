"""What a partner earns: effective-dated policies of each site (data in incentives.toml), and the amounts they give."""

import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from rules.customers import AssociationType
from rules.incentives.kinds import Indicator, OnDeadline, PeriodKind
from rules.registry import rule
from rules.sites import Site

_AMOUNT_PAGE = "https://support.huaweicloud.com/bpconsole_faq/csdp_faq_dp_080016.html"
DATA = Path(__file__).parent.with_name("incentives.toml")


@dataclass(frozen=True, slots=True)
class Step:
    """From `start` of the threshold indicator on (minor units, or heads) the rate is `rate`, a share of the base."""

    start: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class IncentivePolicy:
    """One version of a policy on one site; the fields are described at the head of incentives.toml."""

    id: str
    version: int
    site: Site
    titles: Mapping[str, str]
    period: PeriodKind
    association_type: AssociationType
    base: Indicator
    threshold: Indicator
    steps: tuple[Step, ...]
    valid_from: date
    valid_to: date | None
    on_deadline: OnDeadline
    confirm_working_days: int
    source: str
    page: str

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on `day`, both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of performance: whose, how the customer was associated when it paid, and minor units."""

    customer: UUID
    association_type: AssociationType
    amount: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The indicators of a sheet for one association type."""

    type_performance: int
    total_performance: int
    customers: int

    @classmethod
    def of(cls, lines: Iterable[Line], association_type: AssociationType) -> "Totals":
        """Sums the lines of a sheet; those of which nothing counts are no lines."""
        every = [line for line in lines if line.amount]
        own = [line for line in every if line.association_type is association_type]
        return cls(
            sum(line.amount for line in own),
            sum(line.amount for line in every),
            len({line.customer for line in own}),
        )

    def value(self, indicator: Indicator) -> int:
        """The indicator's number."""
        values = {
            Indicator.TYPE_PERFORMANCE: self.type_performance,
            Indicator.TOTAL_PERFORMANCE: self.total_performance,
            Indicator.CUSTOMERS: self.customers,
        }
        return values[indicator]


@dataclass(frozen=True, slots=True)
class Computation:
    """How an amount came about: base × rate of the step reached; `step` is None below the first one."""

    base: int
    threshold: int
    step: Step | None
    amount: int

    @property
    def rate(self) -> Decimal:
        """The rate applied; 0 below the first step."""
        return self.step.rate if self.step is not None else Decimal(0)


@rule("incentives.amount", "B 16.2", page=_AMOUNT_PAGE)
def compute_incentive(totals: Totals, policy: IncentivePolicy) -> Computation:
    """The amount in minor units, negative when the base is.

    The rate of the highest step reached is applied to the whole base; the product is rounded half to even. A negative
    base (more paid back than paid) that reaches no step of money is charged at the lowest rate; too few heads neither
    earn nor owe.
    """
    base, threshold = totals.value(policy.base), totals.value(policy.threshold)
    step = _reached(policy.steps, threshold)
    if step is None and base < 0 and policy.threshold is not Indicator.CUSTOMERS:
        step = policy.steps[0]
    if step is None:
        return Computation(base, threshold, None, 0)
    numerator, denominator = step.rate.as_integer_ratio()
    return Computation(base, threshold, step, divide_half_even(base * numerator, denominator))


def _reached(steps: Sequence[Step], threshold: int) -> Step | None:
    return next((step for step in reversed(steps) if step.start <= threshold), None)


@rule("incentives.share", "B 16.3")
def compute_share(amount: int, base: int, before: int, after: int) -> int:
    """What one line of performance has in the amount; the shares of all lines sum to it exactly.

    `before` and `after` are the running sums of the base without and with the line, in the lines' fixed order.
    """
    if not base:
        return 0
    return divide_half_even(amount * after, base) - divide_half_even(amount * before, base)


def divide_half_even(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, halves to the even neighbour; exact for numbers of any size."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(numerator, denominator)
    up = 2 * rest > denominator or (2 * rest == denominator and quotient % 2)
    return quotient + bool(up)


@rule("incentives.policy_of_month", "B 16.2")
def policies_in_force(site: Site, period: str) -> list[IncentivePolicy]:
    """The policies that a month ("2026-03") is settled by: those in force on its last day, in the order of the data."""
    day = last_day(period)
    return [policy for policy in POLICIES if policy.site is site and policy.holds_on(day)]


def last_day(period: str) -> date:
    """The last day of a month written as "2026-03"; `ValueError` for anything else."""
    first = date.fromisoformat(f"{period}-01")
    return first.replace(day=monthrange(first.year, first.month)[1])


def policy_of(id: str, version: int, site: Site) -> IncentivePolicy:
    """A version by name; a version once used is never taken out of the data."""
    return _BY_NAME[id, version, site]


class InvalidPolicies(ValueError):
    """The data contradicts itself; the message says where."""


def _load(path: Path) -> tuple[IncentivePolicy, ...]:
    data = tomllib.loads(path.read_text("utf-8"))
    found = [_policy(id, facts, row) for id, facts in data.items() for row in facts["versions"]]
    for policy in found:
        _check(policy)
    _check_apart(found)
    return tuple(found)


def _policy(id: str, facts: Mapping[str, Any], row: Mapping[str, Any]) -> IncentivePolicy:
    return IncentivePolicy(
        id=id,
        version=row["version"],
        site=Site(row["site"]),
        titles=MappingProxyType({"en": facts["name"]["en"], "zh-CN": facts["name"]["zh"]}),
        period=PeriodKind(facts["period"]),
        association_type=AssociationType(facts["association_type"]),
        base=Indicator(facts["base"]),
        threshold=Indicator(facts["threshold"]),
        steps=tuple(Step(step["from"], Decimal(step["rate"])) for step in row["steps"]),
        valid_from=row["valid_from"],
        valid_to=row.get("valid_to"),
        on_deadline=OnDeadline(facts["on_deadline"]),
        confirm_working_days=facts["confirm_working_days"],
        source=facts["rule"],
        page=facts["page"],
    )


def _check(policy: IncentivePolicy) -> None:
    starts = [step.start for step in policy.steps]
    sound = (
        starts
        and starts == sorted(set(starts))
        and starts[0] >= 0
        and all(0 <= step.rate <= 1 for step in policy.steps)
        and policy.confirm_working_days >= 1
        and policy.base is not Indicator.CUSTOMERS
        and (policy.valid_to is None or policy.valid_from <= policy.valid_to)
    )
    if not sound:
        raise InvalidPolicies(f"{policy.id} {policy.version} of {policy.site}")


def _check_apart(policies: Sequence[IncentivePolicy]) -> None:
    """Versions of one policy on one site are numbered upwards in time and never hold on the same day."""
    latest: dict[tuple[str, Site], IncentivePolicy] = {}
    for policy in policies:
        before = latest.get((policy.id, policy.site))
        if before is not None and not (
            before.version < policy.version and before.valid_to is not None and before.valid_to < policy.valid_from
        ):
            raise InvalidPolicies(f"{policy.id} of {policy.site}: {before.version} and {policy.version}")
        latest[policy.id, policy.site] = policy


POLICIES: tuple[IncentivePolicy, ...] = _load(DATA)
"""Every version of every policy, in the order of the data."""
_BY_NAME = {(policy.id, policy.version, policy.site): policy for policy in POLICIES}
