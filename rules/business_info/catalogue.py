"""What the form offers to choose from: signing entities, banks and branches; data in business_info.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules.sites import Site
from rules.statements import StatementCode, present

_DATA = tomllib.loads(Path(__file__).parent.with_suffix(".toml").read_text("utf-8"))

PRIVACY_STATEMENT = present(StatementCode.PRIVACY).version
"""The version that has to be accepted with a form."""


@dataclass(frozen=True, slots=True)
class SigningEntity:
    """A company of the vendor's that signs with partners of a site, and where invoices to it are mailed.

    `titles` and `invoices_to` map `en` and `zh-CN`.
    """

    code: str
    site: Site
    titles: Mapping[str, str]
    currencies: tuple[str, ...]
    invoices_to: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank of the list: `country` as ISO 3166, `number` what the numbers of its branches begin with, if they do."""

    code: str
    country: str
    titles: Mapping[str, str]
    bic: str
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the list, by its number of twelve digits; `bank` is the bank's code."""

    code: str
    bank: str
    titles: Mapping[str, str]


def _titles(facts: dict[str, Any], name: str = "name") -> Mapping[str, str]:
    return {"en": facts[name]["en"], "zh-CN": facts[name]["zh"]}


ENTITIES: Mapping[str, SigningEntity] = MappingProxyType(
    {
        code: SigningEntity(
            code, Site(facts["site"]), _titles(facts), tuple(facts["currencies"]), _titles(facts, "invoices_to")
        )
        for code, facts in _DATA["entities"].items()
    }
)

BANKS: Mapping[str, Bank] = MappingProxyType(
    {
        code: Bank(code, facts["country"], _titles(facts), facts["bic"], facts.get("number"))
        for code, facts in _DATA["banks"].items()
    }
)

BRANCHES: Mapping[str, Branch] = MappingProxyType(
    {code: Branch(code, facts["bank"], _titles(facts)) for code, facts in _DATA["branches"].items()}
)


def entity_of(code: str | None, site: Site) -> SigningEntity:
    """The entity of this code; without one the first of the site, which signs where nothing else is agreed."""
    return ENTITIES.get(code or "") or next(entity for entity in ENTITIES.values() if entity.site is site)


def banks_of(site: Site) -> list[Bank]:
    """The banks to choose from: on the mainland those of China, elsewhere all."""
    return [bank for bank in BANKS.values() if site is not Site.CN or bank.country == "CN"]


def branches_of(bank: str, part: str) -> list[Branch]:
    """The branches of a bank whose number begins with this text, or whose name has it in either language."""
    wanted = part.strip().casefold()
    return [
        branch
        for branch in BRANCHES.values()
        if branch.bank == bank
        and (branch.code.startswith(wanted) or any(wanted in title.casefold() for title in branch.titles.values()))
    ]
