"""What of a licence a form is suggested: on both sides of each boundary."""

from dataclasses import replace

import pytest

from rules.partners.licences import Licence, compute_suggestion
from rules.sites import Site
from tests.recognition import ADDRESS, CODE, NAME, PERSON

LICENCE = Licence(NAME, CODE, PERSON, ADDRESS)


@pytest.mark.parametrize(
    ("piece", "read", "suggested"),
    [
        ("name", NAME, NAME),
        ("name", f"  {NAME}\n(总部) ", f"{NAME} (总部)"),
        ("name", "云" * 256, "云" * 256),
        ("name", "云" * 257, None),
        ("name", "", None),
        ("name", " \t", None),
        ("name", None, None),
        ("name", "云\x00启", None),
        ("name", "云\u202e启", None),
        ("legal_representative", "王" * 128, "王" * 128),
        ("legal_representative", "王" * 129, None),
        ("address", "路" * 500, "路" * 500),
        ("address", "路" * 501, None),
        ("credit_code", CODE, CODE),
        ("credit_code", f" {CODE[:8]} {CODE[8:]}\n", CODE),
        ("credit_code", "91330106ma2gktqa7x", None),
        ("credit_code", CODE[:-1] + "7", None),
        ("credit_code", "330100000012345", None),
        ("credit_code", None, None),
    ],
)
def test_each_piece_as_its_field_would_take_it(piece: str, read: str | None, suggested: str | None) -> None:
    changed = replace(LICENCE, **{piece: read})
    assert compute_suggestion(changed, Site.CN) == replace(LICENCE, **{piece: suggested})


def test_the_letters_of_a_credit_code_are_large() -> None:
    assert compute_suggestion(Licence(credit_code="91440101ma59tb4h8p"), Site.INTL) == Licence(
        credit_code="91440101MA59TB4H8P"
    )


def test_a_registration_number_is_one_of_the_other_site() -> None:
    abroad = Licence(credit_code="HRB 12345")
    assert compute_suggestion(abroad, Site.INTL) == abroad
    assert compute_suggestion(abroad, Site.CN) is None


@pytest.mark.parametrize("read", [Licence(), Licence("", "", " ", "\n"), Licence(credit_code="12")])
def test_nothing_is_left_of_nothing(read: Licence) -> None:
    assert compute_suggestion(read, Site.CN) is None


def test_what_was_read_is_not_shown() -> None:
    assert repr(LICENCE) == "Licence(name, credit_code, legal_representative, address)"
