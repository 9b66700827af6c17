"""What people agree to: each with its text in both languages, in versions of which the newest is in force."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from rules.errors import ErrorCode, Violation

_DATA = Path(__file__).with_name("statements.toml")


class StatementCode(StrEnum):
    """Something that is agreed to; a plan's agreement is called after the plan."""

    TERMS = "TERMS"
    SHARING = "SHARING"
    PRIVACY = "PRIVACY"
    PLAN_CO_SELL = "PLAN_CO_SELL"
    PLAN_COMPETENCY = "PLAN_COMPETENCY"
    PLAN_SOLUTION_PROVIDER = "PLAN_SOLUTION_PROVIDER"
    PLAN_DISTRIBUTOR = "PLAN_DISTRIBUTOR"
    PLAN_RESELLER = "PLAN_RESELLER"
    PLAN_MARKETPLACE_SELLER = "PLAN_MARKETPLACE_SELLER"
    PLAN_MARKETPLACE_SALES = "PLAN_MARKETPLACE_SALES"
    PLAN_SERVICE_COMPETENCY = "PLAN_SERVICE_COMPETENCY"
    MDF_PAYMENT = "MDF_PAYMENT"
    EXPERT_INCENTIVE = "EXPERT_INCENTIVE"


@dataclass(frozen=True, slots=True)
class Statement:
    """One version; `titles` and `texts` map `en` and `zh-CN`."""

    code: StatementCode
    version: str
    since: date
    titles: Mapping[str, str]
    texts: Mapping[str, str]


def _load(path: Path) -> Mapping[StatementCode, tuple[Statement, ...]]:
    data = tomllib.loads(path.read_text("utf-8"))
    return MappingProxyType(
        {
            StatementCode(code): tuple(
                Statement(
                    code=StatementCode(code),
                    version=row["version"],
                    since=row["since"],
                    titles={"en": row["name"]["en"], "zh-CN": row["name"]["zh"]},
                    texts={"en": row["text"]["en"].strip(), "zh-CN": row["text"]["zh"].strip()},
                )
                for row in rows
            )
            for code, rows in data.items()
        }
    )


STATEMENTS = _load(_DATA)


def present(code: StatementCode) -> Statement:
    """The version that is in force."""
    return STATEMENTS[code][-1]


def find_statement(code: StatementCode, version: str | None) -> Statement | None:
    """One version, by default the one in force; None where there never was such a version."""
    if version is None:
        return present(code)
    return next((one for one in STATEMENTS[code] if one.version == version), None)


def check_accepted(code: StatementCode, version: str | None, *path: str, rule: str) -> list[Violation]:
    """AGREEMENT_REQUIRED at `path`, naming the version in force, unless that one is accepted."""
    newest = present(code).version
    return [] if version == newest else [Violation(ErrorCode.AGREEMENT_REQUIRED, path, rule, {"version": newest})]
