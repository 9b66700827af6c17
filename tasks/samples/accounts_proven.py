"""Business information in every state, with the micro-deposits behind it and the bank's letters."""

from typing import Any

from resolvers import business_info
from rules.business_info import PRIVACY_STATEMENT
from rules.sites import Site
from tasks.samples.files import hand_in
from tasks.samples.forms import check_forms, deposit_of, prove_account, record_of, save_form, submit_form
from tasks.samples.partners import staff
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story

_KNOWN_AS: dict[str, Any] = {"account_number": "95588000", "signing_entity": "CLOUD_CN", "currency": "CNY"}
"""What purchasing has of a supplier: another account than the one in its form."""


async def _differs(stage: Stage, name: str, reference: str, supplier: str) -> None:
    """A form whose account is not the one that purchasing knows; an hour later the check asks for the bank's letter."""
    given = {**_KNOWN_AS, "reference": reference, "name": supplier}
    await stage.do(staff(stage, "ops", Site.CN), business_info.save_supplier, **given)
    await prove_account(stage, name)
    stage.clock.advance(hours=1)
    await check_forms(stage)


async def is_certified(stage: Stage) -> Story:
    """Its account is proven before anything is paid into it."""
    yield stage.on(118, "06:30")
    await prove_account(stage, "yunshan")
    yield stage.later(hours=1)
    await check_forms(stage)


async def must_send_a_letter(stage: Stage) -> Story:
    """The bank has to say whose account it is."""
    yield stage.on(412, "05:20")
    await _differs(stage, "jinqiao", "S-20417", "北京金桥信息集团有限公司")


async def has_sent_its_letter(stage: Stage) -> Story:
    """Operations have to look at the bank's letter."""
    yield stage.on(413, "03:10")
    await _differs(stage, "huahai", "S-20388", "深圳华海数码分销有限公司")
    yield stage.later(days=1)
    main = stage.people["huahai"]
    letter = await hand_in(stage, main, "bank-letter", "Letter of the bank")
    await stage.do(main, business_info.submit_bank_letter, upload_id=letter)


async def is_locked(stage: Stage) -> Story:
    """Somebody guessed three times."""
    yield stage.on(407, "08:05")
    await submit_form(stage, "beidou")
    yield stage.later(hours=3)
    for _ in range(3):
        await stage.attempt(stage.people["beidou"], business_info.confirm_micro_deposit, amount="99.99")


async def was_returned(stage: Stage) -> Story:
    """The bank did not take the micro-deposit, so the form is to be corrected."""
    yield stage.on(395, "02:45")
    await save_form(stage, "xinyuan")
    main = stage.people["xinyuan"]
    await stage.do_alone(business_info.submit_business_info, main, privacy_statement=PRIVACY_STATEMENT)
    yield stage.later(days=1)
    outcome = {
        "deposit_id": (await deposit_of(stage, "xinyuan")).id,
        "sent": False,
        "reason": "账号与户名不符，银行已退回。",
    }
    await stage.do(staff(stage, "finance", Site.CN), business_info.record_micro_deposit, **outcome)


async def waits_for_its_amount(stage: Stage) -> Story:
    """The sum is on its way to the account."""
    yield stage.on(418, "03:25")
    await submit_form(stage, "qingteng")


async def waits_for_another_deposit(stage: Stage) -> Story:
    """The sum never arrived; the vendor's finance has to send another one."""
    yield stage.on(397, "06:15")
    await submit_form(stage, "shanhe")
    yield stage.later(days=18)
    await stage.do_alone(business_info.report_missing_micro_deposit, stage.people["shanhe"])


async def is_being_checked(stage: Stage) -> Story:
    """The automatic check comes within the hour."""
    yield stage.on(419, "23:30")
    await prove_account(stage, "lionrock")


async def must_be_proven_again(stage: Stage) -> Story:
    """Certified long ago; then another of the vendor's companies took the contract over."""
    yield stage.on(300, "04:40")
    await prove_account(stage, "bluedelta")
    yield stage.later(hours=1)
    await check_forms(stage)
    yield stage.on(409, "07:10")
    record = await record_of(stage, "bluedelta")
    entity = {"record_id": record.id, "signing_entity": "SERVICES_HK", "currency": "USD"}
    await stage.do(staff(stage, "ops", Site.INTL), business_info.change_signing_entity, **entity)


STORIES = (
    is_certified,
    must_send_a_letter,
    has_sent_its_letter,
    is_locked,
    was_returned,
    waits_for_its_amount,
    waits_for_another_deposit,
    is_being_checked,
    must_be_proven_again,
)
