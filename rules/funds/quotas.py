"""Quotas of the market development fund: who gets how much in which year, and what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from rules.calendar import start_of_day
from rules.errors import ErrorCode, Violation
from rules.funds.kinds import MdfLine
from rules.paths import PathCode, PathStage
from rules.plans import PlanCode
from rules.policy import (
    MDF_SERVICE_AMOUNTS,
    MDF_SI_AMOUNTS,
    MDF_SOFTWARE_AMOUNTS,
    MDF_SOLUTION_PROVIDER_AMOUNTS,
    Policy,
    PolicyKey,
)
from rules.registry import rule
from rules.sites import Site

_TIERS_PAGE = "https://www.huaweicloud.com/partners/programs/solution_provider/index.html"
_QUOTA_PAGE = "https://huaweicloud.com/s/JeWMu-mZouS4iee6p-etieS_neeahOimgeaxgiU/t_30_p_10/JeWQiOS9nOS8meS8tOS4reW_gyU"
_OVER_PAGE = "https://huaweicloud.com/s/JeWuieWFqOWfuue6v-ajgOafpSDmiqXlkYol/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
_MINOR = 100

E, L = ErrorCode, MdfLine
AMOUNTS: Mapping[MdfLine, PolicyKey[tuple[str, ...]]] = {
    L.SOLUTION_PROVIDER: MDF_SOLUTION_PROVIDER_AMOUNTS,
    L.SOFTWARE: MDF_SOFTWARE_AMOUNTS,
    L.SERVICE: MDF_SERVICE_AMOUNTS,
    L.SI: MDF_SI_AMOUNTS,
}
"""Line → what each tier or stage gets a year, as `LEADING:150000` in whole units of the site's currency."""
PLAN_OF: Mapping[MdfLine, PlanCode] = {L.SOLUTION_PROVIDER: PlanCode.SOLUTION_PROVIDER}
PATH_OF: Mapping[MdfLine, PathCode] = {
    L.SOFTWARE: PathCode.SOFTWARE,
    L.SERVICE: PathCode.SERVICE,
    L.SI: PathCode.SI,
}


@dataclass(frozen=True, slots=True)
class MdfStanding:
    """What a partner's quotas rest on: tiers in joined plans, stages on paths, business information."""

    tiers: Mapping[PlanCode, str | None] = field(default_factory=dict)
    stages: Mapping[PathCode, PathStage] = field(default_factory=dict)
    certified: bool = False

    def level(self, line: MdfLine) -> str | None:
        """The tier or stage that the line looks at; None where the partner has none."""
        if line in PLAN_OF:
            return self.tiers.get(PLAN_OF[line])
        stage = self.stages.get(PATH_OF[line])
        return None if stage is None else stage.value


@dataclass(frozen=True, slots=True)
class MdfBalance:
    """What there is of a quota, in minor units."""

    granted: int
    reserved: int = 0
    consumed: int = 0

    @property
    def available(self) -> int:
        """What can still be applied for."""
        return self.granted - self.reserved - self.consumed


@rule("funds.entitlement", "A 13.1", policy=tuple(AMOUNTS.values()), page=_TIERS_PAGE)
def compute_entitlement(line: MdfLine, standing: MdfStanding, *, policy: Policy) -> int:
    """What the line gives the partner a year, in minor units; 0 where its tier or stage has no part in the fund."""
    level = standing.level(line)
    amounts = dict(one.split(":") for one in policy[AMOUNTS[line]])
    return int(amounts.get(level or "", 0)) * _MINOR


@rule(
    "funds.quota",
    "A 13.1",
    codes=(E.MDF_NOT_ENTITLED, E.BUSINESS_INFO_REQUIRED, E.MDF_QUOTA_OPENED),
    page=_QUOTA_PAGE,
)
def check_opening(line: MdfLine, standing: MdfStanding, *, opened: bool, policy: Policy) -> list[Violation]:
    """All reasons against opening this year's quota of a line: MDF_NOT_ENTITLED where the partner's tier or stage gives
    none, BUSINESS_INFO_REQUIRED until its business information is certified, MDF_QUOTA_OPENED when it has one.
    """
    entitled = compute_entitlement(line, standing, policy=policy) > 0
    reasons = (
        (entitled, E.MDF_NOT_ENTITLED),
        (standing.certified, E.BUSINESS_INFO_REQUIRED),
        (not opened, E.MDF_QUOTA_OPENED),
    )
    details = {"line": line.value}
    return [Violation(code, ("input", "line"), "funds.quota", details) for met, code in reasons if not met]


@rule("funds.adjustment", "A 13.1", codes=(E.OUT_OF_RANGE, E.REASON_REQUIRED, E.MDF_OVER_QUOTA), page=_OVER_PAGE)
def check_adjustment(balance: MdfBalance, amount: int, reason: str) -> list[Violation]:
    """All reasons against raising a quota, or lowering it by a negative amount: OUT_OF_RANGE for nothing,
    REASON_REQUIRED, MDF_OVER_QUOTA for less than is reserved and consumed.
    """
    violations = []
    if amount == 0:
        violations.append(Violation(E.OUT_OF_RANGE, ("input", "amount"), "funds.adjustment", {"min": "0.01"}))
    if not reason.strip():
        violations.append(Violation(E.REASON_REQUIRED, ("input", "reason"), "funds.adjustment"))
    if amount < 0:
        violations += check_available(balance, -amount, "input", "amount")
    return violations


@rule("funds.available", "A 13.3", codes=(E.MDF_OVER_QUOTA,), page=_OVER_PAGE)
def check_available(balance: MdfBalance, wanted: int, *path: str) -> list[Violation]:
    """MDF_OVER_QUOTA for more than is granted and neither reserved nor consumed; the ecosystem manager may raise it."""
    if wanted <= balance.available:
        return []
    limit, used = Decimal(balance.granted) / _MINOR, Decimal(balance.reserved + balance.consumed) / _MINOR
    requested = Decimal(wanted) / _MINOR
    details = {"available": f"{Decimal(balance.available) / _MINOR:.2f}"}
    return [Violation(E.MDF_OVER_QUOTA, path, "funds.available", details, limit=limit, used=used, requested=requested)]


def compute_year_end(day: date, site: Site) -> datetime:
    """The first instant of the calendar year after this day: fiscal years are the site's calendar years."""
    return start_of_day(date(day.year + 1, 1, 1), site)


@rule("funds.suspension", "A 13.6", codes=(E.MDF_SUSPENDED,))
def check_suspension(suspended_until: datetime | None, *, now: datetime) -> list[Violation]:
    """MDF_SUSPENDED until the end of the calendar year in which a violation was decided."""
    if suspended_until is None or now >= suspended_until:
        return []
    return [Violation(E.MDF_SUSPENDED, rule="funds.suspension", available_at=suspended_until)]
