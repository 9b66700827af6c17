"""The form: saved piece by piece, submitted whole, and its account number never seen again."""

import logging
from typing import Any

import pytest

from core.sealing import Sealer
from rules.access import Role
from rules.business_info import BRANCHES
from rules.sites import Site
from tasks.business_info import check_due
from tests.business_info import (
    ACCOUNT,
    FORM,
    RECORD,
    answers,
    arrived,
    confirm,
    name_of,
    record_of,
    save,
    staff,
    submit,
    submitted,
)
from tests.client import Api, Client, codes
from tests.factories import key
from tests.world import member, world


@pytest.mark.parametrize("site", Site)
async def test_a_form_is_saved_and_submitted(api: Api, site: Site) -> None:
    on = await world(api, site=site)

    saved = await save(api, on, site)

    assert codes(saved) == []
    assert saved["form"]["accountEnd"] == ACCOUNT[site][-4:]
    assert saved["form"]["bankName"] == ("中国工商银行" if site is Site.CN else "DBS Bank")
    assert saved["form"]["bic"] == ("ICBKCNBJ" if site is Site.CN else "DBSSSGSG")
    done = await submit(on)
    assert codes(done) == []
    assert done["businessInfo"]["state"] == "SUBMITTED"
    assert done["businessInfo"]["microDeposit"]["state"] == "REQUESTED"
    assert done["businessInfo"]["form"]["submittedAt"] == "2026-03-02T04:00:00.000Z"
    events = await api.rows("select type from event where partner_id = $1 order by id", on.partner_id)
    assert [row["type"] for row in events] == ["business_info.saved", "business_info.submitted"]


async def test_saved_piece_by_piece(api: Api) -> None:
    on = await world(api)
    first = await on.main.client.do("saveBusinessInfo", FORM, taxRate="0.0600", accountNumber="6222 0210-0111 6245702")
    assert first["form"]["taxRate"] == "0.06"
    assert first["form"]["accountEnd"] == "5702"

    second = await on.main.client.do("saveBusinessInfo", FORM, taxRate=None, accountHolder=" Us ")

    assert second["form"]["id"] == first["form"]["id"]
    assert (second["form"]["taxRate"], second["form"]["accountHolder"]) == (None, "Us")
    assert second["form"]["accountEnd"] == "5702"
    third = await on.main.client.do("saveBusinessInfo", FORM, accountNumber=None)
    assert third["form"]["accountEnd"] is None
    assert await api.value("select account_sealed from business_info_form") is None
    again = await on.main.client.do("saveBusinessInfo", FORM, address="x", expectedVersion=1)
    assert codes(again) == ["CONFLICT"]


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ({"bankName": "Mattress Savings", "bic": "EVILCNBJ"}, False),
        ({"bic": "EVILCNBJ"}, False),
        ({"bankCountry": "DE"}, False),
        ({"bankName": "中国工商银行", "bic": "ICBKCNBJ"}, True),
        ({"address": "Elsewhere"}, True),
        ({"bankName": "Mattress Savings", "bankCode": "ICBC"}, True),
    ],
)
async def test_a_bank_that_is_written_over_is_none_of_the_list(api: Api, written: dict[str, Any], listed: bool) -> None:
    on = await world(api)
    await save(api, on)
    assert codes(await on.main.client.do("saveBusinessInfo", FORM, **written)) == []
    assert await api.value("select bank_code from business_info_form") == ("ICBC" if listed else None)


async def test_a_branch_that_is_written_over_is_none_of_the_list(api: Api) -> None:
    on = await world(api)
    [code, branch] = next(iter(BRANCHES.items()))
    await save(api, on, branchCode=code)
    name = branch.titles[Site.CN.locale]
    for written, stored in ((name, code), ("A cave", None)):
        assert codes(await on.main.client.do("saveBusinessInfo", FORM, branchName=written)) == []
        assert await api.value("select branch_code from business_info_form") == stored


async def test_an_unlisted_bank_is_looked_at_by_a_person(api: Api) -> None:
    on = await world(api)
    await save(api, on)
    await on.main.client.do("saveBusinessInfo", FORM, bankName="Mattress Savings", bic="EVILCNBJ")
    assert codes(await submit(on)) == []
    await api.deliver()
    assert codes(await confirm(on, await arrived(api, on))) == []
    api.clock.advance(hours=1)
    await check_due(api.settings, api.clock)
    assert (await record_of(api, on))["check_reasons"] == '["BANK_NOT_LISTED"]'


async def test_what_has_no_form_is_not_saved(api: Api) -> None:
    on = await world(api)
    wrong = {
        "taxRate": "six",
        "contactMobile": "12",
        "contactEmail": "nobody",
        "bankCode": "MATTRESS",
        "branchCode": "12345678901x",
        "accountNumber": "6222 0210 %",
        "currency": "12$",
    }

    async def attempt() -> None:
        refused = await on.main.client.do("saveBusinessInfo", FORM, **wrong)
        assert sorted((error["code"], error["path"][-1]) for error in refused["userErrors"]) == [
            ("BANK_UNKNOWN", "bankCode"),
            ("EMAIL_INVALID", "contactEmail"),
            ("INVALID_FORMAT", "accountNumber"),
            ("INVALID_FORMAT", "branchCode"),
            ("INVALID_FORMAT", "currency"),
            ("INVALID_FORMAT", "taxRate"),
            ("MOBILE_INVALID", "contactMobile"),
        ]
        foreign = await on.main.client.do("saveBusinessInfo", FORM, contactMobile="+6581234567")
        assert codes(foreign) == ["MOBILE_NOT_OF_SITE"]

    assert await api.changes(attempt) == set()


async def test_everything_against_a_form_is_told_at_once(api: Api) -> None:
    on = await world(api)
    await save(
        api,
        on,
        accountHolder="Somebody Else",
        taxRate="0.05",
        signingEntity="CLOUD_SG",
        bankCode=None,
        bankCountry="DE",
        contactName=None,
        relatedSupplier=True,
        intermediaryBank="A bank between",
    )

    async def attempt() -> None:
        refused = await submit(on, privacyStatement="2019-01")
        assert sorted((error["code"], error["path"][-1]) for error in refused["userErrors"]) == [
            ("AGREEMENT_REQUIRED", "privacyStatement"),
            ("BANK_ACCOUNT_INVALID", "accountNumber"),
            ("BANK_HOLDER_MISMATCH", "accountHolder"),
            ("BANK_UNKNOWN", "bankCountry"),
            ("BUSINESS_INFO_INCOMPLETE", "bankName"),
            ("BUSINESS_INFO_INCOMPLETE", "contactName"),
            ("BUSINESS_INFO_INCOMPLETE", "intermediaryBic"),
            ("BUSINESS_INFO_INCOMPLETE", "relatedDetails"),
            ("SIGNING_ENTITY_NOT_OF_SITE", "signingEntity"),
            ("TAX_RATE_NOT_ALLOWED", "taxRate"),
        ]

    await on.main.client.do("saveBusinessInfo", FORM, bankName=None)
    assert await api.changes(attempt) == set()


async def test_what_differs_between_the_sites(api: Api) -> None:
    mainland, other = await world(api), await world(api, site=Site.INTL)
    await save(api, mainland, taxpayerType=None, branchCode=None)
    await save(api, other, Site.INTL, taxpayerType="GENERAL", currency="CNY")

    async def attempt() -> None:
        refused = await submit(mainland)
        assert sorted(codes(refused)) == ["BUSINESS_INFO_INCOMPLETE", "BUSINESS_INFO_INCOMPLETE"]
        assert sorted(codes(await submit(other))) == ["CURRENCY_NOT_OF_ENTITY", "TAXPAYER_TYPE_NOT_OF_SITE"]

    assert await api.changes(attempt) == set()


async def test_without_a_draft_there_is_nothing_to_submit(api: Api) -> None:
    on = await world(api)
    assert codes(await submit(on)) == ["NOT_FOUND"]
    await submitted(api, on)
    assert codes(await submit(on)) == ["STATE_CONFLICT"]
    await save(api, on)
    refused = await submit(on)
    assert codes(refused) == ["STATE_CONFLICT"]


async def test_a_dry_run_submits_nothing(api: Api) -> None:
    on = await world(api)
    await save(api, on)

    async def attempt() -> None:
        assert codes(await submit(on, dryRun=True)) == []

    assert await api.changes(attempt) == set()


async def test_who_fills_it_in_and_who_reads_it(api: Api) -> None:
    on = await world(api)
    clerk = await member(api, on.partner_id, Role.FINANCE)
    given = answers(Site.CN, await name_of(api, on))
    saved = await clerk.client.do("saveBusinessInfo", FORM, **given)
    assert codes(saved) == []
    assert saved["form"]["contactMobile"] == "+8613800138000"
    document = "mutation($input: SaveBusinessInfoInput!) { saveBusinessInfo(input: $input) { userErrors { code } } }"
    finance = await staff(api, Role.VENDOR_FINANCE)
    for stranger in (on.member.client, on.customer.client, finance):
        assert (await stranger.send(document, input=given)).error["code"] == "FORBIDDEN"
    await submit(on)
    asked = "{ businessInfos(first: 5) { nodes { draft { id } form { id contactName } microDeposit { id } } } }"
    for reader in (on.main.client, clerk.client, finance, await staff(api, Role.VENDOR_OPS)):
        [node] = (await reader.send(asked)).data["businessInfos"]["nodes"]
        assert node["form"]["contactName"] == "陈会计"
        assert node["microDeposit"] is not None
    seen = await on.member.client.send("{ partner { businessInfo { state form { id } draft { id } } } }")
    assert seen.data["partner"]["businessInfo"] == {"state": "SUBMITTED", "form": None, "draft": None}
    other = await world(api)
    assert (await other.main.client.send(asked)).data["businessInfos"]["nodes"] == []


async def test_a_draft_is_the_partners_alone(api: Api) -> None:
    on = await world(api)
    saved = await save(api, on)
    asked = f'{{ node(id: "{saved["form"]["id"]}") {{ id }} }}'
    assert (await on.main.client.send(asked)).data["node"] is not None
    finance = await staff(api, Role.VENDOR_FINANCE)
    assert (await finance.send(asked)).data["node"] is None


@pytest.mark.parametrize("site", Site)
async def test_the_account_number_stands_in_no_table_and_no_log_line(
    api: Api, site: Site, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    on = await world(api, site=site)
    await submitted(api, on, site)
    await save(api, on, site, contactName="李会计")
    finance = await staff(api, Role.VENDOR_FINANCE, site)
    await finance.send("{ businessInfos(first: 5) { nodes { form { accountEnd accountHolder } } } }")
    tables = await api.rows("select tablename from pg_tables where schemaname = 'public'")
    number, found = ACCOUNT[site], []
    for row in tables:
        table = row["tablename"]
        held = await api.value(f"select count(*) from \"{table}\" t where t::text like '%{number}%'")
        hexed = await api.value(f"select count(*) from \"{table}\" t where t::text like '%{number.encode().hex()}%'")
        found += [table] if held or hexed else []
    assert found == []
    printed = capsys.readouterr()
    assert number not in caplog.text + printed.out + printed.err
    told: list[Any] = await api.rows("select subject, body from recorded_message")
    assert told and number not in str(told)


async def test_an_older_key_still_opens_and_the_present_one_seals(api: Api) -> None:
    old, new = b"an old key of the installation", b"a new key of the installation"
    sealed = Sealer([old]).seal("6222", "form", b"1")
    both = Sealer([new, old])
    assert both.open(sealed, "form", b"1") == "6222"
    assert both.needs_renewal(sealed) and not both.needs_renewal(both.seal("6222", "form", b"1"))
    for keys, place in (([new], b"1"), ([new, old], b"2")):
        with pytest.raises(ValueError, match="seal"):
            Sealer(keys).open(sealed, "form", place)


async def test_what_is_chosen_from(api: Api) -> None:
    on = await world(api, site=Site.INTL)
    asked = (
        "{ businessInfoOptions { privacyStatement signingEntities { code name currencies } banks { code country } } }"
    )
    found = (await on.main.client.send(asked)).data["businessInfoOptions"]
    assert {entity["code"] for entity in found["signingEntities"]} == {"CLOUD_SG", "SERVICES_HK"}
    assert {"code": "DBS", "country": "SG"} in found["banks"]
    assert found["privacyStatement"] == "2026-01"


async def test_the_amount_is_not_in_the_tables(api: Api) -> None:
    on = await world(api)
    await submitted(api, on)
    amount = await arrived(api, on)
    minor = amount.replace(".", "").lstrip("0")
    row = (await api.rows("select amount_sealed::text as sealed, currency from micro_deposit"))[0]
    assert minor.encode().hex() != row["sealed"].removeprefix("\\x")
    assert len(row["sealed"]) > 60


async def test_submitting_needs_its_own_key(api: Api) -> None:
    on = await world(api)
    await save(api, on)
    once = {"privacyStatement": "2026-01", "idempotencyKey": key()}
    first = await on.main.client.do("submitBusinessInfo", RECORD, **once)
    again = await on.main.client.do("submitBusinessInfo", RECORD, **once)
    assert codes(again) == [] and again["businessInfo"]["id"] == first["businessInfo"]["id"]
    assert await api.value("select count(*) from micro_deposit") == 1


async def test_branches_are_chosen_from_the_list_or_typed(api: Api) -> None:
    on, abroad = await world(api), await world(api, site=Site.INTL)
    asked = "query($bank: String!, $part: String!) { bankBranches(bankCode: $bank, part: $part) { code name } }"

    async def offered(who: Client, bank: str, part: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = (await who.send(asked, bank=bank, part=part)).data["bankBranches"]
        return found

    assert await offered(on.main.client, "ICBC", "西湖") == [{"code": "102331002011", "name": "Hangzhou West Lake"}]
    assert await offered(on.main.client, "DBS", "") == await offered(abroad.main.client, "DBS", "") == []

    chosen = await save(api, on, branchName="Whatever")
    assert codes(chosen) == []
    assert await api.value("select branch_name from business_info_form") == "杭州西湖支行"
    typed = await save(api, on, branchCode="102999000001", branchName="滨江支行")
    assert codes(typed) == []
    assert await api.value("select branch_name from business_info_form") == "滨江支行"
    assert codes(await save(api, on, branchCode="103331000018")) == []

    async def attempt() -> None:
        refused = await submit(on)
        assert [(one["code"], one["path"]) for one in refused["userErrors"]] == [
            ("BRANCH_NOT_OF_BANK", ["form", "branchCode"])
        ]

    assert await api.changes(attempt) == set()
