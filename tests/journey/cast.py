"""How the people of the second journey come to be there: staff, companies in their plans, customers of partners."""

from typing import Any

from tests.journey.town import Busy, Town

VENDOR = {
    "admin": ("VENDOR_ADMIN", "VENDOR_REVIEWER"),
    "eco": ("ECO_MANAGER",),
    "ops": ("VENDOR_OPS",),
    "finance": ("VENDOR_FINANCE",),
    "psm.an": ("PSM",),
    "psm.bai": ("PSM",),
}
OPPORTUNITY = {
    "name": "Port analytics",
    "customerCompany": "钱塘港务有限公司",
    "customerAccount": "qiantang-port",
    "customerRegion": "330100",
    "industry": "TRANSPORT",
    "budget": "Two million for this year, approved by the board.",
    "authority": "The chief information officer decides alone.",
    "need": "One place for the data of all terminals.",
    "timeline": "Tender in October, signed before the winter.",
    "solutionDescription": "Our own lake house with connectors for ports.",
    "expectedRevenue": "300000.00",
    "expectedSignOn": "2023-10-15",
    "expectedDeliveryOn": "2023-12-20",
    "preSales": ["CUSTOMER_MEETING"],
    "cloudServices": ["BIG_DATA"],
    "supportNeeds": ["TECHNICAL_CONSULTING"],
    "contactName": "李伟",
    "contactTitle": "CIO",
    "contactMobile": "+8613700010001",
    "contactEmail": "li.wei@qiantang.example",
    "partnerContactName": "王芳",
    "partnerContactMobile": "+8613700010002",
    "partnerContactEmail": "wang.fang@partner.example",
    "consentConfirmed": True,
    "consentStatement": "Signed letter of 10 August.",
}
"""All that a submission asks for."""
SELLING = {"SOLUTION_PROVIDER", "DISTRIBUTOR", "RESELLER"}
"""Plans that ask for a declaration of relations with the vendor's people."""
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


async def vendor(town: Town) -> dict[str, Busy]:
    """The vendor's people, let in by an operator, each with a password chosen with a code."""
    people = {name: Busy(town, email=f"{name}@vendor.example") for name in VENDOR}
    roles = {name: [word for role in VENDOR[name] for word in ("--role", role)] for name in VENDOR}
    town.operator(
        *[
            ("staff", "add", "--site", "CN", "--email", str(people[name].email), "--name", name, *roles[name])
            for name in VENDOR
        ]
    )
    for person in people.values():
        await person.chooses_password()
    return people


def credit_code(number: int) -> str:
    """A unified social credit code with its right check character."""
    body = f"91310000{number:09}"
    return body + LETTERS[-sum(LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body)) % 31]


async def partner(reviewer: Busy, company: str, number: int) -> Busy:
    """A company's main account, signed up, shown who it is, admitted by the worker."""
    main = Busy(reviewer.town, f"+8613810020{number:03}")
    await main.signs_up("ENTERPRISE", company)
    case = await main.shows_company(company, credit_code(number))
    await reviewer.does_once("decideRealName", "case { state }", id=case, approve=True)
    await main.does_once("applyForAdmission", "partner { id }", companyName=company, creditCode=credit_code(number))
    await main.reads_about("admission_approved")
    return main


async def joins(main: Busy, plan: str, vendor: Busy | None = None, **given: Any) -> None:
    """A plan; with the vendor's decision where it takes one."""
    if plan in SELLING:
        await main.does_once("declareRelations", "declaration { id }", relations=[])
    joined = await main.does_once("joinPlan", "membership { id }", plan=plan, agreementVersion="1.0", **given)
    if vendor is not None:
        decided = {"id": joined["membership"]["id"], "approve": True}
        await vendor.does_once("decidePlanApplication", "membership { state }", **decided)


async def partner_id(main: Busy) -> str:
    """The public id of somebody's partner."""
    return str((await main.sees("partner { id }"))["id"])


async def customer(by: Busy, name: str, number: int, kind: str = "RESALE") -> Busy:
    """A company that signs up as a partner's customer, by the link in its mail."""
    person = Busy(by.town, f"+8613910030{number:03}", f"cloud{number}@customer.example")
    await is_reported(by, person, name, kind)
    await person.signs_up("ENTERPRISE", name)
    await accepts(person)
    return person


async def is_reported(by: Busy, person: Busy, name: str, kind: str = "RESALE") -> None:
    """The partner reports a customer, who gets a link by mail."""
    contact = {"customerName": name, "mobile": person.mobile, "email": person.email}
    await by.does_once("reportCustomer", "report { status }", **contact, sendInvite=True, associationType=kind)


async def is_reported_again(by: Busy, eco: Busy, person: Busy, name: str) -> None:
    """A customer with an account of its own is reported through a manual review."""
    form = {
        "customerName": name,
        "mobile": person.mobile,
        "email": person.email,
        "associationType": "RESALE",
        "expectedSpend": "60000.00",
        "expectedMonths": 12,
        "projectDetail": "The customer renews with us.",
        "customerAccount": "bailian-cloud",
        "communicationLog": "They asked us to take it over.",
    }
    applied = await by.does_once("applyForReportReview", "report { id }", **form, sendInvite=True)
    await eco.does_once("decideReportReview", "report { status }", id=applied["report"]["id"], approve=True)


async def accepts(person: Busy) -> None:
    """Opens the link from the mail and accepts."""
    body = await person.reads_about("customer_invitation", person.email)
    token = next(word for word in body.split() if "/invitation#" in word).partition("#")[2]
    await person.does("acceptInvitation", "association { status }", token=token, noticeAccepted=True)


async def customer_id(by: Busy, name: str) -> str:
    """The public id of one of the partner's customers, as long as it is one."""
    found = await by.sees(f'customers(filter: {{ nameStartsWith: "{name[:2]}" }}) {{ nodes {{ id }} }}')
    return str(found["nodes"][0]["id"])
