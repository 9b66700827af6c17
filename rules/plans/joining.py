"""Who may join and leave a plan, and the way of a membership."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rules.accounts import RealNameKind, RealNameState
from rules.errors import ErrorCode, Violation
from rules.partners import AdmissionState, PartnerKind, Standing
from rules.plans.catalogue import PLANS, Condition, ExitMode, JoinMode, Plan, PlanCode
from rules.policy import PLANS_CO_SELL_AUTOMATIC, Policy, PolicyKey
from rules.registry import rule
from rules.sites import Site
from rules.statements import check_accepted
from rules.transitions import machine

_PLANS_PAGE = "https://huaweicloud.com/s/JeWbvemDveefreS_oeW5s-WPsCU/t_30_p_7/JeWQiOS9nOS8meS8tOS4reW_gyU"
_JOIN_PAGE = "https://huaweicloud.com/s/JeWNjuS4uiDmioDmnK_mlK_mjIEl/t_30_p_42/JeWQiOS9nOS8meS8tOS4reW_gyU"
_REFUSALS_PAGE = "https://support.huaweicloud.com/intl/en-us/usermanual-bpconsole/dp_040100.html"
_INVITE_PAGE = "https://support.huaweicloud.com/intl/zh-cn/usermanual-bpconsole/zh-cn_topic_0000001538618497.html"
_EXIT_PAGE = "https://huaweicloud.com/s/JWNkbua4oOmBk-S7o-eQhiU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"


class MembershipState(StrEnum):
    """Where a partner's membership of a plan stands; a partner is in the plan in JOINED alone."""

    INVITED = "INVITED"
    IN_REVIEW = "IN_REVIEW"
    DISTRIBUTOR_REVIEW = "DISTRIBUTOR_REVIEW"
    JOINED = "JOINED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    EXITED = "EXITED"
    DECLINED = "DECLINED"
    REVOKED = "REVOKED"


M = MembershipState
MEMBERSHIP = machine(
    "plan_membership",
    MembershipState,
    (M.INVITED, M.IN_REVIEW, M.JOINED),
    "A 8.4",
    (M.INVITED, "apply", "partner", M.IN_REVIEW),
    (M.INVITED, "decline", "partner", M.DECLINED),
    (M.INVITED, "revoke", "vendor", M.REVOKED),
    (M.INVITED, "expire", "system", M.EXPIRED),
    (M.REJECTED, "apply", "partner", M.IN_REVIEW),
    (M.INVITED, "join", "partner, when the plan needs no review or a distributor invites", M.JOINED),
    (M.REJECTED, "join", "partner, when the plan needs no review or a distributor invites", M.JOINED),
    (M.IN_REVIEW, "approve", "vendor", M.JOINED),
    (M.IN_REVIEW, "pass_on", "vendor, when a distributor decides too", M.DISTRIBUTOR_REVIEW),
    (M.IN_REVIEW, "reject", "vendor", M.REJECTED),
    (M.IN_REVIEW, "withdraw", "partner", M.WITHDRAWN),
    (M.DISTRIBUTOR_REVIEW, "withdraw", "partner", M.WITHDRAWN),
    (M.DISTRIBUTOR_REVIEW, "accept", "distributor", M.JOINED),
    (M.DISTRIBUTOR_REVIEW, "turn_down", "distributor", M.REJECTED),
    (M.JOINED, "renew", "partner", M.JOINED),
    (M.JOINED, "accept_agreement", "partner", M.JOINED),
    (M.JOINED, "upgrade_tier", "partner, or vendor on its behalf", M.JOINED),
    (M.JOINED, "expire", "system", M.EXPIRED),
    (M.JOINED, "exit", "partner or vendor", M.EXITED),
)

HELD = frozenset({M.IN_REVIEW, M.DISTRIBUTOR_REVIEW, M.JOINED})
"""Joined or applied for: no second application, and plans that exclude this one stay shut."""

RESUMED = frozenset({M.INVITED, M.REJECTED})
"""States from which an application goes on in the same membership; from the other ended ones a new one begins."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a partner that looks at a plan.

    `memberships` has the latest state per plan, `sibling_plans` what the company's other partner accounts have joined
    or applied for. The rest are facts of the account, its paths and its use of the cloud.
    """

    site: Site
    admission: AdmissionState | None
    standing: Standing = Standing.ACTIVE
    real_name_kind: RealNameKind | None = None
    real_name_state: RealNameState = RealNameState.NONE
    memberships: Mapping[PlanCode, MembershipState] = field(default_factory=dict)
    sibling_plans: frozenset[PlanCode] = frozenset()
    email_bound: bool = False
    path_chosen: bool = False
    service_role: bool = False
    has_distributor: bool = False
    open_resources: bool = False
    in_arrears: bool = False
    has_consumption: bool = False
    other_partner: bool = False
    unified_account: bool = False
    credit_account: bool = False
    reported_by_vendor: bool = False
    relations_declared: bool = False

    def holds(self, *plans: PlanCode) -> list[PlanCode]:
        """Those of `plans` that are joined or applied for."""
        return [plan for plan in plans if self.memberships.get(plan) in HELD]


def _is_enterprise(candidate: Candidate, _: Plan) -> bool:
    passed = candidate.real_name_state is RealNameState.PASSED
    return passed and candidate.real_name_kind is RealNameKind.ENTERPRISE


def _is_sales_identity(candidate: Candidate, _: Plan) -> bool:
    selling = (PlanCode.SOLUTION_PROVIDER, PlanCode.DISTRIBUTOR)
    return any(candidate.memberships.get(plan) is M.JOINED for plan in selling)


C, E = Condition, ErrorCode
_CONDITIONS: Mapping[Condition, tuple[ErrorCode, Callable[[Candidate, Plan], bool]]] = {
    C.ENTERPRISE: (E.REAL_NAME_REQUIRED, _is_enterprise),
    C.NOT_FROZEN: (E.PARTNER_FROZEN, lambda candidate, _: candidate.standing is not Standing.FROZEN),
    C.EMAIL_BOUND: (E.PLAN_EMAIL_REQUIRED, lambda candidate, _: candidate.email_bound),
    C.PATH_CHOSEN: (E.PLAN_PATH_REQUIRED, lambda candidate, _: candidate.path_chosen),
    C.NO_PATH: (E.PLAN_PATH_CHOSEN, lambda candidate, _: not candidate.path_chosen),
    C.SERVICE_ROLE: (E.PLAN_SERVICE_ROLE_REQUIRED, lambda candidate, _: candidate.service_role),
    C.SALES_IDENTITY: (E.PLAN_SALES_IDENTITY_REQUIRED, _is_sales_identity),
    C.NO_SIBLING: (E.PLAN_SIBLING_JOINED, lambda candidate, plan: plan.code not in candidate.sibling_plans),
    C.NO_DISTRIBUTOR: (E.PLAN_HAS_DISTRIBUTOR, lambda candidate, _: not candidate.has_distributor),
    C.NO_RESOURCES: (E.PLAN_RESOURCES_OPEN, lambda candidate, _: not candidate.open_resources),
    C.NO_ARREARS: (E.PLAN_ARREARS, lambda candidate, _: not candidate.in_arrears),
    C.NO_CONSUMPTION: (E.PLAN_CONSUMPTION, lambda candidate, _: not candidate.has_consumption),
    C.NO_OTHER_PARTNER: (E.PLAN_OTHER_PARTNER, lambda candidate, _: not candidate.other_partner),
    C.NO_UNIFIED_ACCOUNT: (E.PLAN_UNIFIED_ACCOUNT, lambda candidate, _: not candidate.unified_account),
    C.NO_CREDIT_ACCOUNT: (E.PLAN_CREDIT_ACCOUNT, lambda candidate, _: not candidate.credit_account),
    C.NOT_REPORTED_BY_VENDOR: (E.PLAN_REPORTED_BY_VENDOR, lambda candidate, _: not candidate.reported_by_vendor),
    C.RELATIONS_DECLARED: (E.PLAN_DECLARATION_REQUIRED, lambda candidate, _: candidate.relations_declared),
}


@rule("plans.network", "A 8.4", codes=(E.HCPN_REQUIRED,), page=_JOIN_PAGE)
@rule("plans.once", "A 8.3", codes=(E.PLAN_ALREADY_JOINED,))
@rule("plans.site", "A 8.1", codes=(E.PLAN_NOT_ELIGIBLE,), page=_PLANS_PAGE)
@rule("plans.invitation", "A 8.4", codes=(E.PLAN_INVITE_ONLY,), page=_INVITE_PAGE)
@rule("plans.exclusive", "A 8.2", codes=(E.PLAN_EXCLUDED,), page=_REFUSALS_PAGE)
def check_eligibility(candidate: Candidate, plan: Plan) -> list[Violation]:
    """All reasons why the partner may not apply for `plan` now; what `check_join` asks before the agreement.

    PLAN_NOT_ELIGIBLE: not offered on the partner's site. HCPN_REQUIRED, PLAN_ALREADY_JOINED (joined or applied for),
    PLAN_INVITE_ONLY, PLAN_EXCLUDED by other plans; then one code for each condition of the plan that is not met.
    """
    state = candidate.memberships.get(plan.code)
    excluding = candidate.holds(*sorted(plan.exclusive_with))
    reasons = (
        (plan.conditions.get(candidate.site) is not None, E.PLAN_NOT_ELIGIBLE, "plans.site"),
        (candidate.admission is AdmissionState.JOINED, E.HCPN_REQUIRED, "plans.network"),
        (state not in HELD, E.PLAN_ALREADY_JOINED, "plans.once"),
        (plan.join is JoinMode.SELF or state in HELD | RESUMED, E.PLAN_INVITE_ONLY, "plans.invitation"),
        (not excluding, E.PLAN_EXCLUDED, "plans.exclusive"),
    )
    violations = [
        Violation(
            code, rule=rule_id, parameters={"plan": plan.code.value, "others": [other.value for other in excluding]}
        )
        for met, code, rule_id in reasons
        if not met
    ]
    return violations + check_conditions(candidate, plan)


@rule("plans.conditions", "A 8.2", codes=tuple(code for code, _ in _CONDITIONS.values()), page=_REFUSALS_PAGE)
def check_conditions(candidate: Candidate, plan: Plan) -> list[Violation]:
    """One code for each condition of the plan that the partner does not meet."""
    asked = ((condition, *_CONDITIONS[condition]) for condition in plan.conditions.get(candidate.site, ()))
    details = {"plan": plan.code.value}
    return [
        Violation(code, rule="plans.conditions", parameters=details)
        for _, code, is_met in asked
        if not is_met(candidate, plan)
    ]


def check_join(candidate: Candidate, plan: Plan, *, agreement: str | None) -> list[Violation]:
    """All reasons against applying for `plan`: those of `check_eligibility` and of `check_agreement`."""
    return check_eligibility(candidate, plan) + check_agreement(plan, agreement)


@rule("plans.agreement", "A 8.4", codes=(E.AGREEMENT_REQUIRED,), page=_JOIN_PAGE)
def check_agreement(plan: Plan, accepted: str | None) -> list[Violation]:
    """AGREEMENT_REQUIRED unless `accepted` is the version of the plan's agreement that holds now."""
    return check_accepted(plan.statement, accepted, "input", "agreementVersion", rule="plans.agreement")


_AUTOMATIC: Mapping[PlanCode, PolicyKey[bool]] = {PlanCode.CO_SELL: PLANS_CO_SELL_AUTOMATIC}


@rule("plans.automatic", "A 8.1", policy=tuple(_AUTOMATIC.values()), page=_JOIN_PAGE)
def is_automatic(plan: Plan, *, policy: Policy) -> bool:
    """Whether an application joins at once, without a review."""
    return plan.code in _AUTOMATIC and policy[_AUTOMATIC[plan.code]]


def compute_applied_state(plan: Plan, *, policy: Policy) -> MembershipState:
    """Where an application leads, in a new membership or in one of the `RESUMED` states."""
    return M.JOINED if is_automatic(plan, policy=policy) else M.IN_REVIEW


def compute_approved_state(plan: Plan) -> MembershipState:
    """Where the vendor's approval leads: to the distributor where one decides too, else into the plan."""
    return M.DISTRIBUTOR_REVIEW if plan.distributor else M.JOINED


@rule(
    "plans.invite",
    "A 8.4",
    codes=(E.PLAN_NOT_INVITABLE, E.PLAN_ALREADY_JOINED, E.PLAN_NOT_ELIGIBLE, E.HCPN_REQUIRED),
    page=_INVITE_PAGE,
)
def check_invite(candidate: Candidate, plan: Plan) -> list[Violation]:
    """All reasons against the vendor's invitation: PLAN_NOT_INVITABLE when partners join by themselves,
    PLAN_NOT_ELIGIBLE when not offered on the site, PLAN_ALREADY_JOINED when invited, applied for or joined,
    HCPN_REQUIRED before admission.
    """
    reasons = (
        (plan.join is JoinMode.INVITE, E.PLAN_NOT_INVITABLE),
        (candidate.site in plan.conditions, E.PLAN_NOT_ELIGIBLE),
        (candidate.memberships.get(plan.code) not in HELD | {M.INVITED}, E.PLAN_ALREADY_JOINED),
        (candidate.admission is AdmissionState.JOINED, E.HCPN_REQUIRED),
    )
    details = {"plan": plan.code.value}
    return [Violation(code, rule="plans.invite", parameters=details) for met, code in reasons if not met]


_LINKED = frozenset({PartnerKind.DISTRIBUTOR, PartnerKind.RESELLER})


class OpenCase(StrEnum):
    """What a seller has been given or asked for and nobody has brought to an end."""

    VOUCHER_QUOTA = "VOUCHER_QUOTA"
    VOUCHER = "VOUCHER"
    RESELLER_APPLICATION = "RESELLER_APPLICATION"
    MDF_CASE = "MDF_CASE"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a member of a plan still has: links to distributor or resellers, and cases by kind with their number."""

    links: int = 0
    cases: Mapping[OpenCase, int] = field(default_factory=dict)


@rule(
    "plans.exit",
    "A 8.4",
    codes=(E.PLAN_EXIT_OFFLINE_ONLY, E.PLAN_EXIT_BLOCKED, E.PLAN_STILL_LINKED),
    page=_EXIT_PAGE,
)
def check_exit(state: MembershipState, plan: Plan, *, by_vendor: bool, has: Leaving) -> list[Violation]:
    """All reasons against leaving `plan`: STATE_CONFLICT unless joined; PLAN_EXIT_OFFLINE_ONLY when the partner itself
    asks and the plan is left through the vendor; of plans that make a partner a seller one PLAN_EXIT_BLOCKED for each
    kind of open case, and PLAN_STILL_LINKED for a distributor or reseller that has not parted with all.

    What was earned and waits to be paid out stands in nobody's way: it can be claimed after the end.
    """
    violations = MEMBERSHIP.check(state, "exit")
    details = {"plan": plan.code.value}
    if plan.exit is ExitMode.OFFLINE and not by_vendor:
        violations.append(Violation(E.PLAN_EXIT_OFFLINE_ONLY, rule="plans.exit", parameters=details))
    for case, count in has.cases.items() if plan.kind is not None else ():
        parameters = {**details, "case": case.value, "count": count}
        violations.append(Violation(E.PLAN_EXIT_BLOCKED, rule="plans.exit", parameters=parameters))
    if has.links and plan.kind in _LINKED:
        violations.append(Violation(E.PLAN_STILL_LINKED, rule="plans.exit", parameters=details))
    return violations


def compute_kind(memberships: Mapping[PlanCode, MembershipState]) -> PartnerKind | None:
    """As what the partner sells, by the plans it is in; those that give a kind exclude each other."""
    kinds = [plan.kind for code, plan in PLANS.items() if plan.kind and memberships.get(code) is M.JOINED]
    return kinds[0] if kinds else None
