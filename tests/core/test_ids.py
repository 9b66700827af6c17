"""Typed ids: what they look like, that they come back, and that nothing else passes for one."""

from uuid import UUID

import pytest

from core.ids import NOBODY, InvalidId, decode_id, encode_id, filter_id, find_id, uuid7
from tests.seeded import Random

MOST = (1 << 128) - 1
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def by_hand(number: int) -> str:
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(26)))


@pytest.mark.parametrize(
    ("number", "letters"),
    [
        (0, "0" * 26),
        (1, "0" * 25 + "1"),
        (31, "0" * 25 + "z"),
        (32, "0" * 24 + "10"),
        (MOST, "7" + "z" * 25),
        (0x019AA3D2_7B2C_7000_8000_00000000ABCD, by_hand(0x019AA3D2_7B2C_7000_8000_00000000ABCD)),
    ],
)
def test_an_id_is_written_in_crockfords_letters(number: int, letters: str) -> None:
    assert encode_id("cus", UUID(int=number)) == f"cus_{letters}"


def test_every_id_comes_back() -> None:
    numbers = Random(26)
    for number in [1 << bit for bit in range(128)] + [numbers.getrandbits(128) for _ in range(2_000)]:
        text = encode_id("opp", UUID(int=number))
        assert text == f"opp_{by_hand(number)}"
        assert decode_id(text) == ("opp", UUID(int=number))


def test_ids_are_ordered_as_they_were_made() -> None:
    made = [uuid7() for _ in range(1_000)]
    assert made == sorted(made)
    assert [encode_id("e", one) for one in made] == sorted(encode_id("e", one) for one in made)


@pytest.mark.parametrize(
    "text",
    ["", "cus", "_" + "0" * 26, "cus_" + "0" * 25, "cus_" + "0" * 27, "cus_8" + "0" * 25, "cus_" + "u" * 26]
    + ["cus_" + "0" * 25 + letter for letter in "Uilo-é"],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        decode_id(text)


@pytest.mark.parametrize("text", ["", "nonsense", "acc_" + "0" * 25 + "1", "cus_" + "u" * 26])
def test_an_id_of_another_kind_finds_nothing(text: str) -> None:
    assert find_id("cus", text) is None
    assert filter_id("cus", text) == NOBODY


def test_an_id_of_its_kind_is_found() -> None:
    row_id = uuid7()
    assert find_id("cus", encode_id("cus", row_id)) == filter_id("cus", encode_id("cus", row_id)) == row_id
    assert filter_id("cus", None) is None
