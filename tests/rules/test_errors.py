"""What a person reads of a refusal."""

from core.i18n import Locale
from rules.errors import ErrorCode, Violation, message_of
from rules.plans import MEMBERSHIP, MembershipState

EN, ZH = Locale.EN, Locale.ZH_CN


def test_a_conflict_of_states_says_which_they_are() -> None:
    [wrong] = MEMBERSHIP.check(MembershipState.EXITED, "exit")
    assert message_of(wrong, EN) == "This is not possible in the present state. It is EXITED; possible in: JOINED."
    assert message_of(wrong, ZH) == "当前状态下不允许此操作。当前状态为 EXITED，允许的状态：JOINED。"


def test_without_its_facts_it_says_what_is_known() -> None:
    assert message_of(Violation(ErrorCode.STATE_CONFLICT), EN) == "This is not possible in the present state."
    assert message_of(Violation(ErrorCode.STATE_CONFLICT), ZH) == "当前状态下不允许此操作。"
    assert message_of(Violation(ErrorCode.NOT_FOUND), "fr") == message_of(Violation(ErrorCode.NOT_FOUND), EN)
