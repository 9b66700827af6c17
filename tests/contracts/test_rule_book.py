"""What docs/rules.md says of codes named otherwise and of rows not built is still so."""

import pytest

from rules.errors import ErrorCode
from scripts.rule_book import Named, OpenRow, named, open_rows

CODES = {code.value for code in ErrorCode}


@pytest.mark.parametrize("one", named(), ids=lambda one: str(one.book))
def test_a_code_named_otherwise_has_one_name(one: Named) -> None:
    assert one.here in CODES
    assert one.book not in CODES
    assert one.why


@pytest.mark.parametrize("row", open_rows(), ids=lambda row: str(row.what))
def test_what_is_not_built_has_no_code_and_a_reason(row: OpenRow) -> None:
    assert not CODES & set(row.codes)
    assert row.source.startswith("A ")
    assert row.why.endswith(".")
