"""The published rules and what people agree to, as anybody may read them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from resolvers.context import Context
from resolvers.query import query
from rules.access import Permission
from rules.plans import PLANS, PlanCode
from rules.policy_data import PARAMETERS
from rules.registry import RULES, Rule
from rules.sites import Site
from rules.statements import Statement, StatementCode, find_statement


@dataclass(frozen=True, slots=True)
class PublishedRule:
    """A rule with its numbers as they hold on one site now."""

    rule: Rule
    site: Site
    parameters: dict[str, Any]


def published(ctx: Context, rule_id: str, site: Site | None = None) -> PublishedRule | None:
    """The rule of that id with the numbers of `site` (the caller's own by default); None for none."""
    found, where = RULES.get(rule_id), site or ctx.actor.site
    if found is None:
        return None
    policy = ctx.policies.at(where, ctx.now)
    return PublishedRule(found, where, {key.name: _shown(key.name, policy[key]) for key in found.policy})


def _shown(name: str, value: object) -> object:
    """A number as the policy's data has it: durations in their unit, decimals as text."""
    if isinstance(value, timedelta):
        unit = PARAMETERS[name].unit
        return int(value / timedelta(**{unit: 1}))
    return str(value) if isinstance(value, Decimal) else value


@query(permission=Permission.PUBLIC_READ)
def rules(ctx: Context, *, site: Site | None = None, ids: list[str] | None = None) -> list[PublishedRule]:
    """Every published rule, or those asked for, in the order of their ids."""
    wanted = sorted(RULES) if ids is None else [rule_id for rule_id in ids if rule_id in RULES]
    return [found for rule_id in wanted if (found := published(ctx, rule_id, site)) is not None]


@query(permission=Permission.PUBLIC_READ)
def statement(ctx: Context, *, code: StatementCode, version: str | None = None) -> Statement | None:
    """What is agreed to, word for word: the version in force, or the one asked for; None where there never was one."""
    return find_statement(code, version)


def plan_agreement(plan: PlanCode, version: str | None = None) -> Statement | None:
    """The agreement of a plan: the version in force, or the one asked for."""
    return find_statement(PLANS[plan].statement, version)
