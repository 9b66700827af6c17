"""Closing an account: what stands in the way, how long it is kept, restoring it within that time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.accounts import AccountStatus
from rules.customers import CustomerFact
from rules.errors import ErrorCode, Violation
from rules.policy import ACCOUNTS_CLOSED_RETENTION, Policy
from rules.registry import rule
from rules.transitions import machine

_CLOSING_PAGE = (
    "https://huaweicloud.com/s/JeaVsOaNruS7k-W6k-S4u-mimOS4juS4u-mimOWfn-WMuuWIqyU/t_30_p_3/Jei0puWPt-S4reW_gyU"
)
_PATHS_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/depa_100003.html"


class ClosingState(StrEnum):
    """Where an account stands on its way out; what the vendor or an administrator has stopped lies outside of it."""

    ACTIVE = "ACTIVE"
    CLOSED_RETAINED = "CLOSED_RETAINED"
    DELETED = "DELETED"


C = ClosingState
CLOSING = machine(
    "closing",
    ClosingState,
    (C.ACTIVE,),
    "A 9",
    (C.ACTIVE, "close", "account", C.CLOSED_RETAINED),
    (C.CLOSED_RETAINED, "restore", "account", C.ACTIVE),
    (C.CLOSED_RETAINED, "delete", "system", C.DELETED),
)


class Obstacle(StrEnum):
    """What an account that shall be closed still has, besides the facts that the vendor has recorded about it."""

    SALES_PARTNER = "SALES_PARTNER"
    MARKETPLACE_PARTNER = "MARKETPLACE_PARTNER"
    PARTNER_FROZEN = "PARTNER_FROZEN"
    PARTNER_RESTRICTED = "PARTNER_RESTRICTED"
    CUSTOMERS = "CUSTOMERS"
    SPECIALISTS = "SPECIALISTS"
    BOUND = "BOUND"
    OPPORTUNITIES = "OPPORTUNITIES"
    INCENTIVES = "INCENTIVES"
    PAYOUTS = "PAYOUTS"
    MDF_CASES = "MDF_CASES"
    PLAN_APPLICATION = "PLAN_APPLICATION"
    REVIEW = "REVIEW"
    OWED_INVOICE = "OWED_INVOICE"
    BALANCE = "BALANCE"
    ASSOCIATED = "ASSOCIATED"


@dataclass(frozen=True, slots=True)
class Closing:
    """An account that shall be closed: values of `Obstacle` and `CustomerFact`, and the development paths its partner
    has entered and not left.
    """

    known: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()


H, F, E = Obstacle, CustomerFact, ErrorCode
BLOCKERS: tuple[tuple[ErrorCode, frozenset[str]], ...] = (
    (E.CLOSE_SALES_PARTNER, frozenset({H.SALES_PARTNER, H.MARKETPLACE_PARTNER})),
    (E.PARTNER_FROZEN, frozenset({H.PARTNER_FROZEN})),
    (E.PARTNER_RESTRICTED, frozenset({H.PARTNER_RESTRICTED})),
    (E.CLOSE_CUSTOMERS_ASSOCIATED, frozenset({H.CUSTOMERS})),
    (E.CLOSE_SPECIALIST_BOUND, frozenset({H.SPECIALISTS, H.BOUND})),
    (E.CLOSE_OPPORTUNITIES_OPEN, frozenset({H.OPPORTUNITIES})),
    (E.CLOSE_BENEFITS_UNPAID, frozenset({H.INCENTIVES, H.PAYOUTS, H.MDF_CASES})),
    (E.CLOSE_PLAN_APPLICATION_OPEN, frozenset({H.PLAN_APPLICATION})),
    (E.CLOSE_REVIEW_OPEN, frozenset({H.REVIEW})),
    (E.CLOSE_INVOICE_OWED, frozenset({H.OWED_INVOICE, F.OWED_INVOICE})),
    (E.CLOSE_BALANCE_LEFT, frozenset({H.BALANCE, F.GIFT_BALANCE, F.STORED_VALUE_CARD})),
    (E.CLOSE_ARREARS, frozenset({F.ARREARS, F.UNSETTLED_BILL, F.ORDERS_AWAIT_PAYMENT})),
    (E.CLOSE_RESOURCES_OPEN, frozenset({F.RESERVED_INSTANCE, F.FROZEN_WITH_RESOURCES, F.SUPPORT_PLAN})),
    (
        E.CLOSE_ENTERPRISE_ACCOUNT,
        frozenset(
            {
                F.UNIFIED_MEMBER,
                F.NON_UNIFIED_MEMBER,
                F.MASTER_WITH_UNIFIED_MEMBERS,
                F.MASTER_WITH_NON_UNIFIED_MEMBERS,
            }
        ),
    ),
    (E.ACCOUNT_FROZEN, frozenset({F.FROZEN_BY_HAND, F.FROZEN_WITH_RESOURCES})),
    (E.CLOSE_ASSOCIATED, frozenset({H.ASSOCIATED})),
)
"""Code → any of these facts stands in the way."""

CLOSING_REFUSALS = (ErrorCode.PATH_EXIT_REQUIRED, *(code for code, _ in BLOCKERS))


@rule("accounts.paths_left", "A 9", codes=(E.PATH_EXIT_REQUIRED,), page=_PATHS_PAGE)
@rule("accounts.closing", "A 9", codes=tuple(code for code, _ in BLOCKERS), page=_CLOSING_PAGE)
def check_close(status: AccountStatus, closing: Closing) -> list[Violation]:
    """Every reason against closing the account: STATE_CONFLICT unless it is active, PATH_EXIT_REQUIRED with the paths
    that must be left first, and a code for each row of the table that holds.

    A path that cannot be left any more, and being a seller, lead to the ecosystem manager: nobody closes such an
    account alone.
    """
    violations = _check(status, "close")
    if closing.paths:
        details = {"paths": list(closing.paths)}
        violations.append(Violation(E.PATH_EXIT_REQUIRED, rule="accounts.paths_left", parameters=details))
    return violations + [Violation(code, rule="accounts.closing") for code, facts in BLOCKERS if facts & closing.known]


@rule("accounts.retention", "A 9", policy=(ACCOUNTS_CLOSED_RETENTION,), page=_CLOSING_PAGE)
def compute_retention_end(now: datetime, *, policy: Policy) -> datetime:
    """The first instant at which an account closed `now` is deleted and cannot be restored."""
    return now + policy[ACCOUNTS_CLOSED_RETENTION]


@rule("accounts.restoring", "A 9", codes=(E.RESTORE_TOO_LATE,), page=_CLOSING_PAGE)
def check_restore(status: AccountStatus, retained_until: datetime | None, *, now: datetime) -> list[Violation]:
    """STATE_CONFLICT unless the account is closed and kept; RESTORE_TOO_LATE from the end of that time on."""
    violations = _check(status, "restore")
    if not violations and retained_until is not None and now >= retained_until:
        violations.append(Violation(E.RESTORE_TOO_LATE, rule="accounts.restoring", deadline=retained_until))
    return violations


def _check(status: AccountStatus, event: str) -> list[Violation]:
    if status.value in {state.value for state in ClosingState}:
        return CLOSING.check(ClosingState(status.value), event)
    needed = [one.source.value for one in CLOSING.transitions if one.event == event]
    details = {"event": event, "state": status.value, "allowed": needed}
    return [Violation(E.STATE_CONFLICT, rule=CLOSING.rule, parameters=details)]
