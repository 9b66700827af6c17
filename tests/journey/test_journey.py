"""The first journey, as its people live it: real processes, real input, codes read from the phone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rules.calendar import add_months
from tests.journey.town import Person, Town

COMPANY, CREDIT_CODE = "上海云杉软件有限公司", "91310000MA1FL0Q214"
REQUEST = "request { id status submittedAt deadline }"
RECORDS = "associationRecords { nodes { action result } }"
FEED = "events(first: 100) { nodes { sequence type } }"


async def test_from_sign_up_to_the_second_parting(town: Town) -> None:
    reviewer = Person(town, email="reviewer@vendor.example")
    main = Person(town, "+8613810010001")
    administrator = Person(town, "+8613810010002", "zhou.min@yunshan.example")
    clerk = Person(town, "+8613810010003", "sun.li@yunshan.example")
    customer = Person(town, "+8613910020001", "cloud@bailian.example")

    # The operator lets one of the vendor's people in, who chooses a password with a code.
    staff = ("--site", "CN", "--role", "VENDOR_REVIEWER", "--email", "reviewer@vendor.example", "--name", "冯博")
    town.cosell("staff", "add", *staff)
    await reviewer.chooses_password()

    # A company signs up, shows who it is, and is admitted: the worker settles it without staff.
    await main.signs_up("ENTERPRISE", COMPANY)
    await main.shows_company(COMPANY, CREDIT_CODE)
    waits = await reviewer.sees("realNameCases(state: IN_REVIEW) { nodes { id files { kind file { url } } } }")
    case, (licence,) = waits["nodes"][0]["id"], waits["nodes"][0]["files"]
    assert licence["kind"] == "LICENCE"
    await opens(town, licence["file"]["url"])
    await reviewer.does_once("decideRealName", "case { state }", id=case, approve=True)
    licence = {"companyName": COMPANY, "creditCode": CREDIT_CODE}
    applied = await main.does_once("applyForAdmission", "partner { admissionState }", **licence)
    assert applied["partner"]["admissionState"] == "SUBMITTED"
    await main.reads_about("admission_approved")
    assert await main.sees("partner { admissionState }") == {"admissionState": "JOINED"}

    # It joins the co-sell plan and finds it in the panel of joined plans.
    assert await main.sees("joinedPlans { plan }") == []
    joined = await main.does_once("joinPlan", "membership { state }", plan="CO_SELL", agreementVersion="1.0")
    assert joined["membership"]["state"] == "JOINED"
    assert [effect["kind"] for effect in joined["effects"]] == ["plan.joined"]
    assert await main.sees("joinedPlans { plan }") == [{"plan": "CO_SELL"}]
    await finds_message(main, "plan_joined")

    # Members are added, told so, and choose a password with a code.
    await adds(main, administrator, "zhou.min", "SYSTEM_ADMIN")
    await adds(main, clerk, "sun.li", "OPERATIONS")

    # One of them reports a customer; the link comes by mail, the customer signs up and accepts.
    await invites(clerk, customer)
    await customer.signs_up("ENTERPRISE", "百联生鲜连锁有限公司")
    await accepts(customer)
    await administrator.reads_about("customer_associated", administrator.email)
    listed = (await clerk.sees("customers { nodes { id association { type } } }"))["nodes"]
    assert [entry["association"]["type"] for entry in listed] == ["RESALE"]
    unbind = {"customerId": listed[0]["id"], "reason": "The contract has ended.", "acknowledged": True}

    # To part from a customer takes an administrator, and a code once the switch is on.
    document = "mutation($input: RequestUnbindInput!) { requestUnbind(input: $input) { userErrors { code } } }"
    refused = await clerk.api.send(document, input={**unbind, "idempotencyKey": "not-for-clerks"})
    assert (refused.error["code"], refused.error["reason"]) == ("FORBIDDEN", "ADMIN_ONLY")
    await main.does_once("setStepUpSwitch", "switch { enabled }", enabled=True)
    await main.reads_about("step_up_on")
    town.pass_time(seconds=61)
    asked = await administrator.confirms("requestUnbind", REQUEST, **unbind)
    assert asked["request"]["status"] == "PENDING_CUSTOMER"
    assert COMPANY in await customer.reads_about("unbind_requested_to_customer")

    # The customer agrees with its code, and both are told.
    done = await customer.confirms("answerPartnerRequest", REQUEST, id=asked["request"]["id"], approve=True)
    assert done["request"]["status"] == "DONE"
    assert [effect["kind"] for effect in done["effects"]] == ["association_request.done", "association.ended"]
    await main.reads_about("unbind_done")
    await administrator.reads_about("unbind_done", administrator.email)
    await customer.reads_about("unbind_done")
    assert (await clerk.sees("customers { nodes { id } }"))["nodes"] == []

    # They come together again; for three months the partner may not ask a second time.
    await invites(clerk, customer)
    await accepts(customer)
    await administrator.reads_about("customer_associated", administrator.email)
    reasons = await administrator.is_refused("requestUnbind", **unbind)
    assert [reason["code"] for reason in reasons] == ["PARTNER_REQUEST_LIMIT"]
    first = datetime.fromisoformat(asked["request"]["submittedAt"])
    assert datetime.fromisoformat(reasons[0]["availableAt"]) == add_months(first, 3, ZoneInfo("Asia/Shanghai"))

    # The customer asks to leave, always with a code; an administrator agrees with another.
    town.pass_time(seconds=61)
    leaving = await customer.confirms("requestLeave", REQUEST, acknowledged=True)
    assert leaving["request"]["status"] == "PENDING_PARTNER"
    await main.reads_about("unbind_requested_to_partner")
    await administrator.reads_about("unbind_requested_to_partner", administrator.email)
    left = await administrator.confirms("answerLeaveRequest", REQUEST, id=leaving["request"]["id"], approve=True)
    assert left["request"]["status"] == "DONE"
    await main.reads_about("unbind_done")
    await customer.reads_about("unbind_done")
    assert await customer.sees("myPartner { id }") is None

    # What remains on record: every step, in order, and the event feed without a gap.
    lines = [(line["action"], line["result"]) for line in reversed((await main.sees(RECORDS))["nodes"])]
    assert lines == [("ASSOCIATE", "DONE"), ("UNBIND", "REQUESTED"), ("UNBIND", "DONE")] * 2
    feed = await town.until(lambda: whole_feed(main))
    assert [event["sequence"] for event in feed] == list(range(1, len(feed) + 1))
    assert [event["type"] for event in feed if not event["type"].startswith(("account.", "session."))] == [
        "partner.applied",
        "partner.admitted",
        "plan.joined",
        "member.added",
        "member.added",
        *("customer_report.reported", "customer_invitation.sent", "customer.associated"),
        "partner.step_up_switched",
        *("association.unbind_requested", "association.unbound"),
        *("customer_report.reported", "customer_invitation.sent", "customer.associated"),
        *("association.leave_requested", "association.unbound"),
    ]


async def finds_message(person: Person, template: str) -> None:
    """Waits until there is a message of this kind inside the product."""

    async def looks() -> bool:
        nodes = (await person.sees("messages { nodes { template } }"))["nodes"]
        return template in {node["template"] for node in nodes}

    await person.town.until(looks)


async def adds(main: Person, member: Person, username: str, role: str) -> None:
    """A member is added, reads about it in a mail, and chooses a password with a code."""
    contacts = {"mobile": member.mobile, "email": member.email}
    await main.does_once("addMember", "member { id }", username=username, fullName=username, roles=[role], **contacts)
    await member.reads_about("member_added", member.email)
    await member.chooses_password()
    await member.reads_about("sessions_revoked", member.email)


async def invites(clerk: Person, customer: Person) -> None:
    reported = await clerk.does_once(
        "reportCustomer",
        "report { status validUntil }",
        customerName="百联生鲜连锁有限公司",
        mobile=customer.mobile,
        email=customer.email,
        sendInvite=True,
        associationType="RESALE",
    )
    assert reported["report"]["status"] == "REPORTED"


async def accepts(customer: Person) -> None:
    """Opens the link from the mail, reads what it offers, and accepts."""
    body = await customer.reads_about("customer_invitation", customer.email)
    link = next(word for word in body.split() if "/invitation#" in word)
    token = link.partition("#")[2]
    offer = await customer.sees(f'invitation(token: "{token}") {{ partnerName noticeRequired }}')
    assert offer == {"partnerName": COMPANY, "noticeRequired": True}
    accepted = await customer.does("acceptInvitation", "association { status }", token=token, noticeAccepted=True)
    assert accepted["association"]["status"] == "ACTIVE"


async def opens(town: Town, url: str) -> None:
    """Waits until a file can be read: the scanner looks at it first."""

    async def reads() -> bool:
        return (await town.http.get(url)).status_code == 200

    await town.until(reads)


async def whole_feed(main: Person) -> list[dict[str, Any]] | None:
    """The feed once its last event has been numbered."""
    feed: list[dict[str, Any]] = (await main.sees(FEED))["nodes"]
    return feed if [event["type"] for event in feed].count("association.unbound") == 2 else None
