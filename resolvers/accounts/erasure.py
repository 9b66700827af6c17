"""What is erased when the time of a closed account is over: whatever tells who somebody was and how to reach them.

The ledger, events and the audit trail name accounts by their ids alone and stay; so do opportunities and agreements,
without the people and addresses in them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from models.accounts import Account, ContactChange, RealNameCase, Session
from models.business_info import BankLetter, BusinessInfoForm
from models.capabilities import CapabilityApplication, CapabilityAssessment
from models.customers import Customer, CustomerReport
from models.experts import ExpertIncentive
from models.funds import MdfCase
from models.inbox import RecordedMessage
from models.messages import Message, MessageContact, MessageRecipient
from models.opportunities import Opportunity
from models.partners import CompanyChange, CompanyProfile, Partner
from models.plans import DeclaredRelation, PlanAgreement, PlanMembership, RelationDeclaration
from models.resellers import ResellerApplication, ResellerInvitation, ResellerLink
from models.reviews import ReviewCase
from models.solutions import Solution
from models.specialists import (
    SpecialistApplication,
    SpecialistBinding,
    SpecialistCancellation,
    SpecialistCertificate,
    SpecialistInvitation,
    SpecialistProfile,
    SpecialistProject,
    SpecialistTraining,
)
from models.uploads import Upload
from models.verifications import Verification
from resolvers import feeds, uploads
from resolvers.accounts.real_name import withdraw_real_names
from resolvers.business_info import records as business_info
from resolvers.context import Context
from rules.accounts import AccountStatus
from rules.customers import INVITATION, InvitationState
from rules.uploads import UploadState

_ERASED: dict[str, Any] = {
    "status": AccountStatus.DELETED,
    "name": None,
    "full_name": "",
    "position": None,
    "mobile": None,
    "email": None,
    "password_hash": None,
    "former_hashes": [],
    "locale": None,
    "time_zone": None,
    "retained_until": None,
}
_NO_CONTACT: dict[str, Any] = {"mobile": None, "email": None}
_NO_CUSTOMER_CONTACT: dict[str, Any] = dict.fromkeys(
    (
        "contact_name",
        "contact_title",
        "contact_mobile",
        "contact_email",
        "partner_contact_name",
        "partner_contact_mobile",
        "partner_contact_email",
    )
)
_NO_BUSINESS_CONTACT: dict[str, Any] = {"contact_name": None, "contact_mobile": None, "contact_email": None}
_NO_PROFILE: dict[str, Any] = {
    "full_name": "",
    "position": None,
    "employer": None,
    "cloud_since": None,
    "base_location": None,
    "document": None,
    **_NO_CONTACT,
}
_NO_COMPANY: dict[str, Any] = {"contacts": [], "legal_representative": None, "licence": None}
_NO_APPLICATION: dict[str, Any] = {"project_detail": "", "customer_account": "", "communication_log": ""}
_NO_PROOFS: dict[str, Any] = {"employment_proofs": [], "insurance_proofs": [], "acceptance_proofs": []}
_NO_PLAN: dict[str, Any] = {
    **dict.fromkeys(("name", "audience", "department", "late_reason", "name_key", "audience_key", "place_key"), ""),
    **{key: [] for key in ("events", "budget", "findings")},
    "claim": None,
}
_WORDLESS: dict[str, Any] = {"names": {}, "instants": {}, "facts": {}}


async def erase(ctx: Context, accounts: Sequence[Account], partner: Partner | None) -> None:
    """Erases the personal data of these locked accounts, and the contacts that a partner's distributor has of it."""
    ids = [account.id for account in accounts]
    await _erase_letters(accounts, partner)
    await _erase_invitations(accounts, partner)
    await _erase_reports(accounts)
    await withdraw_real_names(ctx, accounts)
    for account in accounts:
        await account.change(now=ctx.now, **_ERASED)
    kept = [UploadState.EXPIRED, UploadState.ERASED]
    files = Upload.filter(account_id__in=ids).exclude(state__in=kept)
    await uploads.end_uploads(ctx, await files.select_for_update().order_by("id"))
    await RealNameCase.filter(account_id__in=ids).update(legal_name="", document_number="", files=[], reason=None)
    await ReviewCase.filter(account_id__in=ids, reason__isnull=False).update(reason="")
    await Customer.filter(account_id__in=ids).update(name="", **_NO_CONTACT)
    await Upload.filter(account_id__in=ids).update(file_name="")
    await Session.filter(account_id__in=ids).delete()
    await ContactChange.filter(account_id__in=ids).delete()
    await Message.filter(account_id__in=ids).update(parameters=_WORDLESS)
    await MessageRecipient.filter(account_id__in=ids).delete()
    await _erase_persons(ids)
    await _erase_cancellations(ctx, ids, partner)
    if partner is not None:
        await _erase_contacts(ctx, partner)
        await feeds.end_feeds(ctx, partner)
        await _erase_business_info(ctx, partner)
        await ResellerLink.filter(reseller_id=partner.id).update(**_NO_CONTACT)
        await ResellerApplication.filter(partner_id=partner.id).update(**_NO_CONTACT)
        await CompanyProfile.filter(main_partner_id=partner.id).update(**_NO_COMPANY)
        await CompanyChange.filter(partner_id=partner.id).update(before={}, after={}, earlier=[])
        await CompanyChange.filter(partner_id=partner.id, reason__isnull=False).update(reason="")
        await ReviewCase.filter(partner_id=partner.id, reason__isnull=False).update(reason="")
        await Opportunity.filter(partner_id=partner.id).update(**_NO_CUSTOMER_CONTACT)
        for signed in (PlanMembership, PlanAgreement):
            await signed.filter(partner_id=partner.id).update(signed_address=None)
        await RelationDeclaration.filter(partner_id=partner.id).update(declared_address=None)
        await Solution.filter(partner_id=partner.id).update(contact_name="", contact_mobile="", contact_email="")
        await DeclaredRelation.filter(partner_id=partner.id).update(person_name="", vendor_person_name="")
        await _erase_labels(partner)
        await ExpertIncentive.filter(partner_id=partner.id).update(**_NO_PROOFS)
        await MdfCase.filter(partner_id=partner.id).update(**_NO_PLAN)
        await SpecialistApplication.filter(partner_id=partner.id).update(documents=[])


async def _erase_labels(partner: Partner) -> None:
    """What the partner handed in for labels, and what others said of that."""
    await CapabilityApplication.filter(partner_id=partner.id).update(self_check="", evidence=[])
    await CapabilityAssessment.filter(partner_id=partner.id, statement__isnull=False).update(statement="")


async def _erase_persons(ids: Sequence[UUID]) -> None:
    """What these people have told and what was written of them; to whom they were bound, and how long, stays, and so
    does what they said as assessors: it is the vendor's.
    """
    await CapabilityAssessment.filter(assessor_id__in=ids).update(masked_name="")
    await SpecialistProfile.filter(account_id__in=ids).update(**_NO_PROFILE)
    for told in (SpecialistCertificate, SpecialistTraining, SpecialistProject):
        await told.filter(account_id__in=ids).delete()
    await SpecialistInvitation.filter(account_id__in=ids).update(masked_name="")
    bindings = SpecialistBinding.filter(account_id__in=ids)
    await bindings.update(masked_name="", consent_address=None, reason=None)
    await bindings.filter(unbind_wish__isnull=False).update(unbind_wish="")
    await SpecialistApplication.filter(account_id__in=ids).update(base_location="", documents=[])
    await SpecialistCancellation.filter(account_id__in=ids).update(reason="")


async def _erase_cancellations(ctx: Context, ids: Sequence[UUID], partner: Partner | None) -> None:
    """The names of the files by which these people, or people of the partner's, were cancelled."""
    about = Q(account_id__in=ids)
    if partner is not None:
        about |= Q(partner_id=partner.id)
    named = SpecialistCancellation.filter(about, document__isnull=False)
    for row in await named.select_for_update().order_by("id"):
        await row.change(now=ctx.now, document={**(row.document or {}), "name": ""})


async def _erase_reports(accounts: Sequence[Account]) -> None:
    """What partners have written down about these people; what became of each report stays."""
    customers = await Customer.filter(account_id__in=[account.id for account in accounts])
    about = Q(customer_id__in=[customer.id for customer in customers])
    for account in accounts:
        if account.mobile is not None:
            about |= Q(site=account.site, mobile=account.mobile)
        if account.email is not None:
            about |= Q(site=account.site, email=account.email)
    rows = await CustomerReport.filter(about).select_for_update().order_by("id")
    reports = CustomerReport.filter(id__in=[row.id for row in rows])
    await reports.filter(expected_spend_minor__isnull=False).update(**_NO_APPLICATION)
    await reports.filter(reject_reason__isnull=False).update(reject_reason="")
    await reports.update(customer_name="", **_NO_CONTACT)


async def _erase_business_info(ctx: Context, partner: Partner) -> None:
    """Contacts and the account number; what is certified, or on its way there, is over with them."""
    await business_info.expire(ctx, partner.id)
    forms = BusinessInfoForm.filter(partner_id=partner.id)
    await forms.update(**_NO_BUSINESS_CONTACT)
    await forms.filter(account_sealed__isnull=False).update(account_sealed=b"", account_end="")
    for letter in await BankLetter.filter(partner_id=partner.id).select_for_update().order_by("id"):
        await letter.change(now=ctx.now, document={**letter.document, "name": ""})


async def _erase_invitations(accounts: Sequence[Account], partner: Partner | None) -> None:
    """The addresses to which distributors' links went; those that nobody has used lead nowhere any more. An address is
    that of one account on each site.
    """
    addresses = [account.email for account in accounts if account.email is not None]
    sites = {account.site for account in accounts}
    theirs = await ResellerInvitation.filter(email__in=addresses, distributor__site__in=sites).only("id")
    sent = ResellerInvitation.filter(id__in=[row.id for row in theirs])
    await sent.filter(state=InvitationState.ACTIVE).update(state=INVITATION.after(InvitationState.ACTIVE, "revoke"))
    await sent.update(email="")
    if partner is not None:
        await ResellerInvitation.filter(used_by=partner.id).update(email="")


async def _erase_contacts(ctx: Context, partner: Partner) -> None:
    """People without an account whom the partner has told of."""
    await MessageRecipient.filter(partner_id=partner.id).delete()
    for contact in await MessageContact.filter(partner_id=partner.id):
        await contact.delete()
        ctx.event("message_contact.removed", contact, partner_id=partner.id)


async def _erase_letters(accounts: Sequence[Account], partner: Partner | None) -> None:
    """Codes and recorded mails to contacts that the accounts have, had, or wanted, and to people they have told of."""
    ids = [account.id for account in accounts]
    had: list[Any] = await ContactChange.filter(account_id__in=ids).values_list("previous", flat=True)
    sent: list[Any] = await Verification.filter(account_id__in=ids).values_list("target", flat=True)
    people: list[Account | MessageContact] = [*accounts]
    if partner is not None:
        people += await MessageContact.filter(partner_id=partner.id)
    known = [one for row in people for one in (row.mobile, row.email) if one is not None]
    contacts = {*had, *known, *(target for target in sent if target)}
    nowhere: dict[str, Any] = {"target": "", "address_block": None}
    await Verification.filter(account_id__in=ids).update(**nowhere)
    for site in {account.site for account in accounts}:
        await Verification.filter(site=site, target__in=contacts, account_id__isnull=True).update(**nowhere)
    await RecordedMessage.filter(recipient__in=contacts).delete()
