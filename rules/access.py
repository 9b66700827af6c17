"""The one access table: who may do what. Roles answer "who"; whose row and in which state are asked elsewhere.

Hard rules stand behind the rows whose refusal is ADMIN_ONLY (customer relations belong to the main account and the
system administrator, employees' personal accounts to the main account alone) or MAIN_ACCOUNT_ONLY: no custom role or
machine credential can be given them.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.scope import EVERYTHING, NOTHING, Scope
from rules.errors import ErrorCode
from rules.permissions import Permission
from rules.sites import Site


class Role(StrEnum):
    """What an actor is. A partner's member has one to three of the partner roles, custom ones included, and is MEMBER
    beside: that role nobody gives, it stands for what every member may do.
    """

    ANONYMOUS = "ANONYMOUS"
    ACCOUNT = "ACCOUNT"
    MAIN_ACCOUNT = "MAIN_ACCOUNT"
    SYSTEM_ADMIN = "SYSTEM_ADMIN"
    ACCOUNT_MANAGER = "ACCOUNT_MANAGER"
    ACCOUNT_DIRECTOR = "ACCOUNT_DIRECTOR"
    SA_SPECIALIST = "SA_SPECIALIST"
    FINANCE = "FINANCE"
    OPERATIONS = "OPERATIONS"
    MARKETING = "MARKETING"
    MEMBER = "MEMBER"
    CUSTOMER = "CUSTOMER"
    PSM = "PSM"
    ECO_MANAGER = "ECO_MANAGER"
    VENDOR_OPS = "VENDOR_OPS"
    VENDOR_FINANCE = "VENDOR_FINANCE"
    VENDOR_REVIEWER = "VENDOR_REVIEWER"
    VENDOR_ADMIN = "VENDOR_ADMIN"
    SYSTEM = "SYSTEM"


R = Role
MEMBER_ROLES = frozenset(
    {
        R.SYSTEM_ADMIN,
        R.ACCOUNT_MANAGER,
        R.ACCOUNT_DIRECTOR,
        R.SA_SPECIALIST,
        R.FINANCE,
        R.OPERATIONS,
        R.MARKETING,
    }
)
PARTNER_ROLES = MEMBER_ROLES | {R.MAIN_ACCOUNT}
ADMINISTRATORS = frozenset({R.MAIN_ACCOUNT, R.SYSTEM_ADMIN})
VENDOR_ROLES = frozenset({R.PSM, R.ECO_MANAGER, R.VENDOR_OPS, R.VENDOR_FINANCE, R.VENDOR_REVIEWER, R.VENDOR_ADMIN})
SIGNED_IN = PARTNER_ROLES | VENDOR_ROLES | {R.ACCOUNT, R.MEMBER, R.CUSTOMER}
EVERYBODY = SIGNED_IN | {R.ANONYMOUS}


@dataclass(frozen=True, slots=True)
class Access:
    """One row: the preset roles that hold it, whether an administrator may grant it further (to custom roles
    and API clients), and the reason given to the others.
    """

    roles: frozenset[Role]
    grantable: bool = False
    refusal: ErrorCode = ErrorCode.PERMISSION_DENIED


P = Permission
_DEVELOPERS_OF_CUSTOMERS = ADMINISTRATORS | {R.ACCOUNT_MANAGER, R.OPERATIONS}
# Of a partner's people the main account alone works on opportunities, whatever roles the others have.
_OPPORTUNITY_MENU = frozenset({R.MAIN_ACCOUNT})
_EARNERS = ADMINISTRATORS | {R.FINANCE}
_REVIEWERS = frozenset({R.ECO_MANAGER, R.VENDOR_REVIEWER, R.VENDOR_ADMIN})
_VOUCHER_DESK = ADMINISTRATORS | {R.OPERATIONS}  # an account manager has no part in vouchers
_FUND_DESK = ADMINISTRATORS | {R.MARKETING}  # an account manager has no part in market funds
_VENDOR_OPERATIONS = frozenset({R.VENDOR_OPS, R.VENDOR_ADMIN})
_ACCOUNTANTS = frozenset({R.VENDOR_OPS, R.VENDOR_FINANCE, R.VENDOR_ADMIN})
_BOOKKEEPERS = _EARNERS | _ACCOUNTANTS
_ADMIN_ONLY = Access(ADMINISTRATORS, refusal=ErrorCode.ADMIN_ONLY)
# Personal accounts are for the administrator account: of all administrators the main account alone.
_ADMINISTRATOR_ACCOUNT = Access(frozenset({R.MAIN_ACCOUNT}), refusal=ErrorCode.ADMIN_ONLY)
_PERSONS = frozenset({R.ACCOUNT, R.CUSTOMER})

ACCESS: dict[Permission, Access] = {
    P.PUBLIC_READ: Access(EVERYBODY),
    P.ACCOUNTS_REQUEST_CODE: Access(EVERYBODY),
    P.ACCOUNTS_SIGN_UP: Access(EVERYBODY),
    P.ACCOUNTS_SIGN_IN: Access(EVERYBODY),
    P.ACCOUNTS_RESET_PASSWORD: Access(EVERYBODY),
    P.ACCOUNTS_REFRESH_SESSION: Access(EVERYBODY),
    P.ACCOUNTS_SIGN_OUT: Access(SIGNED_IN),
    P.ACCOUNTS_REVOKE_SESSIONS: Access(SIGNED_IN),
    P.ACCOUNTS_CHANGE_PASSWORD: Access(SIGNED_IN),
    P.ACCOUNTS_CHANGE_CONTACT: Access(SIGNED_IN),
    P.ACCOUNTS_REGISTER_SIBLING: Access(frozenset({R.MAIN_ACCOUNT}), refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.ACCOUNTS_CLOSE: Access(frozenset({R.ACCOUNT, R.CUSTOMER, R.MAIN_ACCOUNT}), refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.ACCOUNTS_RESTORE: Access(EVERYBODY),
    P.ACCOUNTS_READ_SELF: Access(SIGNED_IN),
    P.ACCOUNTS_SUBMIT_REAL_NAME: Access(SIGNED_IN - VENDOR_ROLES),
    P.ACCOUNTS_DECIDE_REAL_NAME: Access(frozenset({R.VENDOR_REVIEWER, R.VENDOR_ADMIN})),
    P.VERIFICATIONS_ANSWER: Access(SIGNED_IN),
    P.VERIFICATIONS_SET_SWITCH: Access(frozenset({R.MAIN_ACCOUNT}), refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.PARTNERS_READ: Access(SIGNED_IN, grantable=True),  # an applicant watches its application
    P.PARTNERS_APPLY: Access(frozenset({R.ACCOUNT, R.CUSTOMER, R.MAIN_ACCOUNT}), refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.PARTNERS_DECIDE: Access(_REVIEWERS),
    P.PARTNERS_ASSIGN: Access(_REVIEWERS),
    P.PARTNERS_SET_STANDING: Access(frozenset({R.VENDOR_OPS, R.VENDOR_ADMIN})),
    P.PARTNERS_REVIEW: Access(VENDOR_ROLES),
    P.PARTNERS_CHANGE_COMPANY: Access(frozenset({R.MAIN_ACCOUNT}), refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.PARTNERS_RECORD_BILLS: Access(frozenset({R.VENDOR_OPS, R.VENDOR_FINANCE, R.VENDOR_ADMIN})),
    P.PLANS_READ: Access(PARTNER_ROLES | VENDOR_ROLES, grantable=True),
    P.PLANS_JOIN: _ADMIN_ONLY,
    P.PLANS_EXIT: _ADMIN_ONLY,
    P.PLANS_INVITE: Access(frozenset({R.ECO_MANAGER, R.VENDOR_ADMIN})),
    P.PLANS_DECIDE: Access(_REVIEWERS),
    P.PATHS_READ: Access(PARTNER_ROLES | VENDOR_ROLES, grantable=True),
    P.PATHS_CHOOSE: _ADMIN_ONLY,
    P.PATHS_INVITE: Access(frozenset({R.ECO_MANAGER, R.VENDOR_ADMIN})),
    P.PATHS_DECIDE: Access(_REVIEWERS),
    P.PATHS_RECORD: Access(frozenset({R.ECO_MANAGER, R.VENDOR_OPS, R.VENDOR_ADMIN})),
    P.SOLUTIONS_READ: Access(PARTNER_ROLES | VENDOR_ROLES, grantable=True),
    P.SOLUTIONS_EDIT: Access(ADMINISTRATORS, grantable=True),
    P.SOLUTIONS_SHARE: _ADMIN_ONLY,
    P.SOLUTIONS_DECIDE: Access(_REVIEWERS),
    # Persons read what they are to assess.
    P.CAPABILITIES_READ: Access(PARTNER_ROLES | VENDOR_ROLES | _PERSONS, grantable=True),
    P.CAPABILITIES_EDIT: Access(ADMINISTRATORS, grantable=True),
    P.CAPABILITIES_DECIDE: Access(_REVIEWERS),
    P.CAPABILITIES_READ_ASSESSMENTS: Access(VENDOR_ROLES | _PERSONS),
    P.CAPABILITIES_ASSESS: Access(_PERSONS),
    P.FUNDS_READ: Access(_FUND_DESK | {R.FINANCE} | VENDOR_ROLES, grantable=True),
    P.FUNDS_APPLY: Access(_FUND_DESK, grantable=True),
    P.FUNDS_ADJUST: Access(frozenset({R.ECO_MANAGER, R.VENDOR_ADMIN})),
    P.FUNDS_DECIDE: Access(_REVIEWERS),
    P.FUNDS_SETTLE: Access(frozenset({R.VENDOR_FINANCE, R.VENDOR_ADMIN})),
    P.REVIEWS_READ: Access(ADMINISTRATORS | VENDOR_ROLES, grantable=True),
    P.REVIEWS_DECIDE: Access(VENDOR_ROLES - {R.PSM}),  # each kind also asks for the permission of its own decision
    P.MEMBERS_READ: Access(ADMINISTRATORS, grantable=True),
    P.MEMBERS_MANAGE: _ADMIN_ONLY,
    P.MEMBERS_UPDATE_PROFILE: Access(frozenset({R.MEMBER})),
    P.SPECIALISTS_READ: Access(ADMINISTRATORS | VENDOR_ROLES | _PERSONS, grantable=True),
    P.SPECIALISTS_INVITE: _ADMINISTRATOR_ACCOUNT,
    P.SPECIALISTS_UNBIND: _ADMINISTRATOR_ACCOUNT,
    P.SPECIALISTS_ANSWER_INVITATION: Access(_PERSONS),
    P.SPECIALISTS_REQUEST_UNBIND: Access(_PERSONS),
    P.SPECIALISTS_KEEP_PROFILE: Access(_PERSONS),
    P.SPECIALISTS_APPLY: Access(ADMINISTRATORS, grantable=True),
    P.SPECIALISTS_DECIDE: Access(_REVIEWERS),
    P.CUSTOMERS_READ: Access(PARTNER_ROLES | VENDOR_ROLES, grantable=True),
    P.CUSTOMERS_REPORT: Access(_DEVELOPERS_OF_CUSTOMERS, grantable=True),
    P.CUSTOMERS_INVITE: Access(_DEVELOPERS_OF_CUSTOMERS, grantable=True),
    P.CUSTOMERS_DECIDE_REPORT: Access(_REVIEWERS),
    P.CUSTOMERS_ACCEPT_INVITATION: Access(frozenset({R.ACCOUNT, R.CUSTOMER})),
    P.CUSTOMERS_REVEAL_CONTACT: Access(ADMINISTRATORS, grantable=True),
    P.CUSTOMERS_RECORD_FACTS: Access(frozenset({R.VENDOR_OPS, R.VENDOR_ADMIN})),
    P.ASSOCIATIONS_READ: Access(PARTNER_ROLES | VENDOR_ROLES, grantable=True),
    P.ASSOCIATIONS_READ_OWN_PARTNER: Access(frozenset({R.CUSTOMER})),
    P.ASSOCIATIONS_REQUEST_UNBIND: _ADMIN_ONLY,
    P.ASSOCIATIONS_REQUEST_SWITCH: _ADMIN_ONLY,
    P.ASSOCIATIONS_ANSWER_LEAVE: _ADMIN_ONLY,
    P.ASSOCIATIONS_REQUEST_LEAVE: Access(frozenset({R.CUSTOMER})),
    P.ASSOCIATIONS_ANSWER_PARTNER: Access(frozenset({R.CUSTOMER})),
    P.ASSOCIATIONS_WITHDRAW_REQUEST: Access(ADMINISTRATORS | {R.CUSTOMER}, refusal=ErrorCode.ADMIN_ONLY),
    P.ASSOCIATIONS_ASSIGN: _ADMIN_ONLY,
    P.MESSAGES_READ: Access(SIGNED_IN),
    P.MESSAGES_MARK_READ: Access(SIGNED_IN),
    P.MESSAGES_SET_OWN: Access(SIGNED_IN),
    P.MESSAGES_READ_SETTINGS: _ADMIN_ONLY,
    P.MESSAGES_CHANGE_SETTINGS: _ADMIN_ONLY,
    P.MESSAGES_DISMISS_NOTICE: Access(SIGNED_IN),
    P.MESSAGES_ANNOUNCE: Access(_VENDOR_OPERATIONS),
    P.MESSAGES_READ_FAILURES: Access(_VENDOR_OPERATIONS),
    P.MESSAGES_RETRY_FAILURES: Access(_VENDOR_OPERATIONS),
    P.VOUCHERS_READ: Access(_VOUCHER_DESK | VENDOR_ROLES | {R.FINANCE}, grantable=True),
    P.VOUCHERS_READ_OWN: Access(frozenset({R.CUSTOMER})),
    P.VOUCHERS_ISSUE: Access(_VOUCHER_DESK, grantable=True),
    P.VOUCHERS_RECALL: Access(_VOUCHER_DESK, grantable=True),
    P.VOUCHERS_ISSUE_QUOTA: Access(_VOUCHER_DESK, grantable=True),
    P.VOUCHERS_RECALL_QUOTA: Access(_VOUCHER_DESK, grantable=True),
    P.VOUCHERS_GRANT_QUOTA: Access(_VENDOR_OPERATIONS),
    P.VOUCHERS_SET_QUOTA_STATE: Access(_VENDOR_OPERATIONS),
    P.VOUCHERS_RECORD_USE: Access(_VENDOR_OPERATIONS),
    P.WALLETS_READ_BALANCE: Access(_BOOKKEEPERS | {R.MEMBER}),
    P.WALLETS_READ: Access(_BOOKKEEPERS, grantable=True),
    P.RESELLERS_READ: Access(PARTNER_ROLES | VENDOR_ROLES, grantable=True),
    P.RESELLERS_REVIEW: Access(ADMINISTRATORS, grantable=True),
    P.RESELLERS_INVITE: Access(ADMINISTRATORS, grantable=True),
    P.RESELLERS_ACCEPT_INVITATION: _ADMIN_ONLY,
    P.RESELLERS_EXIT: Access(
        ADMINISTRATORS | {R.ECO_MANAGER, R.VENDOR_OPS, R.VENDOR_ADMIN}, refusal=ErrorCode.ADMIN_ONLY
    ),
    P.INCENTIVES_READ_PERFORMANCE: Access(ADMINISTRATORS | {R.FINANCE} | VENDOR_ROLES, grantable=True),
    P.INCENTIVES_AUDIT_PERFORMANCE: Access(frozenset({R.VENDOR_OPS, R.VENDOR_ADMIN})),
    P.INCENTIVES_GIVE_FEEDBACK: Access(ADMINISTRATORS | {R.FINANCE}, grantable=True),
    P.INCENTIVES_ANSWER_FEEDBACK: Access(frozenset({R.VENDOR_OPS, R.VENDOR_ADMIN})),
    P.BILLS_READ: Access(PARTNER_ROLES | VENDOR_ROLES, grantable=True),
    P.BILLS_IMPORT: Access(frozenset({R.VENDOR_OPS, R.VENDOR_ADMIN}), grantable=True),
    P.INCENTIVES_READ: Access(_EARNERS | VENDOR_ROLES, grantable=True),
    P.INCENTIVES_CONFIRM: Access(_EARNERS, grantable=True),
    P.INCENTIVES_REQUEST_PAYOUT: Access(_EARNERS, grantable=True),
    P.INCENTIVES_FREEZE: Access(frozenset({R.VENDOR_OPS, R.VENDOR_ADMIN})),
    P.INCENTIVES_COMPLETE_PAYOUT: Access(frozenset({R.VENDOR_FINANCE, R.VENDOR_ADMIN})),
    P.EXPERTS_READ: Access(_EARNERS | VENDOR_ROLES, grantable=True),
    P.EXPERTS_APPLY: _ADMIN_ONLY,
    P.EXPERTS_ENTER: Access(_VENDOR_OPERATIONS),
    P.EXPERTS_CONFIRM: Access(_EARNERS, grantable=True),
    P.EXPERTS_DECIDE: Access(_REVIEWERS),
    P.BUSINESS_INFO_RECORD: Access(frozenset({R.VENDOR_REVIEWER, R.VENDOR_OPS, R.VENDOR_ADMIN})),
    P.BUSINESS_INFO_READ: Access(_EARNERS | _ACCOUNTANTS | {R.VENDOR_REVIEWER}, grantable=True),
    P.BUSINESS_INFO_SUBMIT: Access(_EARNERS, grantable=True),
    P.BUSINESS_INFO_TRANSFER: Access(frozenset({R.VENDOR_FINANCE, R.VENDOR_ADMIN})),
    P.BUSINESS_INFO_UNLOCK: Access(_VENDOR_OPERATIONS),
    P.BUSINESS_INFO_REVIEW: Access(frozenset({R.VENDOR_FINANCE, R.VENDOR_ADMIN})),
    P.BUSINESS_INFO_DECIDE_LETTER: Access(_VENDOR_OPERATIONS),
    P.BUSINESS_INFO_MANAGE_SUPPLIERS: Access(_VENDOR_OPERATIONS),
    P.OPPORTUNITIES_READ: Access(_OPPORTUNITY_MENU | VENDOR_ROLES, refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.OPPORTUNITIES_MANAGE: Access(_OPPORTUNITY_MENU, refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.OPPORTUNITIES_UPDATE: Access(_OPPORTUNITY_MENU | {R.PSM}, refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.OPPORTUNITIES_REVIEW: Access(frozenset({R.PSM, R.ECO_MANAGER, R.VENDOR_ADMIN})),
    P.OPPORTUNITIES_AUDIT: Access(frozenset({R.ECO_MANAGER})),
    P.OPPORTUNITIES_VERIFY: Access(frozenset({R.PSM})),
    # Partners are let in to be told that they cannot.
    P.OPPORTUNITIES_CANCEL: Access(_OPPORTUNITY_MENU | {R.PSM, R.ECO_MANAGER}, refusal=ErrorCode.MAIN_ACCOUNT_ONLY),
    P.OPPORTUNITIES_MANAGE_OFFICES: Access(frozenset({R.VENDOR_ADMIN})),
    P.OPPORTUNITIES_MANAGE_OFFERINGS: Access(frozenset({R.VENDOR_OPS})),
    P.TODOS_READ: Access(SIGNED_IN),  # each kind also asks for the permission of its step
    P.EVENTS_READ: Access(ADMINISTRATORS | VENDOR_ROLES, grantable=True),
    P.UPLOADS_SEND: Access(SIGNED_IN),
    P.UPLOADS_READ: Access(SIGNED_IN),
    P.FEEDS_READ: Access(ADMINISTRATORS | _VENDOR_OPERATIONS, grantable=True),
    P.FEEDS_MANAGE: _ADMIN_ONLY,
    P.NODES_READ: Access(SIGNED_IN),
    P.RUN_SCHEDULES: Access(frozenset()),
}

GRANTABLE = tuple(
    permission
    for permission, access in ACCESS.items()
    if access.grantable and access.roles >= ADMINISTRATORS and R.MEMBER not in access.roles
)
"""What a partner's administrator may put into a custom role: what it holds itself and what not every member has."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account behind the credential, what it is, and for whom it acts.

    `custom_roles` are the ids of the custom roles of a member, `granted` the permissions that these hold together,
    `directed` the account managers whom an account director directs.
    """

    roles: frozenset[Role] = frozenset({Role.ANONYMOUS})
    site: Site = Site.CN
    account_id: UUID | None = None
    session_id: UUID | None = None
    partner_id: UUID | None = None
    customer_id: UUID | None = None
    step_up_enabled: bool = False
    locale: str | None = None
    time_zone: str | None = None
    custom_roles: frozenset[UUID] = frozenset()
    granted: frozenset[Permission] = frozenset()
    directed: frozenset[UUID] = frozenset()

    @property
    def name(self) -> str:
        """How logs, events and audit rows call the actor: `system`, `anonymous` or `account:<uuid>`."""
        if Role.SYSTEM in self.roles:
            return "system"
        return "anonymous" if self.account_id is None else f"account:{self.account_id}"

    @property
    def scope(self) -> Scope:
        """Whose rows the actor's transactions may touch."""
        if self.roles & (VENDOR_ROLES | {Role.SYSTEM}):
            return EVERYTHING
        if self.partner_id is not None:
            return Scope("partner", (self.partner_id,), self.account_id)
        if self.customer_id is not None:
            return Scope("customer", (self.customer_id,), self.account_id)
        return NOTHING if self.account_id is None else Scope("none", (), self.account_id)


ANONYMOUS = Actor()
SYSTEM = Actor(roles=frozenset({Role.SYSTEM}))


def may(actor: Actor, permission: Permission) -> bool:
    """Whether one of the actor's roles, preset or custom, holds the permission; the system holds every one."""
    return Role.SYSTEM in actor.roles or permission in actor.granted or bool(actor.roles & ACCESS[permission].roles)


def sentence(permission: Permission) -> str:
    """One English sentence for descriptions and the access page."""
    access = ACCESS[permission]
    if access.roles == EVERYBODY:
        return "Anybody, also without signing in."
    if access.roles == SIGNED_IN:
        return "Anybody who is signed in."
    if not access.roles:
        return "Nobody but the system itself."
    names = ", ".join(role.value for role in Role if role in access.roles)
    more = "; an administrator may grant it further." if access.grantable else "; it cannot be granted further."
    return names + more


__all__ = [
    "ACCESS",
    "ADMINISTRATORS",
    "ANONYMOUS",
    "EVERYBODY",
    "GRANTABLE",
    "MEMBER_ROLES",
    "PARTNER_ROLES",
    "SIGNED_IN",
    "SYSTEM",
    "VENDOR_ROLES",
    "Access",
    "Actor",
    "Permission",
    "Role",
    "may",
    "sentence",
]
