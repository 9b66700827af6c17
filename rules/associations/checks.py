"""The account check: what must be settled before an association may end or change its type."""

from dataclasses import dataclass

from rules.associations.kinds import AssociationFacts, Purpose, RequestInitiator, RequestKind
from rules.customers import AssociationType, CustomerFact
from rules.errors import ErrorCode, Violation
from rules.partners import PartnerKind, Undertaking, check_standing
from rules.registry import rule
from rules.sites import Site

_GUARDS_PAGE = "https://huaweicloud.com/s/JXZzY29kZSDlh73mlbDosIPnlKjlhbPns7sl/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """A row of the account check: `fact` stands in the way of these kinds of request, types, sites and initiators."""

    guard: str
    fact: CustomerFact
    code: ErrorCode
    kinds: frozenset[RequestKind] = frozenset(RequestKind)
    types: frozenset[AssociationType] = frozenset(AssociationType)
    sites: frozenset[Site] = frozenset(Site)
    initiators: frozenset[RequestInitiator] = frozenset(RequestInitiator)
    partner_kinds: frozenset[PartnerKind] | None = None


_CN, _INTL = frozenset({Site.CN}), frozenset({Site.INTL})
_UNBIND, _SWITCH = frozenset({RequestKind.UNBIND}), frozenset({RequestKind.SWITCH})
_RESALE = frozenset({AssociationType.RESALE})
_BY_PARTNER, _BY_CUSTOMER = frozenset({RequestInitiator.PARTNER}), frozenset({RequestInitiator.CUSTOMER})
_DISTRIBUTOR = frozenset({PartnerKind.DISTRIBUTOR})
F = CustomerFact
E = ErrorCode
_row = AccountCheck

ACCOUNT_CHECKS = (
    _row("A5", F.MASTER_WITH_NON_UNIFIED_MEMBERS, E.UNBIND_MASTER_WITH_MEMBERS, types=_RESALE),
    _row("A6", F.NON_UNIFIED_MEMBER, E.UNBIND_IS_MEMBER),
    _row("A7", F.RESERVED_INSTANCE, E.UNBIND_RESERVED_INSTANCE, kinds=_SWITCH, sites=_CN),
    _row("A7", F.RESERVED_INSTANCE, E.UNBIND_RESERVED_INSTANCE, kinds=_UNBIND, sites=_INTL),
    _row("A8", F.SUPPORT_PLAN, E.UNBIND_SUPPORT_PLAN, kinds=_UNBIND),
    _row("A8", F.MEMBERS_WITH_SUPPORT_PLAN, E.UNBIND_SUPPORT_PLAN, kinds=_UNBIND),
    _row("A9", F.ORDERS_AWAIT_PAYMENT, E.UNBIND_ORDERS_AWAIT_PAYMENT),
    _row("A10", F.ARREARS, E.UNBIND_ARREARS, kinds=_UNBIND, types=_RESALE, initiators=_BY_CUSTOMER),
    _row("A11", F.SPECIAL_CONTRACT, E.UNBIND_SPECIAL_CONTRACT, kinds=_UNBIND, initiators=_BY_CUSTOMER),
    _row("A12", F.FROZEN_BY_HAND, E.UNBIND_CUSTOMER_FROZEN, kinds=_UNBIND, sites=_CN),
    _row("A12", F.FROZEN_WITH_RESOURCES, E.UNBIND_CUSTOMER_FROZEN, kinds=_UNBIND),
    _row("A13", F.NO_CURRENCY, E.UNBIND_NO_CURRENCY, kinds=_UNBIND, sites=_INTL, initiators=_BY_CUSTOMER),
    _row(
        "A15",
        F.KEY_ACCOUNT,
        E.UNBIND_KEY_ACCOUNT,
        kinds=_UNBIND,
        sites=_INTL,
        initiators=_BY_PARTNER,
        partner_kinds=_DISTRIBUTOR,
    ),
)
"""Facts that must be settled before an association may end or change. B 4.2 A5-A15; A14 is `check_standing`."""


@rule(
    "associations.account_check",
    "B 4.2 A5-A15",
    codes=tuple(dict.fromkeys(check.code for check in ACCOUNT_CHECKS)),
    page=_GUARDS_PAGE,
)
def check_account(purpose: Purpose, facts: AssociationFacts, *, site: Site) -> list[Violation]:
    """The account check: shown before the request, run again when it is made and when it is approved."""
    codes = dict.fromkeys(check.code for check in ACCOUNT_CHECKS if _applies(check, purpose, facts, site))
    violations = [Violation(code, rule="associations.account_check") for code in codes]
    if AssociationType.RESALE in (facts.type, purpose.target):
        violations += check_standing(facts.standing, Undertaking.UNBIND_RESALE_CUSTOMER)
    return violations


def _applies(check: AccountCheck, purpose: Purpose, facts: AssociationFacts, site: Site) -> bool:
    return (
        check.fact in facts.customer
        and purpose.kind in check.kinds
        and facts.type in check.types
        and site in check.sites
        and purpose.initiator in check.initiators
        and (check.partner_kinds is None or facts.partner_kind in check.partner_kinds)
    )
