"""Opaque tokens, keyed digests and derived codes."""

import hashlib
import hmac
import secrets
from collections import Counter

import pytest

from core.tokens import TokenKind, derive_code, digest, equal, keyed, kind_of, new_salt, new_token

SECRET = "an installation's secret, long enough"
SALT = bytes(range(16))


@pytest.mark.parametrize("kind", TokenKind)
def test_a_token_has_its_prefix_and_256_bits(kind: TokenKind) -> None:
    tokens = {new_token(kind) for _ in range(1000)}
    assert len(tokens) == 1000
    for token in tokens:
        assert token.startswith(kind)
        assert len(token) == len(kind) + 43
        assert kind_of(token) is kind


@pytest.mark.parametrize(
    "text",
    ["", "cos_at_", "cos_at_" + "a" * 42, "cos_at_" + "a" * 44, "cos_xx_" + "a" * 43, "a" * 43]
    + ["cos_at_" + "a" * 42 + character for character in ("+", "\n", "é", "\x00", "\ud800")],
)
def test_what_cannot_be_a_token_is_told_without_a_look_up(text: str) -> None:
    assert kind_of(text) is None


def test_the_digest_is_sha_256() -> None:
    assert digest("cos_at_x") == hashlib.sha256(b"cos_at_x").digest()
    assert digest("\ud800") != digest("\ud801")


def test_the_keyed_digest_is_the_documented_encoding() -> None:
    message = b"".join(len(part).to_bytes(8, "big") + part for part in (b"code", b"a", "密".encode()))
    assert keyed(SECRET, "code", "a", "密") == hmac.digest(SECRET.encode(), message, "sha256")


def test_no_two_lists_of_parts_coincide() -> None:
    lists: list[tuple[str, ...]] = [
        (),
        ("",),
        ("", ""),
        ("ab",),
        ("a", "b"),
        ("a", "", "b"),
        ("", "ab"),
        ("ab", ""),
        ("a\x00b",),
        ("\x00\x00\x00\x00\x00\x00\x00\x01b",),
    ]
    purposes = ["", "p", "pa", "a"]
    digests = {keyed(SECRET, purpose, *parts) for purpose in purposes for parts in lists}
    # ("p", "a…") and ("pa", "…") are different too, so nothing is lost
    assert len(digests) == len(purposes) * len(lists)


def test_the_secret_matters_and_text_is_its_utf8() -> None:
    assert keyed(SECRET, "p", "a") != keyed(SECRET + "x", "p", "a")
    assert keyed(SECRET, "p", "密") == keyed(SECRET.encode(), "p", "密".encode())


def test_a_code_follows_from_secret_and_salt() -> None:
    assert derive_code(SECRET, SALT, 6) == derive_code(SECRET, SALT, 6)
    assert derive_code(SECRET, SALT, 6) != derive_code(SECRET + "x", SALT, 6)
    assert derive_code(SECRET, SALT, 6) != derive_code(SECRET, SALT[::-1], 6)
    assert not derive_code(SECRET, SALT, 8).endswith(derive_code(SECRET, SALT, 6))


def test_codes_keep_their_leading_zeros() -> None:
    codes = [derive_code(SECRET, index.to_bytes(16, "big"), 6) for index in range(2000)]
    assert {len(code) for code in codes} == {6}
    assert all(code.isdecimal() for code in codes)
    assert any(code.startswith("0") for code in codes)


@pytest.mark.parametrize("digits", [3, 13, 0, -1])
def test_a_code_has_4_to_12_digits(digits: int) -> None:
    with pytest.raises(ValueError, match="digits"):
        derive_code(SECRET, SALT, digits)


def test_a_salt_is_not_short() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        derive_code(SECRET, SALT[:15], 6)
    assert len({new_salt() for _ in range(100)}) == 100
    assert len(new_salt()) == 16


def chi_squared(counts: Counter[str], categories: int, total: int) -> float:
    expected = total / categories
    return sum((counts[key] - expected) ** 2 / expected for key in counts) + (categories - len(counts)) * expected


def test_codes_are_uniform() -> None:
    # Fixed salts, so the outcome is the same in every run; the bounds are the 99.9 % points of the distributions.
    total = 100_000
    codes = [derive_code(SECRET, index.to_bytes(16, "big"), 6) for index in range(total)]
    assert chi_squared(Counter(code[:3] for code in codes), 1000, total) < 1143.9
    assert chi_squared(Counter(code[3:] for code in codes), 1000, total) < 1143.9
    for position in range(6):
        assert chi_squared(Counter(code[position] for code in codes), 10, total) < 27.9
    # 100,000 draws of a million leave about 95,163 different ones
    assert 94_800 < len(set(codes)) < 95_500


def test_comparison() -> None:
    token = secrets.token_urlsafe(32)
    assert equal(token, token)
    assert equal(token, token.encode())
    assert not equal(token, token[:-1])
    assert not equal(token, token + "x")
    assert not equal("", "x")
    assert equal("密码", "密码")
    assert not equal("\ud800", "\ud801")
