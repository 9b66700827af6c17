"""Partners with capability labels for tests, brought there through the API."""

from typing import Any

from core.ids import decode_id
from rules.access import Role
from rules.accounts import AccountKind
from rules.sites import Site
from tests import factories
from tests.client import Api, Client, codes
from tests.opportunities import key
from tests.paths import Walker, decide, walker
from tests.uploads import paper

APPLICATION = (
    "application { id level1 labelName level2 selfCheck evidence { name } state submittedAt validFrom validUntil reason"
    " version badge { number holder label parts validFrom validTo document } actions { action allowed } }"
)
ASSESSMENT = (
    "assessment { id state partnerName maskedName labelName dueAt favourable statement endedAt version"
    " application { id selfCheck evidence { name url } partner { id } actions { action allowed } }"
    " actions { action allowed blockers { code } } }"
)
LABEL = "Migration to the cloud"
STATEMENT = "Each of the three projects meets the standard."
COMPLETE: dict[str, Any] = {
    "level1": "MIGRATION",
    "level2": ["HOSTS", "DATABASES"],
    "selfCheck": "Three projects of the last year meet each point of the standard.",
}


async def create(who: Walker, **changes: Any) -> dict[str, Any]:
    """A draft with everything, unless told otherwise."""
    files = {} if "evidenceIds" in changes else {"evidenceIds": [await paper(who.api)]}
    given = {name: value for name, value in {**COMPLETE, **files, **changes}.items() if value is not None}
    return await who.api.do("createCapabilityApplication", APPLICATION, **{"idempotencyKey": key(), **given})


async def step(who: Client, name: str, application: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A mutation about one application."""
    return await who.do(name, APPLICATION, **{"id": application["id"], "idempotencyKey": key(), **more})


async def submitted(who: Walker, **changes: Any) -> dict[str, Any]:
    """An application that waits for the vendor's assessment."""
    made = await create(who, **changes)
    assert codes(made) == [], made
    sent = await step(who.api, "submitCapabilityApplication", made["application"])
    assert codes(sent) == [], sent
    application: dict[str, Any] = sent["application"]
    return application


async def passed(who: Walker, **changes: Any) -> dict[str, Any]:
    """A label that is held from now on."""
    application = await submitted(who, **changes)
    verdict = await decide(who, "CAPABILITY")
    assert codes(verdict) == [], verdict
    return application


async def labels(who: Walker) -> dict[str, dict[str, Any]]:
    """Every label as the partner sees it, by its code."""
    document = (
        "{ capabilityLabels { code name core heldUntil level2 { code name heldUntil } application { id }"
        " actions { action allowed blockers { code } } } }"
    )
    return {one["code"]: one for one in (await who.api.send(document)).data["capabilityLabels"]}


async def listed(who: Client, **wanted: Any) -> list[dict[str, Any]]:
    """The applications that somebody sees, as the list shows them."""
    document = (
        "query($state: CapabilityState, $level1: String) { capabilityApplications(state: $state, level1: $level1) {"
        f" nodes {{ {APPLICATION.removeprefix('application { ').removesuffix(' }')} }} }} }}"
    )
    found: list[dict[str, Any]] = (await who.send(document, **wanted)).data["capabilityApplications"]["nodes"]
    return found


async def state_of(api: Api, application: dict[str, Any]) -> str:
    """Where an application stands."""
    found = await api.value("select state from capability_application where id = $1", decode_id(application["id"])[1])
    return str(found)


async def assessor(api: Api, site: Site = Site.CN) -> factories.Person:
    """A person's own account that has nothing to do with any partner."""
    return await factories.person(api, site=site, kind=AccountKind.PERSONAL, name="周评估")


async def reviewer(api: Api, site: Site = Site.CN) -> factories.Person:
    """One of the vendor's who decides about labels."""
    return await factories.staff(api, Role.VENDOR_REVIEWER, site=site)


async def ask(by: Client, application: dict[str, Any], identifier: str | None, **changes: Any) -> dict[str, Any]:
    """The vendor asks somebody to assess an application."""
    given = {"applicationId": application["id"], "identifier": identifier, "idempotencyKey": key()}
    return await by.do("requestAssessment", ASSESSMENT, **{**given, **changes})


async def give(who: Client, assessment: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The assessor's word, in favour unless told otherwise."""
    given = {"id": assessment["id"], "favourable": True, "statement": STATEMENT, "idempotencyKey": key()}
    return await who.do("giveAssessment", ASSESSMENT, **{**given, **changes})


async def revoke(by: Client, assessment: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The vendor takes it back."""
    return await by.do("revokeAssessment", ASSESSMENT, **{"id": assessment["id"], "idempotencyKey": key(), **changes})


async def assessments(who: Client, **wanted: Any) -> list[dict[str, Any]]:
    """The assessments that somebody sees, as the list shows them."""
    shown = ASSESSMENT.removeprefix("assessment { ").removesuffix(" }")
    document = (
        "query($state: CapabilityAssessmentState, $application: ID) {"
        f" assessments(state: $state, application: $application) {{ nodes {{ {shown} }} }} }}"
    )
    answer = await who.send(document, **wanted)
    found: list[dict[str, Any]] = answer.data["assessments"]["nodes"]
    return found


async def heard(api: Api, application: dict[str, Any]) -> None:
    """A third party is asked, then is not, then is again and says something."""
    vendor, third = await reviewer(api), await assessor(api)
    for step, by in ((revoke, vendor), (give, third)):
        asked = await ask(vendor.api, application, third.email)
        assert codes(asked) == [], asked
        done = await step(by.api, asked["assessment"])
        assert codes(done) == [], done


class Case:
    """An application that waits for the vendor, one of the vendor's reviewers, and somebody who is to assess it."""

    def __init__(
        self, who: Walker, application: dict[str, Any], vendor: factories.Person, third: factories.Person
    ) -> None:
        self.who, self.application, self.vendor, self.third = who, application, vendor, third

    async def asked(self, **changes: Any) -> dict[str, Any]:
        """The assessment that the vendor has asked for."""
        answer = await ask(self.vendor.api, self.application, self.third.email, **changes)
        assert codes(answer) == [], answer
        assessment: dict[str, Any] = answer["assessment"]
        return assessment


async def case(api: Api, site: Site = Site.CN) -> Case:
    """An application that waits for the vendor, and everybody that it takes."""
    who = await walker(api, site)
    return Case(who, await submitted(who), await reviewer(api, site), await assessor(api, site))


def may(assessment: dict[str, Any], step: str) -> list[str]:
    """What stands against a step about an assessment, as it shows it."""
    [found] = [one for one in assessment["actions"] if one["action"] == step]
    assert found["allowed"] is not bool(found["blockers"])
    return [blocker["code"] for blocker in found["blockers"]]


async def told(api: Api, who: factories.Person) -> list[str]:
    """The templates of what somebody was sent."""
    found = [row["template"] for row in await api.inbox(str(who.email))]
    return sorted(one for one in found if one.startswith("capability_assessment"))


async def stop(api: Api, person: factories.Person, status: str) -> None:
    """The account does not work any more, whatever leads to it."""
    await api.database.superuser.execute("update account set status = $2 where id = $1", person.account_id, status)
