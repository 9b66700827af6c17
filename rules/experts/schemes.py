"""The schemes of the experts' incentive, data in experts.toml, and the list that one gives for a month."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rules.experts.kinds import ExpertLevel, ExpertSchemeCode, Generation, MaterialKind
from rules.paths import PathCode, PathStage
from rules.registry import rule
from rules.sites import Site
from rules.specialists import CERTIFICATES, Position

DATA = Path(__file__).parent.with_name("experts.toml")


@dataclass(frozen=True, slots=True)
class ExpertScheme:
    """One scheme; the fields are described at the head of experts.toml."""

    code: ExpertSchemeCode
    titles: Mapping[str, str]
    path: PathCode
    min_stage: PathStage
    generation: Generation
    certificates: tuple[frozenset[str], ...]
    assessment: bool
    position: Position | None
    cloud_months: int | None
    yearly_months: int | None
    project: bool
    materials: tuple[MaterialKind, ...]
    amounts: Mapping[Site, Mapping[ExpertLevel, int]]
    source: str
    page: str


class InvalidSchemes(ValueError):
    """The data contradicts itself; the message says where."""


def _scheme(code: str, row: Mapping[str, Any]) -> ExpertScheme:
    position = row.get("position")
    made = ExpertScheme(
        code=ExpertSchemeCode(code),
        titles=MappingProxyType({"en": row["name"]["en"], "zh-CN": row["name"]["zh"]}),
        path=PathCode(row["path"]),
        min_stage=PathStage(row["min_stage"]),
        generation=Generation(row["generation"]),
        certificates=tuple(frozenset(kinds) for kinds in row["certificates"]),
        assessment=row["assessment"],
        position=None if position is None else Position(position),
        cloud_months=row.get("cloud_months"),
        yearly_months=row.get("yearly_months"),
        project=row.get("project", False),
        materials=tuple(MaterialKind(kind) for kind in row["materials"]),
        amounts=MappingProxyType({Site(site): _amounts(levels) for site, levels in row["amounts"].items()}),
        source=row["rule"],
        page=row["page"],
    )
    _check(made)
    return made


def _amounts(levels: Mapping[str, int]) -> Mapping[ExpertLevel, int]:
    return MappingProxyType({ExpertLevel(level): amount for level, amount in levels.items()})


def _check(scheme: ExpertScheme) -> None:
    sound = (
        (scheme.certificates or scheme.assessment)
        and all(kinds and kinds <= CERTIFICATES.keys() for kinds in scheme.certificates)
        and scheme.materials
        and scheme.amounts
        and all(levels.keys() == set(ExpertLevel) for levels in scheme.amounts.values())
        and all(amount > 0 for levels in scheme.amounts.values() for amount in levels.values())
    )
    if not sound:
        raise InvalidSchemes(scheme.code.value)


def _load(path: Path) -> Mapping[ExpertSchemeCode, ExpertScheme]:
    schemes = [_scheme(code, row) for code, row in tomllib.loads(path.read_text("utf-8")).items()]
    return MappingProxyType({scheme.code: scheme for scheme in schemes})


SCHEMES = _load(DATA)
"""Every scheme by its code, in the order of the data."""


def schemes_of(site: Site) -> list[ExpertScheme]:
    """The schemes that a site has."""
    return [scheme for scheme in SCHEMES.values() if site in scheme.amounts]


@dataclass(frozen=True, slots=True)
class ListTotal:
    """What a partner acknowledges: how many experts a list has, and minor units for all of them."""

    heads: int
    amount: int


@rule("experts.amount", "A 14.2")
def compute_list_total(scheme: ExpertScheme, levels: Iterable[ExpertLevel], site: Site) -> ListTotal:
    """Heads and sum of a list whose experts have these levels."""
    amounts = [scheme.amounts[site][level] for level in levels]
    return ListTotal(len(amounts), sum(amounts))
