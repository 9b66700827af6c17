"""What a person tells of itself: employment, certificates from the catalogue, trainings, projects."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from rules.documents import Document
from rules.errors import ErrorCode, Violation
from rules.policy import SPECIALISTS_ENTRIES_MAX, Policy
from rules.registry import rule

E = ErrorCode
HOURS_MOST = 10_000
"""Most hours of one training."""

_EMPLOYMENT_PAGE = "https://huaweicloud.com/s/JeWmguS9leafpeeci-W9k-WJjeeahOerr-WPo-WPtyU/t_30_p_37"
_CERTIFICATES_PAGE = "https://huaweicloud.com/s/JeWFjei0ueeahOS7o-eQhuacjeWKoeWZqCU/t_30_p_3"


class Position(StrEnum):
    """What somebody does for its employer."""

    BUSINESS_DEVELOPER = "BUSINESS_DEVELOPER"
    SALES_ENGINEER = "SALES_ENGINEER"
    SOLUTION_ARCHITECT = "SOLUTION_ARCHITECT"


class CertificateIssuer(StrEnum):
    """Whose certificate it is."""

    VENDOR = "VENDOR"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class CertificateKind:
    """One entry of the catalogue; `level` runs from 1, associate, to 3, expert; 0 where the issuer knows none."""

    code: str
    titles: Mapping[str, str]
    issuer: CertificateIssuer
    level: int


def _load(path: Path) -> Mapping[str, CertificateKind]:
    entries = tomllib.loads(path.read_text("utf-8"))["certificates"]
    return MappingProxyType(
        {
            code: CertificateKind(
                code,
                {"en": facts["title"]["en"], "zh-CN": facts["title"]["zh"]},
                CertificateIssuer(facts["issuer"]),
                facts["level"],
            )
            for code, facts in entries.items()
        }
    )


CERTIFICATES = _load(Path(__file__).parent.with_name("specialists.toml"))
"""Every kind of certificate by its code."""


@dataclass(frozen=True, slots=True)
class Employment:
    """Present work; the base location is where social insurance is paid."""

    position: Position
    employer: str
    cloud_since: date
    base_location: str
    document: Document | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate as its holder tells of it."""

    kind: str
    number: str
    issued_on: date
    expires_on: date | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """One training that was completed."""

    name: str
    provider: str
    completed_on: date
    hours: int


@dataclass(frozen=True, slots=True)
class Project:
    """One project; without an end while it goes on."""

    name: str
    duty: str
    description: str
    began_on: date
    ended_on: date | None = None


Entry = Certificate | Training | Project


@rule("specialists.employment", "A 11.2", codes=(E.REQUIRED, E.OUT_OF_RANGE), page=_EMPLOYMENT_PAGE)
def check_employment(employment: Employment, *, today: date) -> list[Violation]:
    """All reasons against an employment: REQUIRED for a blank employer or base location, OUT_OF_RANGE for a first day
    on the cloud that is still to come.
    """
    name = "specialists.employment"
    violations = _blanks(name, employer=employment.employer, baseLocation=employment.base_location)
    return violations + _future(name, today, cloudSince=employment.cloud_since)


@rule(
    "specialists.certificate",
    "A 11.2",
    codes=(E.CERTIFICATE_UNKNOWN, E.REQUIRED, E.OUT_OF_RANGE),
    page=_CERTIFICATES_PAGE,
)
def check_certificate(certificate: Certificate, *, today: date) -> list[Violation]:
    """All reasons against a certificate: CERTIFICATE_UNKNOWN outside of the catalogue, REQUIRED without a number,
    OUT_OF_RANGE when issued in the future or ended no later than issued.
    """
    name = "specialists.certificate"
    violations = []
    if certificate.kind not in CERTIFICATES:
        known = {"kinds": list(CERTIFICATES)}
        violations.append(Violation(E.CERTIFICATE_UNKNOWN, ("input", "kind"), name, known))
    violations += _blanks(name, number=certificate.number)
    violations += _future(name, today, issuedOn=certificate.issued_on)
    if certificate.expires_on is not None and certificate.expires_on <= certificate.issued_on:
        violations.append(_out_of_range(name, "expiresOn"))
    return violations


@rule("specialists.training", "A 11.2", codes=(E.REQUIRED, E.OUT_OF_RANGE))
def check_training(training: Training, *, today: date) -> list[Violation]:
    """All reasons against a training: REQUIRED for a blank name or provider, OUT_OF_RANGE when it is still to come or
    took no time, or more than 10,000 hours.
    """
    name = "specialists.training"
    violations = _blanks(name, name=training.name, provider=training.provider)
    violations += _future(name, today, completedOn=training.completed_on)
    if not 1 <= training.hours <= HOURS_MOST:
        violations.append(_out_of_range(name, "hours", least=Decimal(1), most=Decimal(HOURS_MOST)))
    return violations


@rule("specialists.project", "A 11.2", codes=(E.REQUIRED, E.OUT_OF_RANGE))
def check_project(project: Project, *, today: date) -> list[Violation]:
    """All reasons against a project: REQUIRED for blank words, OUT_OF_RANGE when it is still to begin or ended before.

    One that goes on has no end.
    """
    name = "specialists.project"
    violations = _blanks(name, name=project.name, duty=project.duty, description=project.description)
    violations += _future(name, today, beganOn=project.began_on)
    if project.ended_on is not None and not project.began_on <= project.ended_on <= today:
        violations.append(_out_of_range(name, "endedOn"))
    return violations


@rule("specialists.entries", "A 11.2", policy=(SPECIALISTS_ENTRIES_MAX,), codes=(E.TOO_MANY,))
def check_room(kept: int, *, policy: Policy) -> list[Violation]:
    """TOO_MANY when a person keeps as many entries of the kind as are allowed."""
    most = policy[SPECIALISTS_ENTRIES_MAX]
    return [] if kept < most else [Violation(E.TOO_MANY, ("input",), "specialists.entries", {"max": most})]


def _blanks(name: str, /, **texts: str) -> list[Violation]:
    return [Violation(E.REQUIRED, ("input", field), name) for field, text in texts.items() if not text.strip()]


def _future(name: str, today: date, /, **days: date) -> list[Violation]:
    return [_out_of_range(name, field, most=today) for field, day in days.items() if day > today]


def _out_of_range(name: str, field: str, least: object = None, most: object = None) -> Violation:
    return Violation(E.OUT_OF_RANGE, ("input", field), name, {"min": least, "max": most})
