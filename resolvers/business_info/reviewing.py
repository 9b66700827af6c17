"""What people decide: forms that the automatic check passed on, and banks' letters, which partners send."""

from dataclasses import asdict
from uuid import UUID

from models.business_info import BankLetter, BusinessInfo
from models.partners import Partner
from resolvers import uploads
from resolvers.business_info.records import REVIEWED, certify, move, reject
from resolvers.business_info.scope import access_own
from resolvers.command import command
from resolvers.context import Context
from resolvers.reviews import engine
from rules.access import Permission
from rules.business_info import BUSINESS_INFO, BusinessInfoState, check_letter
from rules.errors import ErrorCode, refuse, require
from rules.reviews import ReviewKind

REFUSES = frozenset({ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.REVIEW_CLAIMED})
EMITS = ("business_info.certified", "business_info.rejected")


async def decide_business_info(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> BusinessInfo:
    """The verdict on a form or on a bank's letter: certified, or rejected with a reason to correct the form by."""
    record = await BusinessInfo.filter(id=subject_id).select_for_update().first()
    if record is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    event = "approve" if approve else "reject"
    require(BUSINESS_INFO.check(record.state, event))
    await engine.settle(ctx, REVIEWED[record.state], record, approve, reason)
    if approve:
        await certify(ctx, record, event)
    else:
        await reject(ctx, record, event, str(reason).strip())
    return record


@command(
    permission=Permission.BUSINESS_INFO_SUBMIT,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.BANK_LETTER_NOT_ACCEPTED, *uploads.REFUSALS),
    emits=("bank_letter.sent",),
)
async def submit_bank_letter(ctx: Context, *, upload_id: UUID) -> BusinessInfo:
    """Sends the bank's letter that was asked for: an uploaded PDF, JPEG or PNG of at most 10 MiB.

    The vendor's operations look at it within three to five working days.
    """
    record = await access_own(ctx)
    partner = await Partner.get(id=record.partner_id)
    path = ("input", "uploadId")
    file, wrong = await uploads.find_document(ctx, upload_id, *path)
    wrong += [] if file is None else check_letter(file, policy=ctx.policy_of(partner), path=path)
    require(BUSINESS_INFO.check(record.state, "send_letter") + wrong)
    assert file is not None
    letter = await BankLetter.insert(
        now=ctx.now,
        partner_id=partner.id,
        form_id=record.form_id,
        document=asdict(file),
        sent_by=ctx.actor.account_id,
    )
    await move(ctx, record, "send_letter")
    await engine.submit(ctx, ReviewKind.BANK_LETTER, record, partner)
    ctx.event("bank_letter.sent", letter, partner_id=partner.id, state=BusinessInfoState.LETTER_REVIEW.value)
    ctx.effect("bank_letter.sent", record)
    return record
