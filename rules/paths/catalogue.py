"""The catalogue of paths, read from paths.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules.paths.kinds import BenefitKind, PathCode, PathStage, RequirementKind
from rules.plans import JoinMode


@dataclass(frozen=True, slots=True)
class PathBenefit:
    """What a stage opens; `titles` maps `en` and `zh-CN`."""

    stage: PathStage
    kind: BenefitKind
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DevelopmentPath:
    """One path of the catalogue; the fields are described at the head of paths.toml."""

    code: PathCode
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    focus: Mapping[str, tuple[str, ...]]
    join: JoinMode
    one_per_company: bool
    prefix: str
    requirements: Mapping[PathStage, tuple[RequirementKind, ...]]
    benefits: tuple[PathBenefit, ...]
    source: str
    page: str


def _load(path: Path) -> Mapping[PathCode, DevelopmentPath]:
    data = tomllib.loads(path.read_text("utf-8"))["paths"]
    return MappingProxyType({PathCode(code): _path(PathCode(code), facts) for code, facts in data.items()})


def _path(code: PathCode, facts: dict[str, Any]) -> DevelopmentPath:
    asked = {PathStage.CERTIFIED: "role", PathStage.DIFFERENTIATED: "differentiation"}
    return DevelopmentPath(
        code=code,
        titles=_texts(facts["name"]),
        descriptions=_texts(facts["description"]),
        focus={"en": tuple(facts["focus"]["en"]), "zh-CN": tuple(facts["focus"]["zh"])},
        join=JoinMode(facts["join"]),
        one_per_company=facts.get("one_per_company", False),
        prefix=facts["prefix"],
        requirements={
            stage: tuple(map(RequirementKind, facts[name])) for stage, name in asked.items() if name in facts
        },
        benefits=tuple(
            PathBenefit(PathStage(row["stage"]), BenefitKind(row["kind"]), _texts(row["name"]))
            for row in facts["benefits"]
        ),
        source=facts["rule"],
        page=facts["page"],
    )


def _texts(facts: dict[str, str]) -> Mapping[str, str]:
    return {"en": facts["en"], "zh-CN": facts["zh"]}


PATHS = _load(Path(__file__).parents[1] / "paths.toml")
ONE_PER_COMPANY = frozenset(code for code, path in PATHS.items() if path.one_per_company)
