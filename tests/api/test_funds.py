"""Applications for the market development fund and what stands against them; through the API."""

from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.ids import decode_id
from core.scope import EVERYTHING
from models.funds import MdfViolation
from rules.access import Role
from rules.funds.kinds import MdfViolationKind
from rules.sites import Site
from tests import world
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.funds import (
    GIFT,
    Funded,
    actions,
    certify,
    create,
    day,
    drafted,
    event,
    expense,
    funded,
    in_provider_plan,
    left,
    open_quota,
    refused,
    shown,
    step,
    submit,
    submitted,
)
from tests.opportunities import done, key, staff
from tests.paths import sibling, walker


async def suspend(api: Api, who: Funded, case: dict[str, Any]) -> None:
    """A violation of the year, as the vendor has decided it."""
    async with db.transaction(EVERYTHING):
        await MdfViolation.insert(
            now=api.clock(),
            partner_id=who.partner_id,
            case_id=decode_id(case["id"])[1],
            kind=MdfViolationKind.MDF_SPLIT,
            penalty="A warning.",
            year=2026,
            decided_by=who.manager.id,
            decided_at=api.clock(),
            suspended_until=api.clock() + timedelta(days=300),
        )


class TestApplication:
    async def test_a_draft_is_filled_in_later_and_asked_for_everything(self, api: Api) -> None:
        who = await funded(api)
        empty = {"activityType": None, "audience": None, "department": None, "events": None, "budget": None}
        draft = await drafted(api, who, **empty, expectedLeads=None, expectedOpportunities=None)
        assert (draft["state"], draft["planned"]["amount"], draft["startsOn"]) == ("DRAFT", "0.00", None)
        missing = [
            *("activityType", "audience", "department", "expectedLeads", "expectedOpportunities", "events", "budget")
        ]

        async def attempt() -> None:
            refused = await submit(who, draft, agreementVersion="0.9")
            assert codes(refused) == ["REQUIRED"] * 7 + ["AGREEMENT_REQUIRED"]
            assert [error["path"][1] for error in refused["userErrors"]][:7] == missing

        assert await api.changes(attempt) == set()
        rest = {"activityType": "PARTNER_TRAINING", "audience": "Partners", "department": "Enablement"}
        goals = {"expectedLeads": 0, "expectedOpportunities": 0}
        given = {**rest, **goals, "events": [event(api, days=2)], "budget": [expense(), GIFT]}
        changed = (await done(await step(who.api, "updateMdfCase", draft, **given)))["case"]
        assert (changed["planned"]["amount"], changed["fundPlanned"]["amount"]) == ("10000.00", "5000.00")
        assert changed["endsOn"] == (day(api) + timedelta(days=29)).isoformat()
        assert codes(await step(who.api, "updateMdfCase", draft, name="X", expectedVersion=1)) == ["CONFLICT"]
        possible = actions(changed)
        assert [possible[name] for name in ("CHANGE", "SUBMIT", "CANCEL")] == [[], [], ["STATE_CONFLICT"]]
        await done(await submit(who, draft))
        assert codes(await step(who.api, "updateMdfCase", draft, name="X")) == ["STATE_CONFLICT"]

    async def test_what_a_draft_says_is_checked_at_once(self, api: Api) -> None:
        who = await funded(api)
        wrong = {
            "events": [event(api, endsOn=day(api).isoformat())],
            "budget": [
                expense(amount="a lot"),
                expense(amount="0.00", fundAmount="0.00"),
                expense(fundAmount="8000.01"),
                expense(fundAmount="-0.01"),
            ],
            "expectedLeads": -1,
        }

        async def attempt() -> None:
            refused = await create(api, who, **wrong)
            assert codes(refused) == ["INVALID_FORMAT", *["OUT_OF_RANGE"] * 5]
            paths = [".".join(error["path"][1:]) for error in refused["userErrors"]]
            assert paths == [
                *("budget.0.amount", "events.0.endsOn", "budget.1.amount", "budget.2.fundAmount"),
                *("budget.3.fundAmount", "expectedLeads"),
            ]
            many = await create(api, who, events=[event(api)] * 21, budget=[expense()] * 51)
            assert codes(many) == ["TOO_MANY", "TOO_MANY"]

        assert await api.changes(attempt) == set()

    async def test_its_day_comes_after_its_approval_and_after_ten_working_days(self, api: Api) -> None:
        """The second of March is a Monday: the tenth working day after it is the sixteenth."""
        who = await funded(api)
        draft = await drafted(api, who, events=[event(api, inside=13)])

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_LATE_REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        for inside in (0, -1):
            await done(await step(who.api, "updateMdfCase", draft, events=[event(api, inside=inside)]))
            await refused(api, lambda: submit(who, draft), "MDF_RETROACTIVE")
        await done(await step(who.api, "updateMdfCase", draft, events=[event(api, inside=14)]))
        assert codes(await submit(who, draft, dryRun=True)) == []
        tomorrow = {"events": [event(api, inside=1)], "lateReason": "The customer moved the date."}
        await done(await step(who.api, "updateMdfCase", draft, **tomorrow))
        await done(await submit(who, draft))

    async def test_days_that_are_worked_in_exchange_count(self, api: Api) -> None:
        """The fourteenth of March is a Saturday; operations declare it a working day."""
        who = await funded(api)
        draft = await drafted(api, who, events=[event(api, inside=12)])
        assert codes(await submit(who, draft)) == ["MDF_LATE_REASON_REQUIRED"]
        await api.database.superuser.execute(
            "insert into working_day (id, site, day, is_working) values (gen_random_uuid(), 'CN', '2026-03-14', true)"
        )
        await done(await submit(who, draft))

    async def test_events_of_one_application_lie_within_a_quarter(self, api: Api) -> None:
        who = await funded(api)
        first = event(api, startsOn="2026-04-01", endsOn="2026-04-02")
        last = event(api, name="Closing day", startsOn="2026-06-30", endsOn="2026-07-01")
        draft = await drafted(api, who, events=[last, first])

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_BATCH_SPAN"]

        assert await api.changes(attempt) == set()
        within = {**last, "endsOn": "2026-06-30"}
        await done(await step(who.api, "updateMdfCase", draft, events=[within, first]))
        await done(await submit(who, draft))

    async def test_types_that_the_site_does_not_support_are_refused(self, api: Api) -> None:
        await api.override("mdf.activity_types", ["PARTNER_TRAINING"])
        who = await funded(api)
        draft = await drafted(api, who)

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_TYPE_NOT_ALLOWED"]

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize(("site", "cap"), [(Site.CN, "200"), (Site.INTL, "30")])
    async def test_gifts_are_named_belong_to_the_activity_and_keep_the_cap(
        self, api: Api, site: Site, cap: str
    ) -> None:
        who = await funded(api, site)
        dear = {**GIFT, "quantity": 1, "heads": 1, "fundAmount": "10.00"}
        lines = [
            {**dear, "amount": f"{cap}.00"},
            {**dear, "amount": f"{cap}.01"},
            {**dear, "amount": "20.00", "item": " ", "occasion": "REGULAR_VISIT"},
            {**dear, "amount": "20.00", "heads": None, "quantity": 0},
        ]
        draft = await drafted(api, who, budget=lines)

        async def attempt() -> None:
            refused = await submit(who, draft)
            assert [(error["code"], ".".join(error["path"][2:])) for error in refused["userErrors"]] == [
                ("MDF_GIFT_CAP", "1.quantity"),
                ("MDF_GIFT_CAP", "1.heads"),
                ("MDF_GIFT_NOT_NAMED", "2.item"),
                ("MDF_GIFT_UNRELATED", "2.occasion"),
                ("REQUIRED", "3.quantity"),
                ("REQUIRED", "3.heads"),
            ]

        assert await api.changes(attempt) == set()
        await done(await step(who.api, "updateMdfCase", draft, budget=lines[:1]))
        await done(await submit(who, draft))

    async def test_what_the_quota_has_left_is_the_limit(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who, budget=[expense(amount="60000.00", fundAmount="50000.01")])

        async def attempt() -> None:
            refused = await submit(who, draft)
            assert codes(refused) == ["MDF_OVER_QUOTA"]

        assert await api.changes(attempt) == set()
        assert actions(await shown(who, draft))["SUBMIT"] == ["MDF_OVER_QUOTA"]
        exact = [expense(amount="60000.00", fundAmount="50000.00")]
        await done(await step(who.api, "updateMdfCase", draft, budget=exact))
        await done(await submit(who, draft))
        assert await left(who) == ("50000.00", "0.00", "0.00")

    async def test_without_a_share_of_the_fund_it_is_warned(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who, budget=[expense(fundAmount="0.00")])
        answer = await submit(who, draft, dryRun=True)
        assert "mdf_case.without_funds" in {effect["kind"] for effect in answer["effects"]}
        other = await submit(who, await drafted(api, who), dryRun=True)
        assert "mdf_case.without_funds" not in {effect["kind"] for effect in other["effects"]}

    async def test_an_activity_like_another_one_is_confirmed_and_shown_to_the_reviewers(self, api: Api) -> None:
        who = await funded(api)
        await submitted(api, who)
        again = await drafted(api, who, name="Another cloud day")

        async def attempt() -> None:
            assert codes(await submit(who, again)) == ["MDF_SIMILAR_ACTIVITY"]

        assert await api.changes(attempt) == set()
        case = (await done(await submit(who, again, confirmSimilar=True)))["case"]
        assert case["findings"] == [{"signal": "SIMILAR_ACTIVITY", "note": ""}]
        elsewhere = await drafted(api, who, name="A third one", events=[event(api, location="Town hall")])
        await done(await submit(who, elsewhere))
        later = await drafted(api, who, events=[event(api, inside=40)])
        assert (await done(await submit(who, later)))["case"]["findings"] == []

    async def test_the_same_activity_on_another_line_is_refused_to_the_whole_company(self, api: Api) -> None:
        who = await funded(api)
        other = await sibling(api, who)
        await submitted(api, who)
        await in_provider_plan(api, other, "CORE")
        await certify(api, other)
        quota = (await done(await open_quota(other, "SOLUTION_PROVIDER")))["quota"]
        second = Funded(other.partner_id, other.main, other.manager)
        second.quota, second.site = quota["id"], Site.CN
        draft = await drafted(api, second, name="CLOUD  Day", events=[event(api, location="Elsewhere")])

        async def attempt() -> None:
            assert codes(await submit(second, draft, confirmSimilar=True)) == ["MDF_DOUBLE_DIP"]

        assert await api.changes(attempt) == set()

    async def test_while_suspended_nothing_is_applied_for(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who)
        await suspend(api, who, draft)

        async def attempt() -> None:
            assert codes(await create(api, who)) == ["MDF_SUSPENDED"]
            refused = await submit(who, draft)
            assert codes(refused) == ["MDF_SUSPENDED"]
            assert refused["userErrors"][0]["availableAt"] == "2026-12-27T04:00:00.000Z"

        assert await api.changes(attempt) == set()
        api.clock.advance(days=300)
        await refresh(api)
        await done(await step(who.api, "updateMdfCase", draft, events=[event(api)]))
        api.clock.at -= timedelta(seconds=1)
        assert codes(await submit(who, draft, dryRun=True)) == ["MDF_SUSPENDED"]
        api.clock.at += timedelta(seconds=1)
        assert codes(await submit(who, draft, dryRun=True)) == []

    async def test_a_quota_of_last_year_pays_for_nothing_new(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who)
        api.clock.advance(days=365)
        await refresh(api)
        await done(await step(who.api, "updateMdfCase", draft, events=[event(api)]))

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["MDF_QUOTA_CLOSED"]

        assert await api.changes(attempt) == set()
        fresh = (await done(await open_quota(who)))["quota"]
        assert fresh["year"] == 2027
        await done(await step(who.api, "updateMdfCase", draft, quotaId=fresh["id"]))
        await done(await submit(who, draft))

    async def test_frozen_benefits_neither_open_a_quota_nor_let_apply(self, api: Api) -> None:
        who = await funded(api)
        draft = await drafted(api, who)
        await api.database.superuser.execute("update partner set kind = 'SOLUTION_PROVIDER'")
        finance = await staff(api, Role.VENDOR_FINANCE)
        bill = {"number": "B-1", "amount": "10.00", "overdueSince": "2026-03-01T00:00:00.000Z"}
        given = {"partnerId": who.id, "bills": [bill], "idempotencyKey": key()}
        await done(await finance.client.do("recordOverdueBills", "partner { id }", **given))

        async def attempt() -> None:
            assert codes(await submit(who, draft)) == ["BENEFITS_FROZEN"]
            assert codes(await open_quota(who)) == ["MDF_QUOTA_OPENED", "BENEFITS_FROZEN"]

        assert await api.changes(attempt) == set()
        paid = {"partnerId": who.id, "numbers": ["B-1"], "idempotencyKey": key()}
        await done(await finance.client.do("clearOverdueBills", "partner { id }", **paid))
        await done(await submit(who, draft))

    async def test_who_has_no_part_in_it_is_kept_out(self, api: Api) -> None:
        who, stranger = await funded(api), await walker(api)
        draft = await drafted(api, who)
        assert codes(await submit(stranger, draft)) == ["NOT_FOUND"]
        clerk = await world.member(api, who.partner_id, Role.FINANCE)
        listed = "{ mdfCases(state: DRAFT) { nodes { id actions { action allowed } } } }"
        [seen] = (await clerk.client.send(listed)).data["mdfCases"]["nodes"]
        assert not any(one["allowed"] for one in seen["actions"])
        manager = await world.member(api, who.partner_id, Role.ACCOUNT_MANAGER)
        assert (await manager.client.send(listed)).error["code"] == "FORBIDDEN"
        assert (await stranger.api.send(listed)).data["mdfCases"]["nodes"] == []
        marketing = await world.member(api, who.partner_id, Role.MARKETING)
        await done(await step(marketing.client, "submitMdfCase", draft, agreementVersion="1.0"))
