"""The policy in force: the shipped numbers under the values that operations set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rules.calendar import day_of
from rules.policy import Override, Policy
from rules.sites import Site


@dataclass(frozen=True, slots=True)
class StoredOverride:
    """One row of the policy table, as `rules.policy` wants it."""

    site: str
    key: str
    effective_on: date
    value: object


@dataclass(slots=True)
class PolicyBook:
    """The overrides as read for this call; a policy is made of them once per site and day."""

    overrides: Sequence[Override] = ()
    _made: dict[tuple[Site, date], Policy] = field(default_factory=dict)

    def at(self, site: Site, now: datetime) -> Policy:
        """The numbers of `site` on the day of `now` in the site's zone."""
        key = (site, day_of(now, site))
        if key not in self._made:
            self._made[key] = Policy.at(site, key[1], self.overrides)
        return self._made[key]
