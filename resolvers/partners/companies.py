"""A company's information: who reads and keeps it, and changes of it, which take effect when the vendor approves."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict, Unpack
from uuid import UUID

from tortoise.queryset import QuerySet

from core import db
from models.accounts import Account
from models.partners import Company, CompanyChange, CompanyProfile, Partner
from resolvers import uploads
from resolvers.actions import ActionState, action
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from resolvers.partners.rounds import CompanyChangeRound, kept_round
from resolvers.partners.scope import lock_own_open
from resolvers.per_parent import newest_of
from resolvers.related import WHOLE, Selection, to_one
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.contacts import mask_email, mask_mobile, mask_name
from rules.documents import Document
from rules.errors import ErrorCode, Violation, refuse, require
from rules.partners.companies import (
    COMPANY_CHANGE,
    CompanyChangeState,
    CompanyField,
    GivenContact,
    check_difference,
    check_editor,
    check_licence,
    check_none_open,
    compute_difference,
    read_contacts,
)
from rules.reviews import ReviewKind

_KEEPERS = "select company_id, account_name, mobile, email from guard_company_keepers($1)"


class Wanted(TypedDict, total=False):
    """What a company's information is to be; what is left out stays as it is."""

    name: str | None
    licence: UUID | None
    english_name: str | None
    legal_representative: str | None
    address: str | None
    website: str | None
    headcount: int | None
    introduction: str | None
    contacts: Sequence[GivenContact] | None


def visible_profiles(ctx: Context) -> QuerySet[CompanyProfile]:
    """The vendor sees every company's, a partner's people their own company's."""
    return _of_own_company(ctx, CompanyProfile.all())


def visible_changes(ctx: Context) -> QuerySet[CompanyChange]:
    """The vendor sees every change, a partner's people those of their own company."""
    return _of_own_company(ctx, CompanyChange.all())


def _of_own_company(ctx: Context, rows: QuerySet[Any]) -> QuerySet[Any]:
    if sees_all(ctx):
        return rows
    return rows.filter(company__partners__id__in=[ctx.actor.partner_id] if ctx.actor.partner_id else [])


findable(CompanyProfile, Permission.PARTNERS_READ, visible_profiles)
findable(CompanyChange, Permission.PARTNERS_READ, visible_changes)


async def profiles_of(ctx: Context, parents: Sequence[Company]) -> list[CompanyProfile | None]:
    """What each company tells of itself; None for those whom it does not concern. One statement."""
    rows = await visible_profiles(ctx).filter(company_id__in=[parent.id for parent in parents])
    found = {row.company_id: row for row in rows}
    return [found.get(parent.id) for parent in parents]


async def changes_of(
    ctx: Context, parents: Sequence[CompanyProfile], *, first: int, selection: Selection = WHOLE
) -> list[list[CompanyChange]]:
    """The newest changes of each profile's company."""
    companies = await Company.filter(id__in=[parent.company_id for parent in parents])
    places = {company.id: place for place, company in enumerate(companies)}
    found = await newest_of(ctx, CompanyChange.all(), "company_id", companies, first=first, selection=selection)
    return [found[places[parent.company_id]] for parent in parents]


companies_of = to_one("company_id", Company)
"""The company of each profile or change."""


@dataclass(frozen=True, slots=True)
class CompanyKeeper:
    """The account that alone changes a company's information; its contacts are masked."""

    name: str
    mobile: str | None
    email: str | None


async def keepers_of(ctx: Context, parents: Sequence[CompanyProfile]) -> list[CompanyKeeper]:
    """Who keeps each: another account of the same company is no secret to its people. One statement."""
    rows = await db.fetch(_KEEPERS, [parent.company_id for parent in parents])
    found = {
        row["company_id"]: CompanyKeeper(
            row["account_name"],
            row["mobile"] and mask_mobile(row["mobile"]),
            row["email"] and mask_email(row["email"]),
        )
        for row in rows
    }
    return [found[parent.company_id] for parent in parents]


async def profile_actions(ctx: Context, parents: Sequence[CompanyProfile]) -> list[list[ActionState]]:
    """Whether the actor may change each, by the guards of the command."""
    open_ = await _open_changes(parents)
    return [
        [
            action(
                ctx,
                "CHANGE",
                submit_company_change,
                check_editor(parent.main_partner_id == ctx.actor.partner_id)
                + check_none_open(parent.company_id in open_),
            )
        ]
        for parent in parents
    ]


async def change_actions(ctx: Context, parents: Sequence[CompanyChange]) -> list[list[ActionState]]:
    """What the actor may do with each change, by the guards of the commands. One statement."""
    open_ = await _open_changes(parents)
    return [_change_actions(ctx, parent, open_.get(parent.company_id)) for parent in parents]


def _change_actions(ctx: Context, row: CompanyChange, open_: UUID | None) -> list[ActionState]:
    editor = check_editor(row.partner_id == ctx.actor.partner_id)
    again, back = (COMPANY_CHANGE.check(row.state, event) for event in ("resubmit", "withdraw"))
    again += check_none_open(open_ not in (None, row.id))
    return [
        action(ctx, "RESUBMIT", submit_company_change, editor + again),
        action(ctx, "WITHDRAW", withdraw_company_change, editor + back),
    ]


async def _open_changes(parents: Sequence[CompanyProfile | CompanyChange]) -> dict[UUID, UUID]:
    """Company → its change in review, where there is one. One statement."""
    rows = CompanyChange.filter(company_id__in=[parent.company_id for parent in parents])
    return {
        row.company_id: row.id for row in await rows.filter(state=CompanyChangeState.IN_REVIEW).only("id", "company_id")
    }


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One piece of information before and after, as text; None for nothing."""

    field: CompanyField
    before: str | None
    after: str | None


def differences(change: CompanyChange | CompanyChangeRound, *, in_clear: bool) -> list[FieldChange]:
    """A change piece by piece, in the order of the form; personal data masked unless `in_clear`."""
    return [
        FieldChange(
            field, *(_shown(field, values.get(field.column), in_clear) for values in (change.before, change.after))
        )
        for field in CompanyField
        if field.column in change.after
    ]


def licence_of(change: CompanyChange | CompanyChangeRound) -> Document | None:
    """The licence that a change hands in."""
    stored = change.after.get(CompanyField.LICENCE.column)
    return Document(**stored) if stored else None


def _shown(field: CompanyField, value: Any, in_clear: bool) -> str | None:
    if value is None:
        return None
    if field is CompanyField.CONTACTS:
        return "\n".join(_contact(contact, in_clear) for contact in value)
    if field is CompanyField.LICENCE:
        return f"{value['name']} ({value['sha256'][:8]})"
    if field is CompanyField.LEGAL_REPRESENTATIVE and not in_clear:
        return mask_name(value)
    return str(value)


def _contact(data: dict[str, Any], in_clear: bool) -> str:
    hidden = {"name": mask_name, "mobile": mask_mobile, "email": mask_email}
    parts = (data[key] if in_clear or not data[key] else hide(data[key]) for key, hide in hidden.items())
    return ", ".join(part for part in (*parts, data["position"]) if part)


async def access_change(ctx: Context, change_id: UUID, *path: str) -> CompanyChange:
    """A change that the actor's own partner has submitted, locked; NOT_FOUND at `path` for others."""
    rows = CompanyChange.filter(id=change_id, partner_id=ctx.actor.partner_id)
    change = await rows.select_for_update().first()
    if change is None:
        raise refuse(ErrorCode.NOT_FOUND, *path)
    return change


async def lock_own(ctx: Context) -> CompanyProfile:
    """The information that the actor's partner keeps, locked: changes of one company go one after the other.

    COMPANY_KEPT_BY_OTHER where another account of the company keeps it.
    """
    rows = CompanyProfile.filter(main_partner_id=ctx.actor.partner_id)
    profile = await rows.select_for_update().first()
    require(check_editor(profile is not None))
    assert profile is not None
    return profile


def present(company: Company, profile: CompanyProfile) -> dict[str, Any]:
    """The information as it stands, by column."""
    own = {field.column: getattr(profile, field.column) for field in CompanyField if field is not CompanyField.NAME}
    return {"name": company.name, **own}


@command(
    permission=Permission.PARTNERS_CHANGE_COMPANY,
    refuses=(
        ErrorCode.COMPANY_KEPT_BY_OTHER,
        ErrorCode.COMPANY_CHANGE_OPEN,
        ErrorCode.COMPANY_UNCHANGED,
        ErrorCode.COMPANY_LICENCE_REQUIRED,
        ErrorCode.STATE_CONFLICT,
        *uploads.REFUSALS,
        ErrorCode.REQUIRED,
        ErrorCode.TOO_MANY,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.INVALID_FORMAT,
        ErrorCode.CONTACT_REQUIRED,
        ErrorCode.MOBILE_INVALID,
        ErrorCode.MOBILE_NOT_OF_SITE,
        ErrorCode.EMAIL_INVALID,
    ),
    emits=("company.change_submitted",),
)
async def submit_company_change(
    ctx: Context, *, change_id: UUID | None = None, expected_version: int | None = None, **wanted: Unpack[Wanted]
) -> CompanyChange:
    """Submits other information about the company for review; it takes effect when the vendor approves.

    Fields left out stay as they are, null empties them. Another name needs the licence that bears it, and ends the
    certification of business information. One change at a time: name `changeId` to send one that was rejected or
    withdrawn again, with what is wanted now. The credit code never changes.
    """
    profile = await lock_own(ctx)
    partner = await lock_own_open(ctx)
    held = None if change_id is None else await access_change(ctx, change_id, "input", "changeId")
    if held is not None:
        expect_version(held, expected_version)
    company = await Company.get(id=profile.company_id)
    values, wrong = await _read(ctx, wanted)
    before, after = compute_difference(present(company, profile), values)
    open_ = (await _open_changes([profile])).get(company.id)
    require(
        ([] if held is None else COMPANY_CHANGE.check(held.state, "resubmit"))
        + check_none_open(open_ not in (None, change_id))
        + (wrong or check_difference(after))
    )
    change = await _written(ctx, held, profile, before=before, after=after)
    await reviews.submit(ctx, ReviewKind.COMPANY_CHANGE, change, partner)
    ctx.event("company.change_submitted", change, fields=sorted(after))
    ctx.effect("company.change_submitted", change)
    return change


async def _read(ctx: Context, wanted: Wanted) -> tuple[dict[str, Any], list[Violation]]:
    """The columns as they would be stored, and what is wrong with what was given for them."""
    values: dict[str, Any] = {}
    wrong: list[Violation] = []
    for name, given in wanted.items():
        values[name] = (given.strip() or None) if isinstance(given, str) else given
    upload_id = wanted.get("licence")
    if upload_id is not None:
        licence, wrong = await uploads.find_document(ctx, upload_id, "input", "licenceId")
        wrong = wrong if licence is None else check_licence(licence, policy=ctx.policy, path=("input", "licenceId"))
        values["licence"] = None if licence is None else asdict(licence)
    if "contacts" in wanted:
        contacts = read_contacts(values["contacts"] or (), policy=ctx.policy, path=("input", "contacts"))
        wrong += [one for one in contacts if isinstance(one, Violation)]
        values["contacts"] = [one.data() for one in contacts if not isinstance(one, Violation)]
    return values, wrong


async def _written(
    ctx: Context, held: CompanyChange | None, profile: CompanyProfile, **values: dict[str, Any]
) -> CompanyChange:
    submitted = {**values, "submitted_by": ctx.actor.account_id, "submitted_at": ctx.now}
    if held is None:
        return await CompanyChange.insert(
            now=ctx.now,
            company_id=profile.company_id,
            partner_id=profile.main_partner_id,
            state=CompanyChangeState.IN_REVIEW,
            **submitted,
        )
    state = COMPANY_CHANGE.after(held.state, "resubmit")
    earlier = [*held.earlier, kept_round(held)]
    await held.change(now=ctx.now, state=state, decided_at=None, reason=None, earlier=earlier, **submitted)
    return held


@command(
    permission=Permission.PARTNERS_CHANGE_COMPANY,
    refuses=(ErrorCode.COMPANY_KEPT_BY_OTHER, ErrorCode.STATE_CONFLICT),
    emits=("company.change_withdrawn",),
)
async def withdraw_company_change(
    ctx: Context, *, change_id: UUID, expected_version: int | None = None
) -> CompanyChange:
    """Takes back a change that is not decided yet; it can be sent again."""
    await lock_own(ctx)
    change = await access_change(ctx, change_id, "input", "id")
    expect_version(change, expected_version)
    state = COMPANY_CHANGE.after(change.state, "withdraw")
    await reviews.withdraw(ctx, ReviewKind.COMPANY_CHANGE, change)
    await change.change(now=ctx.now, state=state)
    ctx.event("company.change_withdrawn", change)
    ctx.effect("company.change_withdrawn", change)
    return change


async def keeper_account(profile: CompanyProfile) -> Account:
    """The account that keeps the information."""
    partner = await Partner.get(id=profile.main_partner_id)
    return await Account.get(id=partner.main_account_id)
