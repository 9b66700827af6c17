"""To-dos for tests: what waits for somebody, and the scenes of business information and of experts' lists."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from rules.access import Role
from rules.todos import TodoKind
from tests import business_info, experts, funds
from tests.client import Api, Client
from tests.factories import key
from tests.opportunities import done
from tests.world import world

Step = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Waiting:
    """Who has a to-do, what it is about (None: not asked), and the step that ends it."""

    client: Client
    subject: str | None
    step: Step


Scene = Callable[[Api], Awaitable[Waiting]]


async def groups(client: Client, *kinds: TodoKind) -> dict[str, dict[str, Any]]:
    """What waits for somebody, by kind."""
    document = (
        "query($kinds: [TodoKind!]) { todos(kinds: $kinds) {"
        " kind mutation overdue more items { since dueAt overdue subject { id } } } }"
    )
    answered = await client.send(document, kinds=[kind.value for kind in kinds] or None)
    return {group["kind"]: group for group in answered.data["todos"]}


async def micro_deposit_payment(api: Api) -> Waiting:
    """A micro-deposit that the vendor's finance have to make themselves."""
    business_info.entered(api)
    record = await business_info.submitted(api, await world(api))
    finance = await business_info.staff(api, Role.VENDOR_FINANCE)
    given = {"id": record["microDeposit"]["id"], "sent": True, "idempotencyKey": key()}
    return Waiting(finance, record["id"], lambda: finance.do("recordMicroDeposit", "microDeposit { state }", **given))


async def locked_form(api: Api) -> Waiting:
    """Business information that too many wrong amounts have locked."""
    record = await business_info.locked(api, await world(api))
    operations = await business_info.staff(api, Role.VENDOR_OPS)
    given = {"id": record, "reason": "A slip of the pen.", "idempotencyKey": key()}
    return Waiting(operations, record, lambda: operations.do("unlockBusinessInfo", "businessInfo { state }", **given))


async def expert_list(api: Api) -> Waiting:
    """A month's list of experts that its partner has to check."""
    on = await experts.stage(api)
    made = await experts.generated(api, on, "SENIOR")
    return Waiting(on.api, made["id"], lambda: experts.confirm(on.api, made))


async def expert_materials(api: Api) -> Waiting:
    """A checked list whose materials are to be handed in."""
    on = await experts.stage(api)
    made = await experts.generated(api, on, "SENIOR")
    await experts.certify(on)
    await experts.confirm(on.api, made)
    return Waiting(on.api, made["id"], lambda: experts.hand_in(on.api, made))


async def expert_dispute(api: Api) -> Waiting:
    """A list to which its partner objects."""
    on = await experts.stage(api)
    made = await experts.generated(api, on, "SENIOR")
    await experts.dispute(on.api, made)
    return Waiting(on.operations, made["id"], lambda: experts.answer(on.operations, made))


async def mdf_claim(api: Api) -> Waiting:
    """An activity that is over, whose claim is written and not submitted yet."""
    who = await funds.funded(api)
    case = await funds.over(api, who)
    await done(await funds.save_claim(api, who, case))
    return Waiting(who.api, case["id"], lambda: funds.step(who.api, "submitMdfClaim", case))


async def mdf_invoice(api: Api) -> Waiting:
    """A claim that the vendor has approved."""
    who = await funds.funded(api)
    case = await funds.claimed(api, who)
    await done(await funds.decide(who, case, "MDF_CLAIM"))
    return Waiting(who.api, case["id"], lambda: funds.step(who.api, "sendMdfInvoice", case, number="033001"))


SCENES: dict[TodoKind, Scene] = {
    TodoKind.EXPERT_CONFIRMATION: expert_list,
    TodoKind.EXPERT_MATERIALS: expert_materials,
    TodoKind.EXPERT_DISPUTE: expert_dispute,
    TodoKind.MDF_CLAIM: mdf_claim,
    TodoKind.MDF_INVOICE: mdf_invoice,
    TodoKind.MICRO_DEPOSIT_PAYMENT: micro_deposit_payment,
    TodoKind.BUSINESS_INFO_UNLOCKING: locked_form,
}
