"""What persons tell of themselves: kept by themselves alone, read by the partner they are bound to."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from models.specialists import (
    SpecialistBinding,
    SpecialistCertificate,
    SpecialistProfile,
    SpecialistProject,
    SpecialistTraining,
)
from resolvers import uploads
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.per_parent import newest_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from resolvers.specialists.scope import visible_certificates, visible_profiles, visible_projects, visible_trainings
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, refuse, require
from rules.specialists import (
    CERTIFICATES,
    Certificate,
    CertificateKind,
    Employment,
    Position,
    Project,
    Training,
    check_certificate,
    check_employment,
    check_project,
    check_room,
    check_training,
)

E = TypeVar("E", SpecialistCertificate, SpecialistTraining, SpecialistProject)
_SAVED = ("specialist_profile.changed",)
_REFUSALS = (ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE, ErrorCode.TOO_MANY)

profiles_of = to_one("profile_id", SpecialistProfile, visible=visible_profiles)
"""What the person of each binding tells of itself, as long as the actor may see it."""


@query(permission=Permission.SPECIALISTS_KEEP_PROFILE)
async def my_specialist_profile(ctx: Context) -> SpecialistProfile | None:
    """What the caller tells of itself; None for whoever was never bound to a partner."""
    return await SpecialistProfile.filter(account_id=ctx.actor.account_id).first()


@query(permission=Permission.PUBLIC_READ)
async def certificate_catalogue(ctx: Context) -> list[CertificateKind]:
    """Every kind of certificate that persons can tell of."""
    return list(CERTIFICATES.values())


async def certificates_of(
    ctx: Context, profiles: Sequence[SpecialistProfile], *, first: int, selection: Selection = WHOLE
) -> list[list[SpecialistCertificate]]:
    """The certificates of each profile, newest first. One statement."""
    rows = visible_certificates(ctx)
    return await newest_of(ctx, rows, "profile_id", profiles, first=first, selection=selection)


async def trainings_of(
    ctx: Context, profiles: Sequence[SpecialistProfile], *, first: int, selection: Selection = WHOLE
) -> list[list[SpecialistTraining]]:
    """The trainings of each profile, newest first. One statement."""
    return await newest_of(ctx, visible_trainings(ctx), "profile_id", profiles, first=first, selection=selection)


async def projects_of(
    ctx: Context, profiles: Sequence[SpecialistProfile], *, first: int, selection: Selection = WHOLE
) -> list[list[SpecialistProject]]:
    """The projects of each profile, newest first. One statement."""
    return await newest_of(ctx, visible_projects(ctx), "profile_id", profiles, first=first, selection=selection)


async def _own_profile(ctx: Context) -> SpecialistProfile:
    """The caller's profile, locked; NOT_FOUND for whoever was never bound to a partner."""
    profile = await SpecialistProfile.filter(account_id=ctx.actor.account_id).select_for_update(no_key=True).first()
    if profile is None:
        raise refuse(ErrorCode.NOT_FOUND)
    return profile


def _today(ctx: Context) -> date:
    return day_of(ctx.now, ctx.actor.site)


async def _announce(ctx: Context, profile: SpecialistProfile, part: str) -> None:
    """Into the feed of the partner that the person is bound to, if there is one. Which part, and no more."""
    binding = await SpecialistBinding.filter(account_id=profile.account_id, unbound_at=None).first()
    partner_id = None if binding is None else binding.partner_id
    ctx.event("specialist_profile.changed", profile, partner_id=partner_id, part=part)
    ctx.effect("specialist_profile.changed", profile)


@command(
    permission=Permission.SPECIALISTS_KEEP_PROFILE,
    refuses=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE, *uploads.REFUSALS),
    emits=_SAVED,
)
async def save_specialist_employment(
    ctx: Context,
    *,
    position: Position,
    employer: str,
    cloud_since: date,
    base_location: str,
    upload_id: UUID,
    expected_version: int | None = None,
) -> SpecialistProfile:
    """Says where you work now, in place of what you said before. The base location is where social insurance is paid.

    A document that proves the employment is needed. The partner you are bound to reads it.
    """
    profile = await _own_profile(ctx)
    expect_version(profile, expected_version)
    document, wrong = await uploads.find_document(ctx, upload_id, "input", "documentId")
    told = Employment(position, employer.strip(), cloud_since, base_location.strip(), document)
    require(wrong + check_employment(told, today=_today(ctx)))
    await profile.change(now=ctx.now, **asdict(told))
    await _announce(ctx, profile, "employment")
    return profile


async def _save(ctx: Context, model: type[E], entry_id: UUID | None, values: dict[str, Any], part: str) -> E:
    """One more entry of the caller's, or another one in place of that with this id."""
    profile = await _own_profile(ctx)
    if entry_id is None:
        require(check_room(await model.filter(profile_id=profile.id, removed_at=None).count(), policy=ctx.policy))
        saved = await model.insert(now=ctx.now, profile_id=profile.id, account_id=profile.account_id, **values)
    else:
        saved = await _own_entry(ctx, model, entry_id)
        await saved.change(now=ctx.now, **values)
    await _announce(ctx, profile, part)
    return saved


async def _own_entry(ctx: Context, model: type[E], entry_id: UUID) -> E:
    rows = model.filter(id=entry_id, account_id=ctx.actor.account_id, removed_at=None)
    entry = await rows.select_for_update(no_key=True).first()
    if entry is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return entry


async def _remove(ctx: Context, model: type[E], entry_id: UUID, part: str) -> SpecialistProfile:
    profile = await _own_profile(ctx)
    entry = await _own_entry(ctx, model, entry_id)
    await entry.change(now=ctx.now, removed_at=ctx.now)
    await _announce(ctx, profile, part)
    return profile


@command(
    permission=Permission.SPECIALISTS_KEEP_PROFILE,
    refuses=(*_REFUSALS, *uploads.REFUSALS, ErrorCode.CERTIFICATE_UNKNOWN, ErrorCode.REPEATED),
    emits=_SAVED,
)
async def save_specialist_certificate(
    ctx: Context,
    *,
    certificate_id: UUID | None = None,
    kind: str,
    number: str,
    issued_on: date,
    expires_on: date | None = None,
    upload_id: UUID | None = None,
) -> SpecialistCertificate:
    """Adds a certificate of yours, or changes the one named. Its kind is a code of the catalogue."""
    file, wrong = (
        (None, []) if upload_id is None else await uploads.find_document(ctx, upload_id, "input", "documentId")
    )
    told = Certificate(kind, number.strip(), issued_on, expires_on, file)
    require(wrong + check_certificate(told, today=_today(ctx)))
    return await _save(ctx, SpecialistCertificate, certificate_id, asdict(told), "certificates")


@command(permission=Permission.SPECIALISTS_KEEP_PROFILE, refuses=_REFUSALS, emits=_SAVED)
async def save_specialist_training(
    ctx: Context, *, training_id: UUID | None = None, name: str, provider: str, completed_on: date, hours: int
) -> SpecialistTraining:
    """Adds a training that you have completed, or changes the one named."""
    told = Training(name.strip(), provider.strip(), completed_on, hours)
    require(check_training(told, today=_today(ctx)))
    return await _save(ctx, SpecialistTraining, training_id, asdict(told), "trainings")


@command(permission=Permission.SPECIALISTS_KEEP_PROFILE, refuses=_REFUSALS, emits=_SAVED)
async def save_specialist_project(
    ctx: Context,
    *,
    project_id: UUID | None = None,
    name: str,
    duty: str,
    description: str,
    began_on: date,
    ended_on: date | None = None,
) -> SpecialistProject:
    """Adds a project that you have worked in, or changes the one named. One that goes on has no end."""
    told = Project(name.strip(), duty.strip(), description.strip(), began_on, ended_on)
    require(check_project(told, today=_today(ctx)))
    return await _save(ctx, SpecialistProject, project_id, asdict(told), "projects")


@command(permission=Permission.SPECIALISTS_KEEP_PROFILE, emits=_SAVED)
async def remove_specialist_certificate(ctx: Context, *, certificate_id: UUID) -> SpecialistProfile:
    """Takes a certificate out of what you tell of yourself."""
    return await _remove(ctx, SpecialistCertificate, certificate_id, "certificates")


@command(permission=Permission.SPECIALISTS_KEEP_PROFILE, emits=_SAVED)
async def remove_specialist_training(ctx: Context, *, training_id: UUID) -> SpecialistProfile:
    """Takes a training out of what you tell of yourself."""
    return await _remove(ctx, SpecialistTraining, training_id, "trainings")


@command(permission=Permission.SPECIALISTS_KEEP_PROFILE, emits=_SAVED)
async def remove_specialist_project(ctx: Context, *, project_id: UUID) -> SpecialistProfile:
    """Takes a project out of what you tell of yourself."""
    return await _remove(ctx, SpecialistProject, project_id, "projects")
