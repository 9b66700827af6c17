"""A company's information: what it consists of, who keeps it, and the way of a change through its review."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, Self
from uuid import UUID

from rules.contacts import normalise_email, normalise_mobile
from rules.documents import KILOBYTE, Document
from rules.errors import ErrorCode, Violation
from rules.policy import PARTNERS_CONTACTS_MAX, PARTNERS_LICENCE_SIZE_MAX, Policy
from rules.registry import rule
from rules.transitions import machine

_COMPANY_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zh-cn_topic_0072335190.html"
_NAMES_PAGE = (
    "https://huaweicloud.com/s/JeaVsOaNruS7k-W6k-S4u-mimOS4juS4u-mimOWfn-WMuuWIqyU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
)

LEGAL_REPRESENTATIVE_LENGTH = 128
ADDRESS_LENGTH = 500

E = ErrorCode
Values = Mapping[str, Any]
"""A company's information as it is stored: column → value, a licence and contacts as JSON."""


class CompanyChangeState(StrEnum):
    """Where a change of a company's information stands."""

    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class CompanyField(StrEnum):
    """A piece of a company's information; its column is the value in small letters."""

    NAME = "NAME"
    LICENCE = "LICENCE"
    ENGLISH_NAME = "ENGLISH_NAME"
    LEGAL_REPRESENTATIVE = "LEGAL_REPRESENTATIVE"
    ADDRESS = "ADDRESS"
    WEBSITE = "WEBSITE"
    HEADCOUNT = "HEADCOUNT"
    INTRODUCTION = "INTRODUCTION"
    CONTACTS = "CONTACTS"

    @property
    def column(self) -> str:
        """What the tables call it."""
        return self.value.lower()


C = CompanyChangeState
# A change that came to nothing is edited and sent again as the same change; what was approved stays on record.
COMPANY_CHANGE = machine(
    "company_change",
    CompanyChangeState,
    (C.IN_REVIEW,),
    "A 5.1",
    (C.IN_REVIEW, "approve", "vendor", C.APPROVED),
    (C.IN_REVIEW, "reject", "vendor", C.REJECTED),
    (C.IN_REVIEW, "withdraw", "main account", C.WITHDRAWN),
    (C.REJECTED, "resubmit", "main account", C.IN_REVIEW),
    (C.WITHDRAWN, "resubmit", "main account", C.IN_REVIEW),
)


class GivenContact(Protocol):
    """Somebody of the company as a caller names them."""

    @property
    def name(self) -> str:
        """The person's name."""

    @property
    def position(self) -> str | None:
        """What the person is there."""

    @property
    def mobile(self) -> str | None:
        """As typed."""

    @property
    def email(self) -> str | None:
        """As typed."""


@dataclass(frozen=True, slots=True)
class CompanyContact:
    """Somebody of the company whom the vendor may turn to; mobile number and e-mail address in their stored form."""

    name: str
    position: str | None = None
    mobile: str | None = None
    email: str | None = None

    def data(self) -> dict[str, Any]:
        """The JSON form that is stored."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `data`."""
        return cls(**data)


@rule(
    "partners.contacts",
    "A 5.2",
    policy=(PARTNERS_CONTACTS_MAX,),
    codes=(E.REQUIRED, E.TOO_MANY, E.CONTACT_REQUIRED),
    page=_COMPANY_PAGE,
)
def read_contacts(
    given: Sequence[GivenContact], *, policy: Policy, path: tuple[str, ...]
) -> list[CompanyContact] | list[Violation]:
    """The contacts in their stored form, or everything that is wrong with them, each at its place.

    REQUIRED for none at all and for one without a name, TOO_MANY; CONTACT_REQUIRED for one that can be reached neither
    by mobile nor by e-mail; MOBILE_INVALID, MOBILE_NOT_OF_SITE, EMAIL_INVALID.
    """
    if not given:
        return [Violation(E.REQUIRED, path, "partners.contacts")]
    most = policy[PARTNERS_CONTACTS_MAX]
    wrong = [Violation(E.TOO_MANY, path, "partners.contacts")] if len(given) > most else []
    found = []
    for place, one in enumerate(given[:most]):
        contact, reasons = _read_contact(one, policy, (*path, str(place)))
        found.append(contact)
        wrong += reasons
    return wrong or found


def _read_contact(given: GivenContact, policy: Policy, path: tuple[str, ...]) -> tuple[CompanyContact, list[Violation]]:
    wrong = [] if given.name.strip() else [Violation(E.REQUIRED, (*path, "name"), "partners.contacts")]
    mobile = normalise_mobile(given.mobile, policy=policy, path=(*path, "mobile")) if given.mobile else None
    email = normalise_email(given.email, path=(*path, "email")) if given.email else None
    if not given.mobile and not given.email:
        wrong.append(Violation(E.CONTACT_REQUIRED, path, "partners.contacts"))
    wrong += [one for one in (mobile, email) if isinstance(one, Violation)]
    position = (given.position or "").strip() or None
    return CompanyContact(given.name.strip(), position, _text(mobile), _text(email)), wrong


def _text(found: str | Violation | None) -> str | None:
    return None if isinstance(found, Violation) else found


@rule(
    "partners.licence",
    "A 5.2",
    policy=(PARTNERS_LICENCE_SIZE_MAX,),
    codes=(E.OUT_OF_RANGE,),
    page=_NAMES_PAGE,
)
def check_licence(licence: Document, *, policy: Policy, path: tuple[str, ...]) -> list[Violation]:
    """OUT_OF_RANGE for a licence's file that is larger than one may be."""
    most = policy[PARTNERS_LICENCE_SIZE_MAX] * KILOBYTE
    if licence.size <= most:
        return []
    return [Violation(E.OUT_OF_RANGE, path, "partners.licence", {"min": Decimal(1), "max": Decimal(most)})]


def compute_difference(present: Values, wanted: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `wanted` would change of `present`: the values before and after, of the same columns."""
    after = {name: value for name, value in wanted.items() if value != present[name]}
    return {name: present[name] for name in after}, after


@rule("partners.company_editor", "A 21.1", codes=(E.COMPANY_KEPT_BY_OTHER,), page=_COMPANY_PAGE)
def check_editor(keeps: bool) -> list[Violation]:
    """COMPANY_KEPT_BY_OTHER for a partner account that is not the one which keeps the company's information."""
    return [] if keeps else [Violation(E.COMPANY_KEPT_BY_OTHER, rule="partners.company_editor")]


@dataclass(frozen=True, slots=True)
class Heir:
    """Another account of a company, which may keep its information; one that is closed can be `open` again."""

    id: UUID
    admitted_at: datetime
    open: bool


@rule("partners.keeper", "A 5.1", page=_COMPANY_PAGE)
def compute_keeper(heirs: Sequence[Heir]) -> Heir | None:
    """Who keeps a company's information when its keeper is deleted: the account that was admitted first, one that is
    open before any that is closed; None when no other is left.
    """
    return min(heirs, key=lambda heir: (not heir.open, heir.admitted_at, heir.id), default=None)


@rule("partners.one_change", "A 5.1", codes=(E.COMPANY_CHANGE_OPEN,), page=_COMPANY_PAGE)
def check_none_open(is_open: bool) -> list[Violation]:
    """COMPANY_CHANGE_OPEN while another change of the company is in review."""
    return [Violation(E.COMPANY_CHANGE_OPEN, rule="partners.one_change")] if is_open else []


@rule("partners.company_change", "A 5.1", codes=(E.COMPANY_UNCHANGED, E.REQUIRED, E.OUT_OF_RANGE), page=_COMPANY_PAGE)
@rule("partners.rename", "A 5.2", codes=(E.COMPANY_LICENCE_REQUIRED,), page=_NAMES_PAGE)
def check_difference(after: Values) -> list[Violation]:
    """All reasons against a change to `after`: COMPANY_UNCHANGED for one that changes nothing; REQUIRED for an empty
    name or licence; OUT_OF_RANGE for a headcount below one; COMPANY_LICENCE_REQUIRED for another name without the
    licence that bears it.
    """
    if not after:
        return [Violation(E.COMPANY_UNCHANGED, rule="partners.company_change")]
    violations = [
        Violation(E.REQUIRED, ("input", name), "partners.company_change")
        for name in ("name", "licence")
        if name in after and not after[name]
    ]
    headcount = after.get("headcount")
    if headcount is not None and headcount < 1:
        violations.append(Violation(E.OUT_OF_RANGE, ("input", "headcount"), "partners.company_change", {"min": 1}))
    if after.get("name") and "licence" not in after:
        violations.append(Violation(E.COMPANY_LICENCE_REQUIRED, ("input", "licence"), "partners.rename"))
    return violations


@rule("partners.change_holds", "A 5.1", codes=(E.COMPANY_MOVED_ON,))
def check_holds(before: Values, present: Values) -> list[Violation]:
    """COMPANY_MOVED_ON when what the change started from is no longer so; it names the fields that differ."""
    moved = [name.upper() for name, value in before.items() if present[name] != value]
    if not moved:
        return []
    return [Violation(E.COMPANY_MOVED_ON, rule="partners.change_holds", parameters={"fields": moved})]
