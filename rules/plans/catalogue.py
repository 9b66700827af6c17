"""The catalogue of partner plans and the tiers of their members: data in plans.toml, read at import."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules.partners import PartnerKind
from rules.sites import Site
from rules.statements import StatementCode, present

_DATA = Path(__file__).parent.with_name("plans.toml")


class PlanCode(StrEnum):
    """A plan that partners join."""

    CO_SELL = "CO_SELL"
    COMPETENCY = "COMPETENCY"
    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"
    MARKETPLACE_SELLER = "MARKETPLACE_SELLER"
    MARKETPLACE_SALES = "MARKETPLACE_SALES"
    SERVICE_COMPETENCY = "SERVICE_COMPETENCY"


class JoinMode(StrEnum):
    """Who takes the first step into a plan."""

    SELF = "SELF"
    INVITE = "INVITE"


class ExitMode(StrEnum):
    """How a plan is left: by the partner itself, or through its ecosystem manager, whereupon the vendor records it."""

    SELF = "SELF"
    OFFLINE = "OFFLINE"


class Condition(StrEnum):
    """What a plan may ask of a candidate."""

    ENTERPRISE = "ENTERPRISE"
    NOT_FROZEN = "NOT_FROZEN"
    EMAIL_BOUND = "EMAIL_BOUND"
    PATH_CHOSEN = "PATH_CHOSEN"
    NO_PATH = "NO_PATH"
    SERVICE_ROLE = "SERVICE_ROLE"
    SALES_IDENTITY = "SALES_IDENTITY"
    NO_SIBLING = "NO_SIBLING"
    NO_DISTRIBUTOR = "NO_DISTRIBUTOR"
    NO_RESOURCES = "NO_RESOURCES"
    NO_ARREARS = "NO_ARREARS"
    NO_CONSUMPTION = "NO_CONSUMPTION"
    NO_OTHER_PARTNER = "NO_OTHER_PARTNER"
    NO_UNIFIED_ACCOUNT = "NO_UNIFIED_ACCOUNT"
    NO_CREDIT_ACCOUNT = "NO_CREDIT_ACCOUNT"
    NOT_REPORTED_BY_VENDOR = "NOT_REPORTED_BY_VENDOR"
    RELATIONS_DECLARED = "RELATIONS_DECLARED"


@dataclass(frozen=True, slots=True)
class Tier:
    """A rank of a site. `titles` maps `en` and `zh-CN`; an `assigned` one only the vendor gives."""

    code: str
    titles: Mapping[str, str]
    assigned: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan of the catalogue; the fields are described at the head of plans.toml."""

    code: PlanCode
    titles: Mapping[str, str]
    mark: str
    join: JoinMode
    exit: ExitMode
    conditions: Mapping[Site, tuple[Condition, ...]]
    source: str
    page: str
    kind: PartnerKind | None = None
    exclusive_with: frozenset[PlanCode] = frozenset()
    tiered: bool = False
    rises: bool = False
    distributor: bool = False

    @property
    def statement(self) -> StatementCode:
        """What its agreement is called."""
        return StatementCode(f"PLAN_{self.code}")

    @property
    def agreement(self) -> str:
        """The version of its agreement that is in force."""
        return present(self.statement).version


def _load(path: Path) -> tuple[Mapping[PlanCode, Plan], Mapping[Site, tuple[Tier, ...]]]:
    data = tomllib.loads(path.read_text("utf-8"))
    plans = {PlanCode(code): _plan(PlanCode(code), facts) for code, facts in data["plans"].items()}
    tiers = {
        site: tuple(Tier(row["code"], _titles(row), row.get("assigned", False)) for row in data["tiers"][site])
        for site in Site
    }
    return MappingProxyType(plans), MappingProxyType(tiers)


def _plan(code: PlanCode, facts: dict[str, Any]) -> Plan:
    return Plan(
        code=code,
        titles=_titles(facts),
        mark=facts["mark"],
        join=JoinMode(facts["join"]),
        exit=ExitMode(facts["exit"]),
        conditions={Site(site): tuple(map(Condition, names)) for site, names in facts["conditions"].items()},
        source=facts["rule"],
        page=facts["page"],
        kind=PartnerKind(facts["kind"]) if "kind" in facts else None,
        exclusive_with=frozenset(map(PlanCode, facts.get("exclusive_with", ()))),
        tiered=facts.get("tiered", False),
        rises=facts.get("rises", False),
        distributor=facts.get("distributor", False),
    )


def _titles(facts: dict[str, Any]) -> Mapping[str, str]:
    return {"en": facts["name"]["en"], "zh-CN": facts["name"]["zh"]}


PLANS, TIERS = _load(_DATA)
