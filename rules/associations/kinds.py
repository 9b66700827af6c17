"""The words of associations: their states and effects, and what a request to unbind or switch is about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.customers import AssociationType, CustomerFact
from rules.partners import PartnerKind, Standing
from rules.transitions import machine


class AssociationStatus(StrEnum):
    """Whether an association is in force; a customer has one ACTIVE at most."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class AssociationSource(StrEnum):
    """How an association came about."""

    REPORT = "REPORT"
    INVITE_OFFLINE = "INVITE_OFFLINE"
    API = "API"
    SSO = "SSO"


class RequestKind(StrEnum):
    """What is asked for. A customer can only ask to unbind."""

    UNBIND = "UNBIND"
    SWITCH = "SWITCH"


class RequestInitiator(StrEnum):
    """Which side asks; the other one answers."""

    PARTNER = "PARTNER"
    CUSTOMER = "CUSTOMER"


class RequestStatus(StrEnum):
    """Where a request stands; PENDING names the side that must answer."""

    PENDING_CUSTOMER = "PENDING_CUSTOMER"
    PENDING_PARTNER = "PENDING_PARTNER"
    DONE = "DONE"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class RecordAction(StrEnum):
    """What a line of the association records is about."""

    ASSOCIATE = "ASSOCIATE"
    UNBIND = "UNBIND"
    SWITCH = "SWITCH"


class RecordResult(StrEnum):
    """What came of it at that moment."""

    REQUESTED = "REQUESTED"
    DONE = "DONE"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


OPEN_STATUSES = frozenset({RequestStatus.PENDING_CUSTOMER, RequestStatus.PENDING_PARTNER})


class AssociationEffect(StrEnum):
    """What the beginning, the end or the switch of an association brings about; each domain carries out its own."""

    FREEZE_UNTIL_BUDGET = "FREEZE_UNTIL_BUDGET"
    TAKE_BACK_CREDIT = "TAKE_BACK_CREDIT"
    LENGTHEN_GRACE_PERIOD = "LENGTHEN_GRACE_PERIOD"
    END_ASSOCIATION = "END_ASSOCIATION"
    CHANGE_TYPE = "CHANGE_TYPE"
    RETURN_BALANCE = "RETURN_BALANCE"
    RECALL_VOUCHERS = "RECALL_VOUCHERS"
    REVOKE_AUTHORISATION = "REVOKE_AUTHORISATION"
    DELETE_BUDGET = "DELETE_BUDGET"


A = AssociationStatus
ASSOCIATION = machine(
    "association",
    AssociationStatus,
    (A.ACTIVE,),
    "B 3.6",
    (A.ACTIVE, "unbind", "partner and customer", A.ENDED),
    (A.ACTIVE, "switch", "partner and customer", A.ACTIVE),
)

S = RequestStatus
REQUEST = machine(
    "association_request",
    RequestStatus,
    (S.PENDING_CUSTOMER, S.PENDING_PARTNER),
    "B 4.3",
    (S.PENDING_CUSTOMER, "approve", "customer", S.DONE),
    (S.PENDING_PARTNER, "approve", "partner", S.DONE),
    (S.PENDING_CUSTOMER, "reject", "customer", S.REJECTED),
    (S.PENDING_PARTNER, "reject", "partner", S.REJECTED),
    (S.PENDING_CUSTOMER, "withdraw", "partner", S.WITHDRAWN),
    (S.PENDING_PARTNER, "withdraw", "customer", S.WITHDRAWN),
    (S.PENDING_CUSTOMER, "expire", "system", S.EXPIRED),
    (S.PENDING_PARTNER, "expire", "system", S.EXPIRED),
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a request is for: who asks for what; `target` is the type to switch to, `None` for unbinding."""

    kind: RequestKind
    initiator: RequestInitiator
    target: AssociationType | None = None


@dataclass(frozen=True, slots=True)
class AssociationFacts:
    """The association, its customer and its partner, as far as requests depend on them.

    `own` is false for a customer of the partner's reseller. `standing` is the effective one. `may_refer`: the partner
    may have referral customers.
    """

    status: AssociationStatus
    type: AssociationType
    customer: frozenset[CustomerFact]
    standing: Standing
    partner_kind: PartnerKind | None
    own: bool = True
    may_refer: bool = True


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request as it stands when somebody answers it or takes it back."""

    status: RequestStatus
    purpose: Purpose
    deadline: datetime
