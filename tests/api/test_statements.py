"""Reading what one agrees to before agreeing, and afterwards what one agreed to."""

from dataclasses import replace
from typing import Any

import pytest

from rules.statements import StatementCode, present
from tests.client import Api, codes
from tests.factories import admitted_partner, co_sell_partner
from tests.specialists import accept, employee, employer, invite, token_sent_to

STATEMENT = "{ code version since title text }"


def shown(code: StatementCode, language: str = "en") -> dict[str, Any]:
    """A statement as it is answered."""
    one = present(code)
    return {
        "code": code.value,
        "version": one.version,
        "since": one.since.isoformat(),
        "title": one.titles[language],
        "text": one.texts[language],
    }


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_anybody_reads_them_in_either_language(api: Api, language: str) -> None:
    client = replace(api.anonymous, language=language)
    for code in StatementCode:
        never = f'never: statement(code: {code}, version: "0.0") {STATEMENT}'
        asked = f"{{ present: statement(code: {code}) {STATEMENT} {never} }}"
        assert (await client.send(asked)).data == {"present": shown(code, language), "never": None}


async def test_the_invited_person_reads_what_its_account_will_share(api: Api) -> None:
    own, who = await employer(api), await employee(api)
    await invite(own.main.api, who.email)
    token = await token_sent_to(api, who.email)
    asked = f"query($token: String!) {{ specialistInvitation(token: $token) {{ statement {STATEMENT} }} }}"
    found = (await who.api.send(asked, token=token)).data["specialistInvitation"]["statement"]
    assert found == shown(StatementCode.SHARING)

    assert codes(await accept(who.api, token=token, statementVersion=found["version"])) == []

    kept = (await who.api.send(f"{{ mySpecialistBindings {{ nodes {{ statement {STATEMENT} }} }} }}")).data
    assert kept["mySpecialistBindings"]["nodes"] == [{"statement": found}]
    await api.database.superuser.execute("update specialist_binding set statement_version = '0.0'")
    lost = (await who.api.send(f"{{ mySpecialistBindings {{ nodes {{ statement {STATEMENT} }} }} }}")).data
    assert lost["mySpecialistBindings"]["nodes"] == [{"statement": None}]


async def test_a_partner_reads_agreements_before_and_after(api: Api) -> None:
    partner = await admitted_partner(api)
    asked = f"{{ planCatalogue {{ code agreementVersion agreement {STATEMENT} }} }}"
    offers = (await partner.main.api.send(asked)).data
    for offer in offers["planCatalogue"]:
        assert offer["agreement"] == shown(StatementCode(f"PLAN_{offer['code']}"))
        assert offer["agreement"]["version"] == offer["agreementVersion"]
    options = (await partner.main.api.send(f"{{ businessInfoOptions {{ statement {STATEMENT} }} }}")).data
    assert options["businessInfoOptions"]["statement"] == shown(StatementCode.PRIVACY)

    member = await co_sell_partner(api)
    accepted = (await member.main.api.send(f"{{ planAgreements {{ nodes {{ agreement {STATEMENT} }} }} }}")).data
    assert accepted["planAgreements"]["nodes"] == [{"agreement": shown(StatementCode.PLAN_CO_SELL)}]
