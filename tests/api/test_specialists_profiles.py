"""What persons tell of themselves: kept by themselves alone, seen by their partner while they are bound to it."""

from hashlib import sha256
from typing import Any

import pytest

from core import db
from core.ids import decode_id
from models.specialists import SpecialistCertificate, SpecialistProfile, SpecialistProject, SpecialistTraining
from resolvers.accounts import authenticate
from rules.access import Role
from rules.sites import Site
from tests.client import Api, Client, codes
from tests.factories import Person, key, member, staff
from tests.specialists import (
    accept,
    bound,
    employee,
    employer,
    international_employer,
    invite,
    save_certificate,
    save_employment,
    save_project,
    save_training,
    unbind,
)
from tests.uploads import PDF, open_slot, uploaded

SHOWN = (
    "{ fullName mobile email position employer cloudSince baseLocation document { name mediaType size sha256 }"
    " certificates { id kind title number issuedOn document { name } } trainings { name hours }"
    " projects { name duty endedOn } }"
)
OF_PARTNER = "{ specialistBindings { nodes { profile " + SHOWN + " } } }"
TABLES = (SpecialistProfile, SpecialistCertificate, SpecialistTraining, SpecialistProject)


async def everything(who: Client) -> str:
    """A person tells of all there is; the certificate's id."""
    assert codes(await save_employment(who)) == []
    made = await save_certificate(who)
    assert codes(made) == []
    assert codes(await save_training(who)) == []
    assert codes(await save_project(who)) == []
    return str(made["certificate"]["id"])


async def of_partner(client: Client) -> list[Any]:
    """The profiles that a partner is shown with its bindings."""
    found = await client.send(OF_PARTNER)
    return [node["profile"] for node in found.data["specialistBindings"]["nodes"]]


async def seen_by(api: Api, who: Person) -> dict[str, int]:
    """How many rows of each table row-level security alone lets through."""
    actor, _ = await authenticate(who.access_token, api.clock())
    assert actor is not None
    async with db.read(actor.scope):
        return {model.__name__: await model.all().count() for model in TABLES}


ALL, NOTHING = (dict.fromkeys([model.__name__ for model in TABLES], number) for number in (1, 0))


async def test_the_partner_reads_it_from_the_binding_on_and_not_a_moment_longer(api: Api) -> None:
    own, other = await employer(api), await employer(api)
    who, binding_id = await bound(api, own)
    await everything(who.api)
    [profile] = await of_partner(own.main.api)
    assert profile == {
        "fullName": "王小明", "mobile": who.mobile, "email": who.email, "position": "SOLUTION_ARCHITECT",
        "employer": "西湖云计算有限公司", "cloudSince": "2024-05-06", "baseLocation": "杭州",
        "document": {
            "name": "contract.pdf", "mediaType": "application/pdf", "size": len(PDF), "sha256": sha256(PDF).hexdigest()
        },
        "certificates": [
            {"id": profile["certificates"][0]["id"], "kind": "HCIE", "title": "HCIE: ICT expert",
             "number": "HW-2025-001234", "issuedOn": "2025-01-31", "document": None}
        ],
        "trainings": [{"name": "Migration", "hours": 16}],
        "projects": [{"name": "Move of a bank", "duty": "Architect", "endedOn": None}],
    }  # fmt: skip
    assert await of_partner(other.main.api) == []
    assert (await seen_by(api, own.main), await seen_by(api, other.main)) == (ALL, NOTHING)

    assert codes(await unbind(own.main.api, binding_id)) == []

    assert await of_partner(own.main.api) == [None]
    assert await seen_by(api, own.main) == NOTHING
    assert await seen_by(api, who) == ALL


async def test_a_proof_is_opened_by_whose_work_it_is_and_called_nothing_by_others(api: Api) -> None:
    own = await employer(api)
    who, binding_id = await bound(api, own)
    named = await uploaded(who.api, name="王小明 劳动合同.pdf")
    assert codes(await save_employment(who.api, documentId=named)) == []
    shown = "profile { fullName document { name url } }"
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on SpecialistBinding {{ {shown} }} }} }}"
    reviewer, clerk = await staff(api, Role.VENDOR_REVIEWER), await staff(api, Role.VENDOR_OPS)

    async def read(client: Client) -> dict[str, Any]:
        found: dict[str, Any] = (await client.send(document, id=binding_id)).data["node"]["profile"]
        return found

    for client in (who.api, own.main.api, reviewer.api):
        file = (await read(client))["document"]
        assert file["name"] == "王小明 劳动合同.pdf"
        assert (await api.http.get(file["url"])).status_code == 409  # the scanner has not looked at it yet
    assert await read(clerk.api) == {"fullName": "王**", "document": {"name": "***.pdf", "url": None}}


async def test_nothing_of_an_ended_binding_is_found_by_id(api: Api) -> None:
    own = await employer(api)
    who, binding_id = await bound(api, own)
    certificate = await everything(who.api)
    document = "query($id: ID!) { node(id: $id) { id } }"
    assert (await own.main.api.send(document, id=certificate)).data["node"] is not None
    clerk = await member(api, own, Role.OPERATIONS)
    assert (await clerk.api.send(document, id=certificate)).data["node"] is None
    assert codes(await unbind(own.main.api, binding_id)) == []
    assert (await own.main.api.send(document, id=certificate)).data["node"] is None
    assert (await who.api.send(document, id=certificate)).data["node"] is not None


async def test_the_next_partner_reads_what_the_last_one_read(api: Api) -> None:
    first, second = await employer(api), await employer(api)
    who, binding_id = await bound(api, first)
    await everything(who.api)
    assert codes(await unbind(first.main.api, binding_id)) == []
    await bound(api, second, who)
    [profile] = await of_partner(second.main.api)
    assert profile["employer"] == "西湖云计算有限公司"
    assert await of_partner(first.main.api) == [None]
    assert await api.value("select count(*) from specialist_profile") == 1


async def test_names_and_contacts_are_masked_for_the_vendor(api: Api) -> None:
    own = await employer(api)
    who, _ = await bound(api, own)
    await everything(who.api)
    reviewer = await staff(api, Role.VENDOR_REVIEWER)
    [profile] = await of_partner(reviewer.api)
    assert (profile["fullName"], profile["certificates"][0]["number"]) == ("王**", "****1234")
    assert str(who.mobile) not in str(profile)
    mine = await who.api.send("{ mySpecialistProfile " + SHOWN + " }")
    assert mine.data["mySpecialistProfile"]["fullName"] == "王小明"
    assert mine.data["mySpecialistProfile"]["mobile"] == who.mobile


async def test_only_the_person_itself_writes(api: Api) -> None:
    own = await employer(api)
    who, _ = await bound(api, own)
    certificate, other = await everything(who.api), await employee(api)
    strangers = [(one, await uploaded(one.api)) for one in (other, own.main)]

    async def refused() -> None:
        for stranger, file in strangers:
            assert codes(await save_employment(stranger.api, documentId=file)) == ["NOT_FOUND"]
            assert codes(await save_certificate(stranger.api, id=certificate)) == ["NOT_FOUND"]
            given = {"id": certificate, "idempotencyKey": key()}
            removed = await stranger.api.do("removeSpecialistCertificate", "profile { id }", **given)
            assert codes(removed) == ["NOT_FOUND"]

    assert await api.changes(refused) == set()
    actor, _ = await authenticate(own.main.access_token, api.clock())
    assert actor is not None
    async with db.transaction(actor.scope):
        for model in TABLES:
            assert await model.all().count() == 1
            assert await model.all().update(version=9) == 0
            assert await model.all().delete() == 0


async def test_entries_are_changed_and_taken_away(api: Api) -> None:
    own = await employer(api)
    who, _ = await bound(api, own)
    certificate = await everything(who.api)
    changed = await save_certificate(who.api, id=certificate, kind="PMP", number="7-1")
    assert (codes(changed), changed["certificate"]["kind"]) == ([], "PMP")
    await api.deliver()
    told = await api.rows(
        "select changes from event where type = 'specialist_profile.changed' and partner_id = $1", own.partner_id
    )
    assert len(told) == 5
    for name, selection in (("Training", "trainings"), ("Project", "projects"), ("Certificate", "certificates")):
        shown = await who.api.send("{ mySpecialistProfile { " + selection + " { id } } }")
        [entry] = shown.data["mySpecialistProfile"][selection]
        given = {"id": entry["id"], "idempotencyKey": key()}
        done = await who.api.do(f"removeSpecialist{name}", "profile { " + selection + " { id } }", **given)
        assert (codes(done), done["profile"]) == ([], {selection: []})
        assert codes(
            await who.api.do(f"removeSpecialist{name}", "profile { id }", **given | {"idempotencyKey": key()})
        ) == ["NOT_FOUND"]


async def test_a_certificate_is_told_once(api: Api) -> None:
    own = await employer(api)
    who, _ = await bound(api, own)
    assert codes(await save_certificate(who.api)) == []

    async def again() -> None:
        assert codes(await save_certificate(who.api)) == ["REPEATED"]

    assert await api.changes(again) == set()


async def test_what_cannot_be_is_refused_with_all_reasons(api: Api) -> None:
    own = await employer(api)
    who, _ = await bound(api, own)
    slot = (await open_slot(who.api))["upload"]["id"]
    good = await uploaded(who.api)

    async def refused() -> None:
        told = await save_employment(who.api, employer=" ", cloudSince="2026-03-03", documentId=slot)
        assert [(one["code"], one["path"][-1]) for one in told["userErrors"]] == [
            ("UPLOAD_NOT_RECEIVED", "documentId"), ("REQUIRED", "employer"), ("OUT_OF_RANGE", "cloudSince"),
        ]  # fmt: skip
        told = await save_certificate(who.api, kind="XYZ", issuedOn="2026-03-03", expiresOn="2026-03-03")
        assert codes(told) == ["CERTIFICATE_UNKNOWN", "OUT_OF_RANGE", "OUT_OF_RANGE"]
        assert codes(await save_training(who.api, name=" ", hours=0)) == ["REQUIRED", "OUT_OF_RANGE"]
        told = await save_project(who.api, duty=" ", beganOn="2025-02-01", endedOn="2025-01-31")
        assert codes(told) == ["REQUIRED", "OUT_OF_RANGE"]
        assert codes(await save_employment(who.api, expectedVersion=9, documentId=good)) == ["CONFLICT"]

    assert await api.changes(refused) == set()


async def test_a_hundred_entries_and_no_more(api: Api) -> None:
    own = await employer(api)
    who, _ = await bound(api, own)
    made = await save_training(who.api)
    await api.database.superuser.execute(
        "insert into specialist_training (id, version, created_at, updated_at, profile_id, account_id, name, provider,"
        " completed_on, hours) select gen_random_uuid(), 1, created_at, updated_at, profile_id, account_id, name,"
        " provider, completed_on, hours from specialist_training, generate_series(1, 98)"
    )
    assert codes(await save_training(who.api)) == []

    async def one_more() -> None:
        assert codes(await save_training(who.api)) == ["TOO_MANY"]

    assert await api.changes(one_more) == set()
    assert codes(await save_training(who.api, id=made["training"]["id"], hours=8)) == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_catalogue_is_everybodys(api: Api, language: str) -> None:
    api.anonymous.language = language
    found = (await api.anonymous.send("{ certificateCatalogue { code title issuer level } }")).data
    titles = {one["code"]: one["title"] for one in found["certificateCatalogue"]}
    assert titles["HCIE"] == {"en": "HCIE: ICT expert", "zh-CN": "HCIE：ICT 专家"}[language]
    assert {one["code"] for one in found["certificateCatalogue"] if one["issuer"] == "OTHER"} == {"PMP"}


async def test_abroad_too(api: Api) -> None:
    client, who = await international_employer(api), await employee(api, site=Site.INTL, real_name=None)
    made = await invite(client, who.email)
    accepted = await accept(who.api, id=made["invitation"]["id"])
    await everything(who.api)
    [profile] = await of_partner(client)
    assert (profile["mobile"], profile["email"]) == (None, who.email)
    assert decode_id(accepted["binding"]["id"])
