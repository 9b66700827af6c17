"""What people agree to: whole in both languages, in versions that stay."""

from itertools import pairwise

import pytest

from rules.accounts import AccountKind, check_sign_up
from rules.business_info import check_privacy
from rules.errors import ErrorCode
from rules.plans import PLANS
from rules.specialists import check_statement
from rules.statements import STATEMENTS, StatementCode, find_statement, present
from tests.rules.outcomes import codes

LANGUAGES = {"en", "zh-CN"}


@pytest.mark.parametrize("code", StatementCode)
def test_every_statement_says_something_in_both_languages(code: StatementCode) -> None:
    versions = STATEMENTS[code]
    assert len({one.version for one in versions}) == len(versions) > 0
    assert all(earlier.since < later.since for earlier, later in pairwise(versions))
    for one in versions:
        assert set(one.titles) == LANGUAGES == set(one.texts)
        assert all(len(text) > 40 for text in one.texts.values()) and len(set(one.texts.values())) == 2
        assert find_statement(code, one.version) is one
    assert present(code) is versions[-1] is find_statement(code, None)
    assert find_statement(code, "0.0") is None


def test_every_plan_has_an_agreement_of_its_own() -> None:
    agreements = {StatementCode(f"PLAN_{plan}") for plan in PLANS}
    assert agreements == {code for code in StatementCode if code.startswith("PLAN_")}
    assert {plan.agreement for plan in PLANS.values()} == {present(code).version for code in agreements}


@pytest.mark.parametrize("version", [None, "", "0.9", "2099-01"])
def test_no_other_version_is_accepted(version: str | None) -> None:
    [found] = check_sign_up(AccountKind.PERSONAL, "Wang Fang", version)
    assert (found.code, found.parameters) == (
        ErrorCode.TERMS_REQUIRED,
        {"version": present(StatementCode.TERMS).version},
    )
    for refused in (check_privacy(version), check_statement(version)):
        assert codes(refused) == [ErrorCode.AGREEMENT_REQUIRED]
        assert refused[0].parameters["version"]


def test_the_version_in_force_is() -> None:
    assert check_sign_up(AccountKind.PERSONAL, "Wang Fang", present(StatementCode.TERMS).version) == []
    assert check_privacy(present(StatementCode.PRIVACY).version) == []
    assert check_statement(present(StatementCode.SHARING).version) == []
