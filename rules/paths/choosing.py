"""Taking a path, by oneself or invited, and leaving it: the ten blockers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rules.errors import ErrorCode, Violation
from rules.partners import AdmissionState
from rules.paths.catalogue import DevelopmentPath
from rules.paths.kinds import PATH, VALIDATED, PathCode, PathRecordKind, PathStage, PathState
from rules.plans import JoinMode
from rules.policy import PATHS_INVITATION_LIFE, Policy
from rules.registry import rule

_INVITE_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/depa_100003.html"
_SERVICE_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/tl_010101.html"
E, S = ErrorCode, PathState
LIVE = frozenset(PathState) - {S.EXPIRED, S.EXITED}
"""Invited or on the path."""


@dataclass(frozen=True, slots=True)
class Traveller:
    """A partner that looks at a path. `states` has its live ways by path, `sibling_paths` what the company's other
    accounts are on.
    """

    admission: AdmissionState | None
    states: Mapping[PathCode, PathState] = field(default_factory=dict)
    sibling_paths: frozenset[PathCode] = frozenset()


def _taking(traveller: Traveller, path: DevelopmentPath) -> list[Violation]:
    details = {"path": path.code.value}
    reasons = (
        (traveller.admission is AdmissionState.JOINED, E.HCPN_REQUIRED, "paths.network"),
        (
            not path.one_per_company or path.code not in traveller.sibling_paths,
            E.PATH_TAKEN_BY_SIBLING,
            "paths.one_per_company",
        ),
    )
    return [Violation(code, rule=name, parameters=details) for met, code, name in reasons if not met]


@rule("paths.network", "A 6.3", codes=(E.HCPN_REQUIRED,))
@rule("paths.one_per_company", "A 6.1", codes=(E.PATH_TAKEN_BY_SIBLING,), page=_SERVICE_PAGE)
@rule("paths.invitation", "A 6.1", codes=(E.PATH_INVITE_ONLY,), page=_INVITE_PAGE)
@rule("paths.once", "A 6.1", codes=(E.PATH_ALREADY_CHOSEN,), page=_SERVICE_PAGE)
def check_select(traveller: Traveller, path: DevelopmentPath) -> list[Violation]:
    """All reasons against choosing `path` by oneself: PATH_INVITE_ONLY, PATH_ALREADY_CHOSEN, HCPN_REQUIRED,
    PATH_TAKEN_BY_SIBLING.
    """
    violations = _taking(traveller, path)
    details = {"path": path.code.value}
    if path.join is JoinMode.INVITE:
        violations.append(Violation(E.PATH_INVITE_ONLY, rule="paths.invitation", parameters=details))
    if path.code in traveller.states:
        violations.append(Violation(E.PATH_ALREADY_CHOSEN, rule="paths.once", parameters=details))
    return violations


@rule("paths.invite", "A 6.3", codes=(E.PATH_NOT_INVITABLE, E.PATH_ALREADY_CHOSEN, E.HCPN_REQUIRED), page=_INVITE_PAGE)
def check_path_invite(traveller: Traveller, path: DevelopmentPath) -> list[Violation]:
    """All reasons against the vendor's invitation: PATH_NOT_INVITABLE where partners choose by themselves,
    PATH_ALREADY_CHOSEN when invited or on it, HCPN_REQUIRED before admission.
    """
    reasons = (
        (path.join is JoinMode.INVITE, E.PATH_NOT_INVITABLE),
        (path.code not in traveller.states, E.PATH_ALREADY_CHOSEN),
        (traveller.admission is AdmissionState.JOINED, E.HCPN_REQUIRED),
    )
    details = {"path": path.code.value}
    return [Violation(code, rule="paths.invite", parameters=details) for met, code in reasons if not met]


@rule("paths.invitation_life", "A 6.3", policy=(PATHS_INVITATION_LIFE,))
def compute_invited_until(now: datetime, *, policy: Policy) -> datetime:
    """The first instant at which an invitation of `now` opens no more."""
    return now + policy[PATHS_INVITATION_LIFE]


@rule("paths.acceptance", "A 6.3", codes=(E.PATH_INVITATION_EXPIRED,), page=_INVITE_PAGE)
def check_accept(
    state: PathState, invited_until: datetime | None, traveller: Traveller, path: DevelopmentPath, *, now: datetime
) -> list[Violation]:
    """All reasons against accepting an invitation: STATE_CONFLICT, PATH_INVITATION_EXPIRED from `invited_until` on,
    HCPN_REQUIRED, PATH_TAKEN_BY_SIBLING.
    """
    violations = PATH.check(state, "accept")
    if not violations and invited_until is not None and now >= invited_until:
        violations.append(Violation(E.PATH_INVITATION_EXPIRED, rule="paths.acceptance", deadline=invited_until))
    return violations + _taking(traveller, path)


class PathExitBlocker(StrEnum):
    """What keeps a partner on a path."""

    PLAN_JOINED = "PLAN_JOINED"
    ROLE_VALIDATED = "ROLE_VALIDATED"
    DIFFERENTIATED = "DIFFERENTIATED"
    SOLUTION = "SOLUTION"
    ADVANCED_SOLUTION = "ADVANCED_SOLUTION"
    TEST_COUPON = "TEST_COUPON"
    EXAM_VOUCHER = "EXAM_VOUCHER"
    MDF = "MDF"
    EXPERT_INCENTIVE = "EXPERT_INCENTIVE"
    DELIVERY_SUPPORT = "DELIVERY_SUPPORT"


@dataclass(frozen=True, slots=True)
class Ties:
    """What binds a partner to its paths: joined plans, the stages that it has reached on any of them, solutions of any
    state, submitted cases of the market development fund, qualifications for the experts' incentive, what the vendor
    keeps count of.
    """

    joined_plans: int = 0
    solutions: int = 0
    advanced_solutions: int = 0
    records: Mapping[PathRecordKind, int] = field(default_factory=dict)
    stages: frozenset[PathStage] = frozenset()
    mdf_cases: int = 0
    experts: int = 0

    def count(self, kind: PathRecordKind) -> int:
        """How many of these the vendor knows of."""
        return self.records.get(kind, 0)


B, K = PathExitBlocker, PathRecordKind
# One row for each blocker, all of them about the account: a role validated on one path keeps it on the others too.
# The vendor's count of what has a domain of its own by now is of cases from elsewhere: they bind a partner as much.
_BLOCKERS: Mapping[PathExitBlocker, Callable[[Ties], bool]] = {
    B.PLAN_JOINED: lambda ties: ties.joined_plans > 0,
    B.ROLE_VALIDATED: lambda ties: bool(ties.stages & VALIDATED),
    B.DIFFERENTIATED: lambda ties: PathStage.DIFFERENTIATED in ties.stages,
    B.SOLUTION: lambda ties: ties.solutions > 0,
    B.ADVANCED_SOLUTION: lambda ties: ties.advanced_solutions > 0,
    B.TEST_COUPON: lambda ties: ties.count(K.TEST_COUPONS) > 0,
    B.EXAM_VOUCHER: lambda ties: ties.count(K.EXAM_VOUCHERS) > 0,
    B.MDF: lambda ties: ties.mdf_cases + ties.count(K.MDF_CASES) > 0,
    B.EXPERT_INCENTIVE: lambda ties: ties.experts + ties.count(K.EXPERT_INCENTIVES) > 0,
    B.DELIVERY_SUPPORT: lambda ties: ties.count(K.DELIVERY_SUPPORTS) > 0,
}


def compute_exit_blockers(ties: Ties) -> list[PathExitBlocker]:
    """Everything that keeps the partner on its paths, in the order of the manual."""
    return [blocker for blocker, holds in _BLOCKERS.items() if holds(ties)]


@rule("paths.exit", "A 6.4", codes=(E.PATH_EXIT_BLOCKED,), page=_INVITE_PAGE)
def check_path_exit(state: PathState, ties: Ties) -> list[Violation]:
    """All reasons against leaving a path by oneself: STATE_CONFLICT, and one PATH_EXIT_BLOCKED a blocker."""
    return PATH.check(state, "exit") + [
        Violation(E.PATH_EXIT_BLOCKED, rule="paths.exit", parameters={"blocker": blocker.value})
        for blocker in compute_exit_blockers(ties)
    ]


@rule("paths.recorded_exit", "A 6.4", codes=(E.REASON_REQUIRED,), page=_INVITE_PAGE)
def check_recorded_exit(state: PathState, reason: str) -> list[Violation]:
    """All reasons against the vendor's recording that a partner has left, as was agreed: STATE_CONFLICT;
    REASON_REQUIRED. What keeps the partner from leaving by itself does not count.
    """
    violations = PATH.check(state, "exit")
    if not reason.strip():
        violations.append(Violation(E.REASON_REQUIRED, ("input", "reason"), "paths.recorded_exit"))
    return violations
