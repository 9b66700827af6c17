"""Who may be on a list: a partner's qualification for a scheme, and the persons whom the vendor enters for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from rules.calendar import add_months, day_of
from rules.errors import ErrorCode, Violation
from rules.experts.kinds import QUALIFICATION, ExpertQualificationState, ExpertSchemeCode
from rules.experts.schemes import ExpertScheme
from rules.paths import PathCode, PathStage
from rules.registry import rule
from rules.sites import Site
from rules.specialists import BindingState, Position
from rules.statements import StatementCode, check_accepted

E = ErrorCode
PROJECT_LENGTH = 64
"""Longest name of a project, in characters."""

_QUALIFICATION_PAGE = "https://huaweicloud.com/s/JWFwcOS6keacjeWKoeWZqCU/t_30_p_9/JeWQiOS9nOS8meS8tOS4reW_gyU"
_CERTIFICATES_PAGE = (
    "https://huaweicloud.com/s/JeWFjei0ueeahOS7o-eQhuacjeWKoeWZqCU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_PRESALES_PAGE = "https://support.huaweicloud.com/intl/ja-jp/usermanual-bpconsole/fh_SI_1302.html"
_ONCE_PAGE = "https://huaweicloud.com/s/JeWNjuS4uuS6kSBodHRwcyDor4HkuaYl/t_30_p_7/JeWQiOS9nOS8meS8tOS4reW_gyU"
_PROJECT_PAGE = "https://huaweicloud.com/s/JeS4gOS4qnZwY-WPr-WcqOWkmuS4qmF65ZCXJQ/t_30_p_1/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody on the day: as what it is bound to its partner, and for which path the partner has last
    applied for it; which kinds of certificates it holds that are valid, what it tells of its work. `assessed`: the
    vendor's own assessment has been passed.
    """

    state: BindingState
    path: PathCode | None = None
    certificates: frozenset[str] = frozenset()
    assessed: bool = False
    position: Position | None = None
    cloud_since: date | None = None


@rule("experts.stage", "A 14.2", codes=(E.STAGE_TOO_LOW,), page=_QUALIFICATION_PAGE)
def check_stage_of(scheme: ExpertScheme, stage: PathStage | None) -> list[Violation]:
    """STAGE_TOO_LOW unless the partner has reached the scheme's stage on its path."""
    order = list(PathStage)
    if stage is not None and order.index(stage) >= order.index(scheme.min_stage):
        return []
    details = {"path": scheme.path.value, "stage": scheme.min_stage.value}
    return [Violation(E.STAGE_TOO_LOW, rule="experts.stage", parameters=details)]


def check_qualification(
    scheme: ExpertScheme, stage: PathStage | None, state: ExpertQualificationState | None
) -> list[Violation]:
    """All reasons against applying for a scheme, as far as they need no input: STATE_CONFLICT while an application is
    in review or has passed (`state`: that of the partner's last one), STAGE_TOO_LOW.
    """
    return ([] if state is None else QUALIFICATION.check(state, "apply")) + check_stage_of(scheme, stage)


@rule("experts.agreement", "A 14.2", codes=(E.AGREEMENT_REQUIRED,), page=_QUALIFICATION_PAGE)
def check_agreement(accepted: str) -> list[Violation]:
    """AGREEMENT_REQUIRED unless `accepted` is the version of the incentive's agreement that holds now."""
    return check_accepted(
        StatementCode.EXPERT_INCENTIVE, accepted, "input", "agreementVersion", rule="experts.agreement"
    )


@rule("experts.specialist", "A 14.4", codes=(E.SPECIALIST_REQUIRED,), page=_PRESALES_PAGE)
@rule("experts.certificates", "A 14.4", codes=(E.EXPERT_NOT_CERTIFIED,), page=_CERTIFICATES_PAGE)
@rule("experts.work", "A 14.4", codes=(E.EXPERT_POSITION_REQUIRED, E.EXPERT_CLOUD_TIME), page=_PRESALES_PAGE)
def check_person(scheme: ExpertScheme, person: Person, *, now: datetime, site: Site) -> list[Violation]:
    """All reasons why somebody is no expert of the scheme today: SPECIALIST_REQUIRED unless it is a project specialist
    of the scheme's path, EXPERT_NOT_CERTIFIED without certificates or assessment, EXPERT_POSITION_REQUIRED,
    EXPERT_CLOUD_TIME until it has worked on the cloud for so many months.
    """
    violations = []
    if person.state is not BindingState.SPECIALIST or person.path is not scheme.path:
        details = {"path": scheme.path.value}
        violations.append(Violation(E.SPECIALIST_REQUIRED, rule="experts.specialist", parameters=details))
    certified = any(kinds <= person.certificates for kinds in scheme.certificates)
    if not certified and not (scheme.assessment and person.assessed):
        violations.append(Violation(E.EXPERT_NOT_CERTIFIED, rule="experts.certificates"))
    if scheme.position is not None and person.position is not scheme.position:
        position = {"position": scheme.position.value}
        violations.append(Violation(E.EXPERT_POSITION_REQUIRED, rule="experts.work", parameters=position))
    if scheme.cloud_months is not None and not _long_enough(scheme.cloud_months, person.cloud_since, now, site):
        months = {"months": scheme.cloud_months}
        violations.append(Violation(E.EXPERT_CLOUD_TIME, rule="experts.work", parameters=months))
    return violations


def _long_enough(months: int, since: date | None, now: datetime, site: Site) -> bool:
    """More than so many months: the day on which they are full is one too early."""
    return since is not None and add_months(since, months, site.zone) < day_of(now, site)


@dataclass(frozen=True, slots=True)
class Taken:
    """What stands in the way elsewhere: the schemes for which the person is entered now, and whether the project is
    somebody else's.
    """

    schemes: Collection[ExpertSchemeCode] = ()
    project: bool = False


@rule("experts.qualified", "A 14.2", codes=(E.EXPERT_QUALIFICATION_REQUIRED,), page=_QUALIFICATION_PAGE)
def check_qualified(qualified: bool) -> list[Violation]:
    """EXPERT_QUALIFICATION_REQUIRED unless the partner is qualified for the scheme."""
    return [] if qualified else [Violation(E.EXPERT_QUALIFICATION_REQUIRED, rule="experts.qualified")]


@rule("experts.one_scheme", "A 14.4", codes=(E.PERSON_IN_OTHER_SCHEME, E.EXPERT_ENTERED), page=_ONCE_PAGE)
@rule("experts.project", "A 14.4", codes=(E.REQUIRED, E.PROJECT_ALREADY_USED), page=_PROJECT_PAGE)
def check_entry(scheme: ExpertScheme, taken: Taken, *, qualified: bool, project: str | None) -> list[Violation]:
    """All reasons against entering somebody beside those of `check_person`: those of `check_qualified`; EXPERT_ENTERED
    for this scheme already, PERSON_IN_OTHER_SCHEME; REQUIRED for the project where the scheme asks for one,
    PROJECT_ALREADY_USED when it is another person's.
    """
    violations = check_qualified(qualified)
    if scheme.code in taken.schemes:
        violations.append(Violation(E.EXPERT_ENTERED, rule="experts.one_scheme"))
    if set(taken.schemes) - {scheme.code}:
        violations.append(Violation(E.PERSON_IN_OTHER_SCHEME, rule="experts.one_scheme"))
    if scheme.project and not (project and project.strip()):
        violations.append(Violation(E.REQUIRED, ("input", "project"), "experts.project"))
    if taken.project:
        violations.append(Violation(E.PROJECT_ALREADY_USED, ("input", "project"), "experts.project"))
    return violations


@rule("experts.removal", "A 14.2", codes=(E.STATE_CONFLICT, E.REASON_REQUIRED))
def check_removal(ended_at: datetime | None, reason: str) -> list[Violation]:
    """All reasons against removing an expert: those of `check_entered`, and REASON_REQUIRED: the partner reads it."""
    violations = check_entered(ended_at)
    if not reason.strip():
        violations.append(Violation(E.REASON_REQUIRED, ("input", "reason"), "experts.removal"))
    return violations


def check_entered(ended_at: datetime | None) -> list[Violation]:
    """STATE_CONFLICT for somebody who has been removed already."""
    if ended_at is None:
        return []
    details = {"event": "remove", "state": "REMOVED", "allowed": "ENTERED"}
    return [Violation(E.STATE_CONFLICT, rule="experts.removal", parameters=details)]


@rule("experts.yearly", "A 14.4", page=_PRESALES_PAGE)
def compute_grants_left(
    scheme: ExpertScheme, cloud_since: date | None, granted: Collection[str], period: str
) -> int | None:
    """How many further months of its funding year somebody can be on a list; None where the scheme knows no bound.

    `granted` are the months ("2026-03") of the scheme's lists with it that have not expired, `period` is the month
    asked about. A funding year is twelve months from a month in which the person began to work on the cloud.
    """
    if scheme.yearly_months is None or cloud_since is None:
        return scheme.yearly_months
    year, month = map(int, period.split("-"))
    begins = f"{year if month >= cloud_since.month else year - 1}-{cloud_since.month:02}"
    within = sum(begins <= one <= period for one in set(granted))
    return max(0, scheme.yearly_months - within)


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place on a list that has not expired, whichever partner's: the list's scheme and month ("2026-03")."""

    scheme: ExpertSchemeCode
    period: str


@rule("experts.one_list", "A 14.4", page=_ONCE_PAGE)
def can_be_listed(scheme: ExpertScheme, cloud_since: date | None, places: Collection[Place], period: str) -> bool:
    """Whether somebody with these places can be on the scheme's list of a month: on no other list of the month, and
    with a month of its funding year left.
    """
    if any(place.period == period for place in places):
        return False
    granted = [place.period for place in places if place.scheme is scheme.code]
    left = compute_grants_left(scheme, cloud_since, granted, period)
    return left is None or left > 0
