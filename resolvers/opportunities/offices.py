"""Representative offices as the vendor's administrator keeps them: which regions they cover, and who works there."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from core.ids import filter_id
from models.accounts import Account
from models.opportunities import OfficeMember, OfficeRegion, RepOffice
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.opportunities.scope import visible_members, visible_offices
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.errors import ErrorCode, Violation, refuse, require
from rules.opportunities import (
    Industry,
    OfficeDuty,
    Track,
    check_office_member,
    check_office_name,
    check_region,
)


@query(permission=Permission.OPPORTUNITIES_READ)
def rep_offices(ctx: Context) -> QuerySet[RepOffice]:
    """The offices of the actor's site."""
    return visible_offices(ctx)


@query(permission=Permission.OPPORTUNITIES_REVIEW)
def office_members(ctx: Context, *, office: str | None = None) -> QuerySet[OfficeMember]:
    """Who works at the offices, or at one of them; an id that is none finds nobody."""
    rows = visible_members(ctx)
    if office is None:
        return rows
    return rows.filter(office_id=filter_id(RepOffice.prefix, office))


async def regions_of(ctx: Context, offices: Sequence[RepOffice]) -> list[list[OfficeRegion]]:
    """The regions of each office, in order."""
    rows = await OfficeRegion.filter(office_id__in=[row.id for row in offices]).order_by("region")
    return [[row for row in rows if row.office_id == office.id] for office in offices]


offices_of_members = to_one("office_id", RepOffice)
"""The office of each."""


accounts_of_members = to_one("account_id", Account)
"""The account of each."""


@command(
    permission=Permission.OPPORTUNITIES_MANAGE_OFFICES,
    refuses=(ErrorCode.INVALID_FORMAT, ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE, ErrorCode.REGION_COVERED_ELSEWHERE),
    emits=("rep_office.added",),
)
async def add_rep_office(ctx: Context, *, name: str, regions: list[str]) -> RepOffice:
    """Opens an office on your site with the regions it covers."""
    require(_check_form(ctx, name, regions))
    office = await RepOffice.insert(now=ctx.now, site=ctx.actor.site, name=name.strip())
    await _cover(office, regions)
    ctx.event("rep_office.added", office, regions=sorted(set(regions)))
    ctx.effect("rep_office.added", office)
    return office


@command(
    permission=Permission.OPPORTUNITIES_MANAGE_OFFICES,
    refuses=(ErrorCode.INVALID_FORMAT, ErrorCode.REGION_COVERED_ELSEWHERE),
    emits=("rep_office.changed",),
)
async def change_office_regions(
    ctx: Context, *, office_id: UUID, regions: list[str], expected_version: int | None = None
) -> RepOffice:
    """Sets the regions an office covers from now on. Opportunities it has already stay with it."""
    office = await _access_office(ctx, office_id, "id")
    expect_version(office, expected_version)
    require(_check_regions(ctx, regions))
    await OfficeRegion.filter(office_id=office.id).delete()
    await _cover(office, regions)
    await office.change(now=ctx.now)
    ctx.event("rep_office.changed", office, regions=sorted(set(regions)))
    ctx.effect("rep_office.changed", office)
    return office


def _check_form(ctx: Context, name: str, regions: Sequence[str]) -> list[Violation]:
    return check_office_name(name) + _check_regions(ctx, regions)


def _check_regions(ctx: Context, regions: Sequence[str]) -> list[Violation]:
    return [
        violation
        for place, region in enumerate(regions)
        for violation in check_region(region, ctx.actor.site, "input", "regions", str(place))
    ]


async def _cover(office: RepOffice, regions: Sequence[str]) -> None:
    await OfficeRegion.bulk_create(
        OfficeRegion(office_id=office.id, site=office.site, region=region) for region in sorted(set(regions))
    )


async def _access_office(ctx: Context, office_id: UUID, field: str) -> RepOffice:
    office = await visible_offices(ctx).filter(id=office_id).select_for_update(no_key=True).first()
    if office is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", field)
    return office


@command(
    permission=Permission.OPPORTUNITIES_MANAGE_OFFICES,
    emits=("office_member.set",),
)
async def set_office_member(
    ctx: Context,
    *,
    office_id: UUID,
    account_id: UUID,
    duty: OfficeDuty,
    tracks: list[Track] | None = None,
    industries: list[Industry] | None = None,
) -> OfficeMember:
    """Puts one of the partner sales staff to an office, or changes the duty, tracks and industries of one there.

    A PSM is told of every opportunity that the office gets. Tracks and industries filter the queue and forbid nothing.
    """
    office = await _access_office(ctx, office_id, "officeId")
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "accountId")
    same_site = account.site == office.site
    require(check_office_member(account.kind, frozenset(account.roles), same_site=same_site))
    values = {
        "duty": duty,
        "tracks": [track.value for track in dict.fromkeys(tracks or [])],
        "industries": [industry.value for industry in dict.fromkeys(industries or [])],
    }
    member = await OfficeMember.filter(office_id=office.id, account_id=account.id).select_for_update().first()
    if member is None:
        member = await OfficeMember.insert(now=ctx.now, office_id=office.id, account_id=account.id, **values)
    else:
        await member.change(now=ctx.now, **values)
    ctx.event("office_member.set", member, office_id=str(office.id), duty=duty.value)
    ctx.effect("office_member.set", member)
    return member


@command(permission=Permission.OPPORTUNITIES_MANAGE_OFFICES, emits=("office_member.removed",))
async def remove_office_member(ctx: Context, *, member_id: UUID) -> RepOffice:
    """Takes somebody off an office; answers the office."""
    member = await OfficeMember.filter(id=member_id, office__site=ctx.actor.site).select_related("office").first()
    if member is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    await member.delete()
    ctx.event("office_member.removed", member, office_id=str(member.office_id))
    ctx.effect("office_member.removed", member)
    return member.office
