"""Who keeps a company's information once the account that did is gone: the company's oldest account that is left."""

from uuid import UUID

from core import db
from core.ids import decode_id
from models.accounts import Account
from models.partners import Company, CompanyProfile, Partner
from models.uploads import Upload
from resolvers.context import Context
from rules.accounts import AccountStatus
from rules.partners import AdmissionState, Standing
from rules.partners.companies import Heir, compute_keeper
from rules.uploads import USABLE


async def lock_credit_code(site: str, code: str) -> None:
    """Whatever admits an account of this company, renames it or changes its keeper goes one after the other."""
    await db.lock_name(f"company:{site}:{code}")


async def lock_with_company(account_id: UUID) -> Partner | None:
    """The partner of a main account, locked together with what it shares with other accounts of its company, in the
    order of whatever changes a company: credit code, information, partners by id. None where there is no partner.
    """
    partner = await Partner.filter(main_account_id=account_id).first()
    if partner is None or partner.company_id is None:
        return await Partner.filter(main_account_id=account_id).select_for_update().first()
    company = await Company.get(id=partner.company_id)
    await lock_credit_code(company.site, company.credit_code)
    await CompanyProfile.filter(company_id=company.id).select_for_update().first()
    of_company = Partner.filter(company_id=company.id).order_by("id").select_for_update()
    return next(row for row in await of_company if row.id == partner.id)


async def pass_on(ctx: Context, leaving: Partner) -> None:
    """Gives what the partner keeps to another account of its company, which is told; everything is locked.

    With none left it stays where it is, and is erased with the rest.
    """
    profile = await CompanyProfile.filter(main_partner_id=leaving.id).first()
    heirs = [] if profile is None else await _heirs(leaving)
    heir = compute_keeper(heirs)
    if profile is not None and heir is not None:
        await _give(ctx, profile, await Partner.get(id=heir.id), told=heir.open)


async def take_over(ctx: Context, company: Company, admitted: Partner) -> None:
    """Gives an account that has just been admitted what nobody keeps any more; the credit code is locked."""
    profile = await CompanyProfile.filter(company_id=company.id).select_for_update().first()
    if profile is None or profile.main_partner_id == admitted.id:
        return
    keeper = await Partner.get(id=profile.main_partner_id)
    if await Account.exists(id=keeper.main_account_id, status=AccountStatus.DELETED):
        await _give(ctx, profile, admitted, told=True)


async def _heirs(leaving: Partner) -> list[Heir]:
    """The other accounts of the company that have not been deleted."""
    rows = Partner.filter(company_id=leaving.company_id, admission_state=AdmissionState.JOINED).exclude(id=leaving.id)
    found = await rows.order_by("id")
    owners = Account.filter(id__in=[row.main_account_id for row in found]).exclude(status=AccountStatus.DELETED)
    left = {account.id for account in await owners.only("id")}
    return [
        Heir(row.id, row.admitted_at, open=row.standing is not Standing.CLOSED)
        for row in found
        if row.main_account_id in left and row.admitted_at is not None
    ]


async def _give(ctx: Context, profile: CompanyProfile, to: Partner, *, told: bool) -> None:
    before = profile.main_partner_id
    await _give_licence(ctx, profile, to)
    await profile.change(now=ctx.now, main_partner_id=to.id)
    ctx.event("company.keeper_changed", profile, partner_id=to.id, before=str(before), after=str(to.id))
    ctx.effect("company.keeper_changed", profile)
    if told:
        ctx.notify(
            "company_keeper_changed", await Account.get(id=to.main_account_id), about=profile, names={"company": to}
        )


async def _give_licence(ctx: Context, profile: CompanyProfile, to: Partner) -> None:
    """The file of the licence lives on with whoever keeps the information, unless it has ended already."""
    public_id = (profile.licence or {}).get("upload_id")
    if public_id:
        _, upload_id = decode_id(public_id)
        upload = await Upload.filter(id=upload_id, state__in=USABLE).select_for_update().first()
        if upload is not None:
            await upload.change(now=ctx.now, account_id=to.main_account_id, partner_id=to.id)
