"""What the form offers to choose from: the vendor's signing entities and the banks; data in business_info.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules.sites import Site

_DATA = tomllib.loads(Path(__file__).parent.with_suffix(".toml").read_text("utf-8"))

PRIVACY_STATEMENT: str = _DATA["privacy_statement"]
"""The version that has to be accepted with a form."""


@dataclass(frozen=True, slots=True)
class SigningEntity:
    """A company of the vendor's that signs with partners of a site; `titles` maps `en` and `zh-CN`."""

    code: str
    site: Site
    titles: Mapping[str, str]
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank of the list; `country` is its ISO 3166 code."""

    code: str
    country: str
    titles: Mapping[str, str]
    bic: str


def _titles(facts: dict[str, Any]) -> Mapping[str, str]:
    return {"en": facts["name"]["en"], "zh-CN": facts["name"]["zh"]}


ENTITIES: Mapping[str, SigningEntity] = MappingProxyType(
    {
        code: SigningEntity(code, Site(facts["site"]), _titles(facts), tuple(facts["currencies"]))
        for code, facts in _DATA["entities"].items()
    }
)

BANKS: Mapping[str, Bank] = MappingProxyType(
    {code: Bank(code, facts["country"], _titles(facts), facts["bic"]) for code, facts in _DATA["banks"].items()}
)
