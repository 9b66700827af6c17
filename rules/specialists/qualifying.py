"""How a bound employee becomes a project specialist, and stops being one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rules.documents import Document
from rules.errors import ErrorCode, Violation
from rules.paths import PathCode
from rules.registry import rule
from rules.specialists.inviting import SPECIALIST_PATHS
from rules.specialists.kinds import BINDING, BindingState

E, B = ErrorCode, BindingState
DOCUMENTS_MOST = 10
"""Most documents of one application."""
_FIXED = (B.SPECIALIST_REVIEW, B.UNBOUND)

_APPLY_PAGE = "https://support.huaweicloud.com/intl/en-us/usermanual-bpconsole/prsp_0014.html"
_FORM_PAGE = "https://huaweicloud.com/s/JWlwdjYgbGFu5L6n5Li75py66YWN572uJQ/t_30_p_6"
_CANCEL_PAGE = "https://huaweicloud.com/s/JVdpbmRvd3Pmn6XnnIvmnI3liqHlmajns7vnu5_niYjmnKwl/t_30_p_20"


class DeployMode(StrEnum):
    """Where a specialist of the service path is sent."""

    NATIONAL = "NATIONAL"
    STATIONED = "STATIONED"


@dataclass(frozen=True, slots=True)
class Form:
    """What an application says of all the persons it is for."""

    path: PathCode
    deploy_mode: DeployMode | None
    documents: Sequence[Document]


@rule("specialists.path", "A 11.4", codes=(E.PATH_REQUIRED,), page=_APPLY_PAGE)
@rule("specialists.form", "A 11.2", codes=(E.REQUIRED, E.OUT_OF_RANGE, E.TOO_MANY), page=_FORM_PAGE)
def check_form(form: Form, enrolled: Collection[PathCode], *, handed_in: int) -> list[Violation]:
    """All reasons against an application as a whole: PATH_REQUIRED unless the path knows specialists and the partner is
    on it; REQUIRED for the deploy mode on the service path, which alone knows one (OUT_OF_RANGE elsewhere); REQUIRED
    when nothing is `handed_in`, TOO_MANY above ten files.
    """
    violations = []
    if form.path not in SPECIALIST_PATHS.intersection(enrolled):
        violations.append(_not_on(form.path, place=("input", "path")))
    serves = form.path is PathCode.SERVICE
    if serves != (form.deploy_mode is not None):
        code = E.REQUIRED if serves else E.OUT_OF_RANGE
        violations.append(Violation(code, ("input", "deployMode"), "specialists.form"))
    if not handed_in:
        violations.append(Violation(E.REQUIRED, ("input", "documentIds"), "specialists.form"))
    if handed_in > DOCUMENTS_MOST:
        details = {"max": str(DOCUMENTS_MOST)}
        violations.append(Violation(E.TOO_MANY, ("input", "documentIds"), "specialists.form", details))
    return violations


def check_on_path(enrolled: Collection[PathCode]) -> list[Violation]:
    """PATH_REQUIRED unless the partner is on a path that knows specialists."""
    return [] if SPECIALIST_PATHS.intersection(enrolled) else [_not_on(*sorted(SPECIALIST_PATHS))]


def _not_on(*paths: PathCode, place: tuple[str, ...] = ()) -> Violation:
    return Violation(E.PATH_REQUIRED, place, "specialists.path", {"path": [path.value for path in paths]})


@rule("specialists.apply", "A 11.4", codes=(E.BASE_LOCATION_MISSING,), page=_APPLY_PAGE)
def check_apply(state: BindingState, base_location: str | None, *, place: tuple[str, ...] = ()) -> list[Violation]:
    """All reasons against applying for one person: STATE_CONFLICT unless it is bound and neither a specialist nor in
    review, BASE_LOCATION_MISSING until it has told its employment. `place` leads to it in the input.
    """
    found = BINDING.check(state, "apply")
    violations = [Violation(one.code, place, one.rule, one.parameters) for one in found]
    if not base_location:
        violations.append(Violation(E.BASE_LOCATION_MISSING, place, "specialists.apply"))
    return violations


@rule("specialists.cancel", "A 11.4", codes=(E.REASON_REQUIRED,), page=_CANCEL_PAGE)
def check_cancel(state: BindingState, reason: str, *, by_vendor: bool = False) -> list[Violation]:
    """All reasons against cancelling a specialist: STATE_CONFLICT for anybody else, and REASON_REQUIRED."""
    violations = BINDING.check(state, "cancel_by_vendor" if by_vendor else "request_cancellation")
    if not reason.strip():
        violations.append(Violation(E.REASON_REQUIRED, ("input", "reason"), "specialists.cancel"))
    return violations


@rule("specialists.assign", "A 10.2", codes=(E.STATE_CONFLICT, E.MEMBER_ASSIGNED))
def check_assign(state: BindingState, *, taken: bool = False) -> list[Violation]:
    """STATE_CONFLICT while an application is in review, which holds the member's roles, and after the binding's end;
    MEMBER_ASSIGNED when the member is `taken`, another bound account being it.
    """
    violations = []
    if state in _FIXED:
        allowed = [one.value for one in B if one not in _FIXED]
        parameters = {"event": "assign", "state": state.value, "allowed": allowed}
        violations.append(Violation(E.STATE_CONFLICT, rule="specialists.assign", parameters=parameters))
    if taken:
        violations.append(Violation(E.MEMBER_ASSIGNED, ("input", "memberId"), "specialists.assign"))
    return violations
