"""Requests to unbind or switch: the account check fact by fact, forms, answers, withdrawals and effects."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from rules.associations import (
    REQUEST,
    AssociationEffect,
    AssociationFacts,
    AssociationStatus,
    PendingRequest,
    Purpose,
    RequestForm,
    RequestHistory,
    RequestInitiator,
    RequestKind,
    RequestStatus,
    check_account,
    check_answer,
    check_opening,
    check_request,
    check_withdraw,
    compute_beginning,
    compute_deadline,
    compute_effects,
    compute_first_status,
)
from rules.customers import AssociationType, CustomerFact
from rules.errors import ErrorCode
from rules.partners import PartnerKind, Standing
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

E, F, K, S = ErrorCode, CustomerFact, RequestKind, RequestStatus
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
POLICIES = {site: Policy.at(site, NOW.date()) for site in Site}
CN = POLICIES[Site.CN]
REFERRAL, RESALE = AssociationType.REFERRAL, AssociationType.RESALE
PARTNER, CUSTOMER = RequestInitiator.PARTNER, RequestInitiator.CUSTOMER

FACTS = AssociationFacts(AssociationStatus.ACTIVE, RESALE, frozenset(), Standing.ACTIVE, PartnerKind.SOLUTION_PROVIDER)
UNBIND = Purpose(K.UNBIND, PARTNER)
SWITCH = Purpose(K.SWITCH, PARTNER, REFERRAL)
LEAVE = Purpose(K.UNBIND, CUSTOMER)
FORM = RequestForm("No longer needed", acknowledged=True)


def purposes(type: AssociationType) -> list[Purpose]:
    """Every purpose there is for an association of that type."""
    return [UNBIND, Purpose(K.SWITCH, PARTNER, REFERRAL if type is RESALE else RESALE), LEAVE]


def stands_in_the_way(
    fact: CustomerFact, purpose: Purpose, type: AssociationType, site: Site, kind: PartnerKind
) -> bool:
    """The rule book's column "applies", row by row."""
    unbinds, leaves = purpose.kind is K.UNBIND, purpose == LEAVE
    applies = {
        F.MASTER_WITH_NON_UNIFIED_MEMBERS: type is RESALE,
        F.NON_UNIFIED_MEMBER: True,
        F.RESERVED_INSTANCE: unbinds if site is Site.INTL else not unbinds,
        F.SUPPORT_PLAN: unbinds,
        F.MEMBERS_WITH_SUPPORT_PLAN: unbinds,
        F.ORDERS_AWAIT_PAYMENT: True,
        F.ARREARS: leaves and type is RESALE,
        F.SPECIAL_CONTRACT: leaves,
        F.FROZEN_BY_HAND: unbinds and site is Site.CN,
        F.FROZEN_WITH_RESOURCES: unbinds,
        F.NO_CURRENCY: leaves and site is Site.INTL,
        F.KEY_ACCOUNT: unbinds and not leaves and site is Site.INTL and kind is PartnerKind.DISTRIBUTOR,
    }
    return applies.get(fact, False)


CODES = {
    F.MASTER_WITH_NON_UNIFIED_MEMBERS: E.UNBIND_MASTER_WITH_MEMBERS,
    F.NON_UNIFIED_MEMBER: E.UNBIND_IS_MEMBER,
    F.RESERVED_INSTANCE: E.UNBIND_RESERVED_INSTANCE,
    F.SUPPORT_PLAN: E.UNBIND_SUPPORT_PLAN,
    F.MEMBERS_WITH_SUPPORT_PLAN: E.UNBIND_SUPPORT_PLAN,
    F.ORDERS_AWAIT_PAYMENT: E.UNBIND_ORDERS_AWAIT_PAYMENT,
    F.ARREARS: E.UNBIND_ARREARS,
    F.SPECIAL_CONTRACT: E.UNBIND_SPECIAL_CONTRACT,
    F.FROZEN_BY_HAND: E.UNBIND_CUSTOMER_FROZEN,
    F.FROZEN_WITH_RESOURCES: E.UNBIND_CUSTOMER_FROZEN,
    F.NO_CURRENCY: E.UNBIND_NO_CURRENCY,
    F.KEY_ACCOUNT: E.UNBIND_KEY_ACCOUNT,
}


@pytest.mark.parametrize(("fact", "type", "site"), list(product(CustomerFact, AssociationType, Site)))
def test_one_fact(fact: CustomerFact, type: AssociationType, site: Site) -> None:
    policy = POLICIES[site]
    for purpose, kind in product(purposes(type), PartnerKind):
        facts = replace(FACTS, type=type, customer=frozenset({fact}), partner_kind=kind)
        wanted = [CODES[fact]] if stands_in_the_way(fact, purpose, type, site, kind) else []
        assert codes(check_account(purpose, facts, site=site)) == wanted, (purpose, kind)
        assert codes(check_request(purpose, FORM, facts, RequestHistory(), now=NOW, policy=policy)) == wanted
        status = compute_first_status(purpose.initiator)
        side = PARTNER if status is S.PENDING_PARTNER else CUSTOMER
        request = PendingRequest(status, purpose, NOW + MILLISECOND)
        for approve in (True, False):
            found = check_answer(request, facts, side=side, approve=approve, reason="no", now=NOW, policy=policy)
            assert codes(found) == (wanted if approve else [])


def test_every_code_of_the_account_check_is_expected() -> None:
    assert set(CODES.values()) == {code for code in ErrorCode if code.startswith("UNBIND_")}


@pytest.mark.parametrize(("standing", "type"), list(product(Standing, AssociationType)))
def test_a_frozen_partner_keeps_its_resale_customers(standing: Standing, type: AssociationType) -> None:
    for purpose in purposes(type):
        facts = replace(FACTS, type=type, standing=standing)
        resale = RESALE in (type, purpose.target)
        wanted = [E.PARTNER_FROZEN] if standing in (Standing.FROZEN, Standing.CLOSED) and resale else []
        assert codes(check_account(purpose, facts, site=Site.CN)) == wanted, purpose


def test_all_reasons_come_at_once_each_once() -> None:
    facts = replace(FACTS, customer=frozenset(CustomerFact), standing=Standing.FROZEN, own=False)
    history = RequestHistory(by_partner=(NOW,), by_customer=(NOW,), open=True)
    found = check_request(UNBIND, RequestForm(" ", acknowledged=False), facts, history, now=NOW, policy=CN)
    assert codes(found) == [
        E.ACKNOWLEDGEMENT_REQUIRED,
        E.REASON_REQUIRED,
        E.NOT_OWN_CUSTOMER,
        E.CUSTOMER_REQUEST_TOO_RECENT,
        E.PARTNER_REQUEST_LIMIT,
        E.REQUEST_ALREADY_OPEN,
        E.UNBIND_MASTER_WITH_MEMBERS,
        E.UNBIND_IS_MEMBER,
        E.UNBIND_SUPPORT_PLAN,
        E.UNBIND_ORDERS_AWAIT_PAYMENT,
        E.UNBIND_CUSTOMER_FROZEN,
        E.PARTNER_FROZEN,
    ]
    opening = check_opening(UNBIND, facts, history, now=NOW, policy=CN)
    assert opening == found[2:], "what the actions show is what the request refuses"


@pytest.mark.parametrize(
    ("purpose", "reason", "acknowledged", "wanted"),
    [
        (UNBIND, "why", True, []),
        (UNBIND, None, True, [(E.REASON_REQUIRED, "reason")]),
        (UNBIND, " ", True, [(E.REASON_REQUIRED, "reason")]),
        (UNBIND, "x" * 500, True, []),
        (UNBIND, "x" * 501, True, [(E.OUT_OF_RANGE, "reason")]),
        (UNBIND, "why", False, [(E.ACKNOWLEDGEMENT_REQUIRED, "acknowledged")]),
        (LEAVE, None, True, []),
        (LEAVE, "x" * 501, True, [(E.OUT_OF_RANGE, "reason")]),
        (LEAVE, None, False, [(E.ACKNOWLEDGEMENT_REQUIRED, "acknowledged")]),
    ],
)
def test_forms(purpose: Purpose, reason: str | None, acknowledged: bool, wanted: list[tuple[ErrorCode, str]]) -> None:
    form = RequestForm(reason, acknowledged=acknowledged)
    found = check_request(purpose, form, FACTS, RequestHistory(), now=NOW, policy=CN)
    codes(found)
    assert [(violation.code, violation.path) for violation in found] == [(code, ("input", at)) for code, at in wanted]


@pytest.mark.parametrize(
    ("purpose", "changed", "wanted"),
    [
        (UNBIND, {"own": False}, [E.NOT_OWN_CUSTOMER]),
        (LEAVE, {"own": False}, []),
        (SWITCH, {}, []),
        (SWITCH, {"type": REFERRAL}, [E.SAME_ASSOCIATION_TYPE]),
        (SWITCH, {"may_refer": False}, [E.INVITATION_TYPE_NOT_ALLOWED]),
        (Purpose(K.SWITCH, PARTNER, RESALE), {"type": REFERRAL, "may_refer": False}, []),
        (UNBIND, {"may_refer": False}, []),
        (UNBIND, {"status": AssociationStatus.ENDED}, [E.STATE_CONFLICT]),
        (SWITCH, {"status": AssociationStatus.ENDED}, [E.STATE_CONFLICT]),
        (UNBIND, {"standing": Standing.RESTRICTED}, []),
    ],
)
def test_whose_association_and_which_type(purpose: Purpose, changed: dict, wanted: list[ErrorCode]) -> None:
    facts = replace(FACTS, **changed)
    assert codes(check_opening(purpose, facts, RequestHistory(), now=NOW, policy=CN)) == wanted


SIDES = {
    (S.PENDING_CUSTOMER, "approve"): CUSTOMER,
    (S.PENDING_CUSTOMER, "reject"): CUSTOMER,
    (S.PENDING_CUSTOMER, "withdraw"): PARTNER,
    (S.PENDING_PARTNER, "approve"): PARTNER,
    (S.PENDING_PARTNER, "reject"): PARTNER,
    (S.PENDING_PARTNER, "withdraw"): CUSTOMER,
}


@pytest.mark.parametrize(
    ("status", "event", "side"), list(product(RequestStatus, ["approve", "reject", "withdraw"], RequestInitiator))
)
def test_whose_turn_it_is(status: RequestStatus, event: str, side: RequestInitiator) -> None:
    for deadline, in_time in ((NOW + MILLISECOND, True), (NOW, False)):
        request = PendingRequest(status, UNBIND, deadline)
        if event == "withdraw":
            found = check_withdraw(request, side=side, now=NOW)
        else:
            approve = event == "approve"
            found = check_answer(request, FACTS, side=side, approve=approve, reason="no", now=NOW, policy=CN)
        if in_time and SIDES.get((status, event)) is side:
            assert found == []
            continue
        assert codes(found) == [E.STATE_CONFLICT]
        shown = status if in_time or not status.startswith("PENDING") else S.EXPIRED
        allowed = next(state for (state, what), who in SIDES.items() if what == event and who is side)
        assert found[0].parameters == {"event": event, "state": shown.value, "allowed": [allowed.value]}
        assert found[0].deadline == (deadline if shown is S.EXPIRED else None)


@pytest.mark.parametrize(
    ("side", "reason", "wanted"),
    [
        (PARTNER, None, [E.REASON_REQUIRED]),
        (PARTNER, "x" * 500, []),
        (PARTNER, "x" * 501, [E.OUT_OF_RANGE]),
        (CUSTOMER, None, []),
        (CUSTOMER, "x" * 501, [E.OUT_OF_RANGE]),
    ],
)
def test_who_rejects_must_say_why(side: RequestInitiator, reason: str | None, wanted: list[ErrorCode]) -> None:
    status = S.PENDING_PARTNER if side is PARTNER else S.PENDING_CUSTOMER
    request = PendingRequest(status, LEAVE if side is PARTNER else UNBIND, NOW + MILLISECOND)
    found = check_answer(request, FACTS, side=side, approve=False, reason=reason, now=NOW, policy=CN)
    assert codes(found) == wanted


def test_an_answer_asks_no_windows_but_the_association() -> None:
    request = PendingRequest(S.PENDING_CUSTOMER, UNBIND, NOW + MILLISECOND)
    ended = replace(FACTS, status=AssociationStatus.ENDED)
    found = check_answer(request, ended, side=CUSTOMER, approve=True, reason=None, now=NOW, policy=CN)
    assert codes(found) == [E.STATE_CONFLICT]
    assert found[0].rule == "association.states"


def test_a_request_waits_thirty_days() -> None:
    assert compute_deadline(NOW, CN) == NOW + timedelta(days=30)


def test_the_ways_of_a_request() -> None:
    assert {(row.source, row.event, row.by, row.target) for row in REQUEST.transitions} == {
        (S.PENDING_CUSTOMER, "approve", "customer", S.DONE),
        (S.PENDING_CUSTOMER, "reject", "customer", S.REJECTED),
        (S.PENDING_CUSTOMER, "withdraw", "partner", S.WITHDRAWN),
        (S.PENDING_CUSTOMER, "expire", "system", S.EXPIRED),
        (S.PENDING_PARTNER, "approve", "partner", S.DONE),
        (S.PENDING_PARTNER, "reject", "partner", S.REJECTED),
        (S.PENDING_PARTNER, "withdraw", "customer", S.WITHDRAWN),
        (S.PENDING_PARTNER, "expire", "system", S.EXPIRED),
    }
    assert {status.value for status in RequestStatus} == {
        "PENDING_CUSTOMER",
        "PENDING_PARTNER",
        "DONE",
        "REJECTED",
        "WITHDRAWN",
        "EXPIRED",
    }


X = AssociationEffect
EFFECTS = [
    (UNBIND, REFERRAL, Site.CN, [X.RECALL_VOUCHERS, X.REVOKE_AUTHORISATION, X.END_ASSOCIATION]),
    (
        LEAVE,
        RESALE,
        Site.CN,
        [X.RECALL_VOUCHERS, X.RETURN_BALANCE, X.LENGTHEN_GRACE_PERIOD, X.REVOKE_AUTHORISATION, X.END_ASSOCIATION],
    ),
    (
        UNBIND,
        RESALE,
        Site.INTL,
        [
            X.RECALL_VOUCHERS,
            X.RETURN_BALANCE,
            X.LENGTHEN_GRACE_PERIOD,
            X.DELETE_BUDGET,
            X.REVOKE_AUTHORISATION,
            X.END_ASSOCIATION,
        ],
    ),
    (SWITCH, RESALE, Site.CN, [X.RECALL_VOUCHERS, X.RETURN_BALANCE, X.CHANGE_TYPE]),
    (
        Purpose(K.SWITCH, PARTNER, RESALE),
        REFERRAL,
        Site.CN,
        [X.RECALL_VOUCHERS, X.CHANGE_TYPE, X.TAKE_BACK_CREDIT, X.LENGTHEN_GRACE_PERIOD],
    ),
    (
        Purpose(K.SWITCH, PARTNER, RESALE),
        REFERRAL,
        Site.INTL,
        [X.RECALL_VOUCHERS, X.CHANGE_TYPE, X.FREEZE_UNTIL_BUDGET, X.LENGTHEN_GRACE_PERIOD],
    ),
]


@pytest.mark.parametrize(("purpose", "type", "site", "wanted"), EFFECTS)
def test_effects(purpose: Purpose, type: AssociationType, site: Site, wanted: list[AssociationEffect]) -> None:
    assert compute_effects(purpose, type, site=site) == wanted


@pytest.mark.parametrize("site", Site)
def test_only_a_resale_association_changes_the_account(site: Site) -> None:
    assert compute_beginning(REFERRAL, site=site) == []
    first = X.FREEZE_UNTIL_BUDGET if site is Site.INTL else X.TAKE_BACK_CREDIT
    assert compute_beginning(RESALE, site=site) == [first, X.LENGTHEN_GRACE_PERIOD]
