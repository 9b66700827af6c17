"""Quick registration: the main account's company gets a further account, by a link in a mail and another contact."""

from uuid import UUID

from tortoise.queryset import QuerySet

from core.tokens import TokenKind, digest, kind_of, link, link_token, new_salt
from models.accounts import Account, QuickRegistration, RealNameCase
from models.partners import Company, Partner
from resolvers.accounts.contacts import SEND_ATTEMPTS
from resolvers.accounts.sessions import SignedIn, open_session
from resolvers.accounts.signing import SIGN_UP_REFUSALS, prepare_sign_up, register
from resolvers.command import StepUp, command
from resolvers.context import Context
from resolvers.nodes import findable
from rules.access import Permission
from rules.accounts import AccountKind, AccountStatus, RealNameKind, RealNameState, compute_quick_registration_end
from rules.customers import INVITATION, InvitationState, Link, check_link, compute_invitation_state
from rules.errors import ErrorCode, refuse, require
from rules.sites import Site
from rules.verifications import Channel

SIBLING_TOPIC = "quick_registration.email"


def visible(ctx: Context) -> QuerySet[QuickRegistration]:
    """One's own links."""
    return QuickRegistration.filter(account_id=ctx.actor.account_id)


findable(QuickRegistration, Permission.ACCOUNTS_REGISTER_SIBLING, visible)


def sibling_token(secret: bytes, nonce: bytes) -> str:
    """The token that follows from the installation's key and a link's nonce; it is stored nowhere."""
    return link_token(secret, "quick_registration", nonce)


def sibling_link(public_url: str, secret: bytes, registration: QuickRegistration) -> str:
    """The address in the mail."""
    return link(public_url, "quick-registration", sibling_token(secret, bytes(registration.nonce)))


def quick_registration_state(ctx: Context, registration: QuickRegistration) -> InvitationState:
    """The state that counts now."""
    return compute_invitation_state(registration.state, registration.valid_until, now=ctx.now)


@command(
    permission=Permission.ACCOUNTS_REGISTER_SIBLING,
    refuses=(ErrorCode.CONTACT_NOT_BOUND,),
    emits=("quick_registration.sent",),
    step_up=StepUp.ALWAYS,
    step_up_prefers=Channel.SMS,  # the link proves the mailbox
)
async def start_quick_registration(ctx: Context) -> QuickRegistration:
    """Mails your main account a link with which your company gets a further account, within 24 hours and once.

    Always needs a code, which goes to the mobile number where there is one: the link goes by mail. A link sent
    before opens no more. Without an e-mail address the link can go nowhere.
    """
    account = await Account.filter(id=ctx.actor.account_id).select_for_update(no_key=True).get()
    if account.email is None:
        details = {"channel": Channel.EMAIL.value}
        raise refuse(ErrorCode.CONTACT_NOT_BOUND, rule="accounts.quick_registration", parameters=details)
    last = await QuickRegistration.get_or_none(account_id=account.id, state=InvitationState.ACTIVE)
    if last is not None:
        await last.change(now=ctx.now, state=INVITATION.after(last.state, "revoke"))
    nonce = new_salt()
    registration = await QuickRegistration.insert(
        now=ctx.now,
        account_id=account.id,
        nonce=nonce,
        token_digest=digest(sibling_token(ctx.secret, nonce)),
        valid_until=compute_quick_registration_end(ctx.now, policy=ctx.policy),
        state=InvitationState.ACTIVE,
    )
    ctx.enqueue(
        SIBLING_TOPIC,
        str(registration.id),
        max_attempts=SEND_ATTEMPTS,
        expires_in=(registration.valid_until - ctx.now).total_seconds(),
        registration_id=str(registration.id),
    )
    ctx.event("quick_registration.sent", registration)
    ctx.effect("quick_registration.sent", registration)
    return registration


@command(
    permission=Permission.ACCOUNTS_SIGN_UP,
    refuses=(*SIGN_UP_REFUSALS, ErrorCode.LINK_INVALID, ErrorCode.LINK_USED, ErrorCode.LINK_EXPIRED),
    emits=("account.signed_up", "quick_registration.used"),
    as_system=True,
    secret=prepare_sign_up,
)
async def complete_quick_registration(
    ctx: Context, *, token: str, verification_id: UUID, code: str, password: str, terms_version: str | None
) -> SignedIn:
    """Makes a further account of a main account's company by the link it was sent, and signs it in.

    It needs a contact that no account has, proven by a code of scene SIGN_UP. It carries the company's name and its
    passed real name, so that its application for admission leads to the same company. The main account is told.
    """
    opened = await _open(ctx, token)
    if opened is None:
        require(check_link(None, now=ctx.now))
        raise AssertionError("a missing link is always refused")
    registration, main, company = opened
    require(check_link(Link(registration.state, registration.valid_until), now=ctx.now))
    account = await register(
        ctx, AccountKind.ENTERPRISE, password=password, full_name=company.name, terms_version=terms_version
    )
    await _name_company(ctx, account, company)
    await registration.change(now=ctx.now, state=INVITATION.after(registration.state, "use"), used_by=account.id)
    ctx.event("quick_registration.used", registration, partner_id=main.partner_id, account_id=str(account.id))
    ctx.effect("quick_registration.used", registration)
    ctx.notify("quick_registration_used", main, about=registration)
    return await open_session(ctx, account)


async def _open(ctx: Context, token: str) -> tuple[QuickRegistration, Account, Company] | None:
    """The link, locked, with whose it is; None for one that never was, or whose main account is no more, or for a code
    of the other site.
    """
    if kind_of(token) is not TokenKind.INVITATION:
        return None
    registration = await QuickRegistration.filter(token_digest=digest(token)).select_for_update().first()
    if registration is None:
        return None
    main = await Account.get(id=registration.account_id)
    tried = ctx.verdict.tried.row
    if main.status is not AccountStatus.ACTIVE or (tried is not None and tried.site != Site(main.site)):
        return None
    partner = await Partner.get(id=main.partner_id)
    return registration, main, await Company.get(id=partner.company_id)


async def _name_company(ctx: Context, account: Account, company: Company) -> None:
    """The real name that the company's main account has passed is its further account's too."""
    await RealNameCase.insert(
        now=ctx.now,
        account_id=account.id,
        kind=RealNameKind.ENTERPRISE,
        legal_name=company.name,
        document_number=company.credit_code,
        state=RealNameState.PASSED,
        decided_at=ctx.now,
    )
    await account.change(now=ctx.now, real_name_kind=RealNameKind.ENTERPRISE, real_name_state=RealNameState.PASSED)
