"""The partner's part of a capability label: its application from the draft to the submission."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from models.capabilities import CapabilityApplication
from models.partners import Partner
from resolvers import uploads
from resolvers.capabilities.scope import access_capability, form_of
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.paths.facts import labels_of
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.capabilities import (
    CAPABILITY,
    OPEN,
    CapabilityForm,
    CapabilityState,
    check_begin,
    check_capability,
    check_form,
)
from rules.documents import Document
from rules.errors import ErrorCode, Violation, require
from rules.reviews import ReviewKind

E = ErrorCode
_FORM_REFUSALS = (E.CAPABILITY_UNKNOWN, E.REPEATED, E.TOO_MANY, *uploads.REFUSALS)


@command(
    permission=Permission.CAPABILITIES_EDIT,
    refuses=(E.CAPABILITY_ALREADY_OPEN, *_FORM_REFUSALS),
    emits=("capability.created",),
)
async def create_capability_application(
    ctx: Context,
    *,
    level1: str,
    level2: list[str] | None = None,
    self_check: str | None = None,
    evidence_ids: list[UUID] | None = None,
) -> CapabilityApplication:
    """Begins an application for a capability label as a draft. What is missing may come later; all of it is asked with
    the submission. One application for a label is open at a time.
    """
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    evidence, wrong = await _handed_in(ctx, evidence_ids)
    form = _changed(CapabilityForm(level1), level2=level2, self_check=self_check, evidence=evidence)
    require(check_begin(level1, opened=await opened_of(own)) + wrong + check_form(form, policy=ctx.policy_of(own)))
    row = await CapabilityApplication.insert(
        now=ctx.now, partner_id=own.id, level1=level1, state=CapabilityState.DRAFT, **_columns(form)
    )
    ctx.event("capability.created", row, partner_id=own.id, label=level1)
    ctx.effect("capability.created", row)
    return row


async def opened_of(own: Partner) -> dict[str, CapabilityApplication]:
    """The partner's applications that are not decided for good, by their labels."""
    return {row.level1: row for row in await CapabilityApplication.filter(partner_id=own.id, state__in=OPEN)}


@command(
    permission=Permission.CAPABILITIES_EDIT,
    refuses=(E.STATE_CONFLICT, *_FORM_REFUSALS),
    emits=("capability.changed",),
)
async def update_capability_application(
    ctx: Context,
    *,
    application_id: UUID,
    level2: list[str] | None = None,
    self_check: str | None = None,
    evidence_ids: list[UUID] | None = None,
    expected_version: int | None = None,
) -> CapabilityApplication:
    """Changes what an application says before it is submitted, or after it was rejected; what is not given stays."""
    own, row = await access_capability(ctx, application_id)
    expect_version(row, expected_version)
    evidence, wrong = await _handed_in(ctx, evidence_ids)
    form = _changed(form_of(row), level2=level2, self_check=self_check, evidence=evidence)
    require(CAPABILITY.check(row.state, "change") + wrong + check_form(form, policy=ctx.policy_of(own)))
    await row.change(now=ctx.now, **_columns(form))
    ctx.event("capability.changed", row, partner_id=own.id, label=row.level1)
    ctx.effect("capability.changed", row)
    return row


async def _handed_in(ctx: Context, upload_ids: list[UUID] | None) -> tuple[list[Document] | None, list[Violation]]:
    """The files; None where the evidence stays what it is."""
    return (None, []) if upload_ids is None else await uploads.find_documents(ctx, upload_ids, "input", "evidenceIds")


def _changed(
    form: CapabilityForm,
    *,
    level2: list[str] | None,
    self_check: str | None,
    evidence: list[Document] | None,
) -> CapabilityForm:
    return replace(
        form,
        level2=form.level2 if level2 is None else tuple(level2),
        self_check=form.self_check if self_check is None else self_check,
        evidence=form.evidence if evidence is None else tuple(evidence),
    )


def _columns(form: CapabilityForm) -> dict[str, Any]:
    return {
        "level2": list(form.level2),
        "self_check": form.self_check,
        "evidence": [asdict(file) for file in form.evidence],
    }


@command(
    permission=Permission.CAPABILITIES_EDIT,
    refuses=(E.STATE_CONFLICT, E.REQUIRED, E.CAPABILITY_UNKNOWN, E.CAPABILITY_ALREADY_HELD),
    emits=("capability.submitted",),
)
async def submit_capability_application(
    ctx: Context, *, application_id: UUID, expected_version: int | None = None
) -> CapabilityApplication:
    """Submits an application for the vendor's assessment. What is held already can be applied for again near its end,
    or together with further parts of the label.
    """
    own, row = await access_capability(ctx, application_id)
    expect_version(row, expected_version)
    held = (await labels_of(ctx, [own.id]))[own.id]
    require(check_capability(row.state, form_of(row), held, now=ctx.now, policy=ctx.policy_of(own)))
    await row.change(now=ctx.now, state=CAPABILITY.after(row.state, "submit"), submitted_at=ctx.now, reason=None)
    await reviews.submit(ctx, ReviewKind.CAPABILITY, row, own)
    ctx.event("capability.submitted", row, partner_id=own.id, label=row.level1)
    ctx.effect("capability.submitted", row)
    return row
