"""Notices above the pages: that the account is of the other site, and what the vendor announces; none stops anybody."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from core.i18n import Locale, translate
from core.ids import uuid7
from models.messages import Announcement, NoticeDismissal
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.nodes import findable
from resolvers.query import query
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.messages import Audience, NoticeKind, check_announcement, compute_audiences, is_elsewhere
from rules.sites import Site

SHOWN = 20
"""Announcements that somebody sees at once, the newest."""

_DISMISS = """
    insert into notice_dismissal (id, account_id, notice, dismissed_at) values ($1, $2, $3, $4) on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice in its reader's language. `announcement_id` is None for the one about the site."""

    kind: NoticeKind
    title: str
    text: str
    target_url: str | None
    dismissed: bool
    announcement_id: UUID | None = None


def visible(ctx: Context) -> QuerySet[Announcement]:
    """Every announcement, for those who write them."""
    return Announcement.all()


findable(Announcement, Permission.MESSAGES_ANNOUNCE, visible)


@query(permission=Permission.MESSAGES_ANNOUNCE)
def announcements(ctx: Context) -> QuerySet[Announcement]:
    """All announcements: coming, running, over and withdrawn."""
    return visible(ctx)


@query(permission=Permission.MESSAGES_READ)
async def notices(ctx: Context, *, site: Site | None = None) -> list[Notice]:
    """What stands above the pages of `site` for the caller now, dismissed or not."""
    running = await _running(ctx)
    known = [str(row.id) for row in running] + [NoticeKind.SITE_MISMATCH.value]
    rows = NoticeDismissal.filter(account_id=ctx.actor.account_id, notice__in=known)
    dismissed = {row.notice for row in await rows}
    elsewhere = [_site_mismatch(ctx, dismissed)] if is_elsewhere(ctx.actor.site, site) else []
    return elsewhere + [_announced(ctx, row, dismissed) for row in running]


def _addressed(ctx: Context) -> QuerySet[Announcement]:
    """Announcements to the caller that have begun and are not over."""
    here = Q(site__isnull=True) | Q(site=ctx.actor.site)
    running = Announcement.filter(here, starts_at__lte=ctx.now, ends_at__gt=ctx.now, withdrawn_at__isnull=True)
    return running.filter(audience__in=compute_audiences(ctx.actor.roles))


async def _running(ctx: Context) -> list[Announcement]:
    return await _addressed(ctx).order_by("-id").limit(SHOWN)


def _site_mismatch(ctx: Context, dismissed: set[str]) -> Notice:
    own = ctx.actor.site
    return Notice(
        kind=NoticeKind.SITE_MISMATCH,
        title=translate("site_mismatch.title", ctx.locale),
        text=translate(f"site_mismatch.{own.value}", ctx.locale),
        target_url=ctx.settings.site_urls.get(own.value, ctx.settings.public_url),
        dismissed=NoticeKind.SITE_MISMATCH.value in dismissed,
    )


def _announced(ctx: Context, row: Announcement, dismissed: set[str]) -> Notice:
    chinese = ctx.locale == Locale.ZH_CN
    return Notice(
        kind=NoticeKind.ANNOUNCEMENT,
        title=row.title_zh if chinese else row.title_en,
        text=row.text_zh if chinese else row.text_en,
        target_url=row.link,
        dismissed=str(row.id) in dismissed,
        announcement_id=row.id,
    )


@dataclass(frozen=True, slots=True)
class Dismissed:
    """What is not shown again."""

    kind: NoticeKind
    announcement: Announcement | None


@command(
    permission=Permission.MESSAGES_DISMISS_NOTICE,
    refuses=(ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT),
    key=Key.OPTIONAL,
)
async def dismiss_notice(ctx: Context, *, kind: NoticeKind, announcement_id: UUID | None = None) -> Dismissed:
    """Hides a notice from you for good: the one about the site, or an announcement by its id. Once is enough."""
    if (kind is NoticeKind.ANNOUNCEMENT) != (announcement_id is not None):
        code = ErrorCode.REQUIRED if announcement_id is None else ErrorCode.INVALID_FORMAT
        raise refuse(code, "input", "announcementId")
    announcement = None
    if announcement_id is not None:
        announcement = await _addressed(ctx).filter(id=announcement_id).first()
        if announcement is None:
            raise refuse(ErrorCode.NOT_FOUND, "input", "announcementId")
    await db.fetch(_DISMISS, uuid7(), ctx.actor.account_id, str(announcement_id or kind.value), ctx.now)
    ctx.effect("notice.dismissed", announcement)
    return Dismissed(kind, announcement)


@command(
    permission=Permission.MESSAGES_ANNOUNCE,
    refuses=(ErrorCode.OUT_OF_RANGE, ErrorCode.INVALID_FORMAT),
    emits=("announcement.published",),
)
async def publish_announcement(
    ctx: Context,
    *,
    audience: Audience,
    title_en: str,
    title_zh: str,
    text_en: str,
    text_zh: str,
    starts_at: datetime,
    ends_at: datetime,
    site: Site | None = None,
    link: str | None = None,
) -> Announcement:
    """Says something to an audience in the pages of one site or both, from the first instant until the last."""
    require(check_announcement(starts_at, ends_at, link, now=ctx.now))
    made = await Announcement.insert(
        now=ctx.now,
        site=site,
        audience=audience,
        title_en=title_en,
        title_zh=title_zh,
        text_en=text_en,
        text_zh=text_zh,
        link=link,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    ctx.event("announcement.published", made, audience=audience.value, starts_at=starts_at, ends_at=ends_at)
    ctx.effect("announcement.published", made)
    return made


@command(
    permission=Permission.MESSAGES_ANNOUNCE,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("announcement.withdrawn",),
)
async def withdraw_announcement(ctx: Context, *, announcement_id: UUID) -> Announcement:
    """Takes an announcement away before its end."""
    held = await visible(ctx).filter(id=announcement_id).select_for_update(no_key=True).first()
    if held is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    if held.withdrawn_at is not None or held.ends_at <= ctx.now:
        raise refuse(ErrorCode.STATE_CONFLICT, "input", "id")
    await held.change(now=ctx.now, withdrawn_at=ctx.now)
    ctx.event("announcement.withdrawn", held)
    ctx.effect("announcement.withdrawn", held)
    return held
