"""When the vendor is late with a step of a certification: working days where people act, hours where none does."""

from datetime import UTC, date, datetime

import pytest

from rules.business_info import AWAITED, ENTITIES, BusinessInfoState, compute_late_from, entity_of
from rules.policy import Policy
from rules.sites import Site

FRIDAY = datetime(2026, 3, 6, 4, tzinfo=UTC)
B = BusinessInfoState


@pytest.mark.parametrize("site", Site)
def test_each_state_has_its_time(site: Site) -> None:
    policy = Policy.at(site, FRIDAY.date())
    found = {state: compute_late_from(state, FRIDAY, policy=policy, entries={}) for state in BusinessInfoState}
    assert {state: at for state, at in found.items() if at is not None} == {
        B.SUBMITTED: datetime(2026, 3, 10, tzinfo=site.zone),  # the Monday is the one working day
        B.AUTO_CHECK: datetime(2026, 3, 6, 7, tzinfo=UTC),
        B.LOCKED: datetime(2026, 3, 12, tzinfo=site.zone),
    }
    assert {state for state, at in found.items() if at is not None} == AWAITED


def test_a_holiday_does_not_count() -> None:
    policy = Policy.at(Site.CN, FRIDAY.date())
    late = compute_late_from(B.SUBMITTED, FRIDAY, policy=policy, entries={date(2026, 3, 9): False})
    assert late == datetime(2026, 3, 11, tzinfo=Site.CN.zone)


@pytest.mark.parametrize(
    ("code", "site", "expected"),
    [("SOFTWARE_CN", Site.CN, "SOFTWARE_CN"), (None, Site.CN, "CLOUD_CN"), (None, Site.INTL, "CLOUD_SG")],
)
def test_without_a_signing_entity_it_is_the_sites_first(code: str | None, site: Site, expected: str) -> None:
    assert entity_of(code, site) is ENTITIES[expected]
