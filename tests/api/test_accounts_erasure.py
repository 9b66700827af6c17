"""What is erased with a deleted account: a word that stands in every text about it is found nowhere afterwards."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from core import db
from core.ids import encode_id
from core.scope import EVERYTHING
from models.accounts import ContactChange
from models.business_info import BankLetter, BusinessInfoForm
from models.capabilities import CapabilityApplication, CapabilityAssessment
from models.customers import CustomerReport
from models.funds import MdfCase, MdfQuota
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
from rules.access import Role
from rules.capabilities import AssessmentState, CapabilityState
from rules.customers import CustomerFact, InvitationState
from rules.funds.kinds import MdfLine, MdfState
from rules.opportunities import OpportunityState
from rules.partners.companies import CompanyChangeState
from rules.paths import PathCode
from rules.plans import MembershipState, PlanCode
from rules.plans.relations import RelationKind
from rules.resellers import ApplicationStatus, LinkStatus
from rules.reviews import ReviewKind, ReviewState
from rules.sites import Site
from rules.solutions import SolutionForm, SolutionKind, SolutionState
from rules.specialists import BindingState, SpecialistInvitationState
from rules.specialists.profile import Position
from rules.uploads import ReadingState, UploadPurpose, UploadState
from rules.verifications import Channel
from tests import business_info, development, world
from tests.api.closing_cases import nothing_left
from tests.api.contact_cases import update
from tests.api.test_accounts_closing import purge
from tests.client import Api, codes
from tests.factories import Admitted, admitted_partner, key

WORD = "Xanthippe"
CONTACT = {"mobile": WORD, "email": WORD}


async def due(api: Api, account_id: Any) -> None:
    """An account whose time after its closing is over."""
    await update(account_id, status="CLOSED_RETAINED", retained_until=api.clock())


async def invited(api: Api, by: UUID, email: str | None, state: InvitationState, **columns: Any) -> None:
    """A distributor's invitation to this address."""
    of = {"distributor_id": by, "created_by": by, "valid_until": api.clock() + timedelta(days=1), "state": state}
    nonce = secrets.token_bytes(16)
    await ResellerInvitation.insert(now=api.clock(), **of, email=email, nonce=nonce, token_digest=nonce, **columns)


async def assessed(api: Api, partner_id: UUID, assessor_id: UUID, **columns: Any) -> None:
    """A partner's application for a label, and what somebody said of it."""
    now = api.clock()
    told: dict[str, Any] = {"level1": "MIGRATION", "self_check": WORD, "evidence": [{"name": WORD}]}
    application = await CapabilityApplication.insert(
        now=now, partner_id=partner_id, state=CapabilityState.DRAFT, **told
    )
    said = {"state": AssessmentState.GIVEN, "favourable": True, "statement": "Seen.", "masked_name": "x", **columns}
    by = {"assessor_id": assessor_id, "asked_by": assessor_id, "partner_id": partner_id, "partner_name": "x"}
    await CapabilityAssessment.insert(
        now=now, application_id=application.id, level1="MIGRATION", due_at=now + timedelta(days=1), ended_at=now,
        **by, **said,
    )  # fmt: skip


async def told_of_a_partner(api: Api, partner: Admitted) -> None:
    """The word in everything that a partner tells of people."""
    now, partner_id = api.clock(), partner.partner_id
    other = await admitted_partner(api)
    async with db.transaction(EVERYTHING):
        company_id = (await Partner.get(id=partner_id)).company_id
        of: dict[str, Any] = {"partner_id": partner_id}
        profile = CompanyProfile.filter(main_partner_id=partner_id)
        await profile.update(contacts=[{"name": WORD}], legal_representative=WORD, licence={"name": WORD})
        await CompanyChange.insert(
            now=now, **of, company_id=company_id, state=CompanyChangeState.WITHDRAWN, submitted_by=partner_id,
            submitted_at=now, before={"address": WORD}, after={"address": WORD}, earlier=[{"after": WORD}],
            reason=WORD,
        )  # fmt: skip
        review = {"site": "CN", "subject_type": "x", "subject_id": partner_id, "submitted_at": now, "due_at": now}
        decided = {"state": ReviewState.REJECTED, "decided_at": now, "reason": WORD}
        await ReviewCase.insert(now=now, **of, kind=ReviewKind.COMPANY_CHANGE, round=1, **review, **decided)
        form = await BusinessInfoForm.insert(now=now, **of)
        await BankLetter.insert(now=now, **of, form_id=form.id, document={"name": WORD}, sent_by=partner_id)
        people = {f"{who}contact_{what}": WORD for who in ("", "partner_") for what in ("name", "mobile", "email")}
        await Opportunity.insert(
            now=now, **of, site="CN", created_by=partner_id, owner_user_id=partner_id, state=OpportunityState.DRAFT,
            contact_title=WORD, **people,
        )  # fmt: skip
        await Solution.insert(
            now=now, **of, company_id=company_id, kind=SolutionKind.CLOUD_SOFTWARE, state=SolutionState.DRAFT,
            form=SolutionForm.APPLICATION_SOFTWARE, name="x", description="x", industry="x",
            contact_name=WORD, contact_mobile=WORD, contact_email=WORD,
        )  # fmt: skip
        declared = await RelationDeclaration.create(
            **of, declared_by=partner_id, declared_at=now, valid_until=now + timedelta(days=1), relation_count=1,
            declared_address=WORD,
        )  # fmt: skip
        await DeclaredRelation.create(
            **of, declaration_id=declared.id, kind=RelationKind.SPOUSE, person_name=WORD, person_position="x",
            vendor_person_name=WORD, vendor_department="x",
        )  # fmt: skip
        await assessed(api, partner_id, other.main.account_id, statement=WORD)
        quota = await MdfQuota.insert(now=now, **of, line=MdfLine.SI, year=2026, currency="CNY", granted=0)
        told = dict.fromkeys(("name", "audience", "department", "late_reason", "name_key", "audience_key"), WORD)
        lists = {key: [{"name": WORD}] for key in ("events", "budget", "findings")}
        await MdfCase.insert(
            now=now, **of, quota_id=quota.id, state=MdfState.DRAFT, currency="CNY", planned=0, fund_planned=0, **told,
            **lists, place_key=WORD, claim={"summary": WORD},
        )  # fmt: skip
        membership = await PlanMembership.insert(
            now=now, **of, plan=PlanCode.RESELLER, state=MembershipState.EXITED, joined_at=now, agreement_version="1",
            signed_address=WORD,
        )  # fmt: skip
        signed: dict[str, Any] = {
            "plan": PlanCode.RESELLER,
            "agreement_version": "1",
            "signed_by": partner_id,
            "signed_at": now,
        }
        await PlanAgreement.create(**of, membership_id=membership.id, **signed, signed_address=WORD)
        await invited(api, other.partner_id, WORD, InvitationState.USED, used_by=partner_id)
        joined = {"distributor_id": other.partner_id, "membership_id": membership.id, "company_name": "x", **CONTACT}
        application = await ResellerApplication.insert(
            now=now, **of, **joined, status=ApplicationStatus.VENDOR_REVIEW, applied_at=now
        )
        ended: dict[str, Any] = {"status": LinkStatus.ENDED, "began_at": now, "exiting_at": now, "ended_at": now}
        came = {"reseller_id": partner_id, "application_id": application.id}
        await ResellerLink.insert(now=now, **joined, **came, **ended, exit_reason="x")


async def told_of_a_person(api: Api, account_id: Any) -> None:
    """The word in everything that a person tells of itself, and that a partner it was bound to wrote of it."""
    now, day = api.clock(), api.clock().date()
    partner_id = (await admitted_partner(api)).partner_id
    await update(account_id, position=WORD, time_zone=WORD)
    async with db.transaction(EVERYTHING):
        of: dict[str, Any] = {"account_id": account_id}
        await ContactChange.create(**of, channel=Channel.EMAIL, previous=WORD, created_at=now)
        await Upload.insert(
            now=now, **of, file_name=WORD, media_type="image/png", size=1, sha256="0" * 64, state=UploadState.CLEAN,
            received_at=now, used_at=now, expires_at=now, purpose=UploadPurpose.LICENCE, reading=ReadingState.READ,
            licence_name=WORD, licence_credit_code=WORD, licence_legal_representative=WORD, licence_address=WORD,
        )  # fmt: skip
        profile = await SpecialistProfile.insert(
            now=now,
            **of,
            full_name=WORD,
            **CONTACT,
            position=Position.SALES_ENGINEER,
            employer=WORD,
            cloud_since=day,
            base_location=WORD,
            document={"name": WORD},
        )
        of["profile_id"] = profile.id
        await SpecialistCertificate.insert(now=now, **of, kind="x", number=WORD, issued_on=day)
        await SpecialistTraining.insert(now=now, **of, name=WORD, provider="x", completed_on=day, hours=1)
        await SpecialistProject.insert(now=now, **of, name=WORD, duty="x", description=WORD, began_on=day)
        with_partner = {"partner_id": partner_id, "partner_name": "x", "account_id": account_id, "masked_name": WORD}
        invitation = await SpecialistInvitation.insert(
            now=now, **with_partner, invited_by=partner_id, nonce=b"x", token_digest=b"x", sent_at=now, sent_count=1,
            sent_on=day, sent_that_day=1, valid_until=now + timedelta(days=7), answered_at=now,
            state=SpecialistInvitationState.ACCEPTED,
        )  # fmt: skip
        binding = await SpecialistBinding.insert(
            now=now, **with_partner, profile_id=profile.id, invitation_id=invitation.id, state=BindingState.UNBOUND,
            bound_at=now, statement_version="1.0", consent_address=WORD, unbind_requested_at=now, unbind_wish=WORD,
            unbound_at=now, unbound_by=partner_id, reason=WORD,
        )  # fmt: skip
        by = {"partner_id": partner_id, "account_id": account_id, "binding_id": binding.id}
        papers = {"base_location": WORD, "documents": [{"name": WORD}]}
        await SpecialistApplication.insert(now=now, **by, **papers, path=PathCode.SI, applied_by=partner_id)
        await assessed(api, partner_id, account_id, masked_name=WORD)
        await CapabilityApplication.filter(partner_id=partner_id).update(self_check="x", evidence=[])
        await SpecialistCancellation.insert(
            now=now, **by, by_vendor=False, reason=WORD, requested_by=partner_id, document={"name": WORD}
        )


async def test_nothing_of_what_a_partner_has_told_is_left(api: Api) -> None:
    partner = await admitted_partner(api)
    await told_of_a_partner(api, partner)
    await told_of_a_person(api, partner.main.account_id)
    await due(api, partner.main.account_id)
    assert await purge(api) == 1
    await nothing_left(api, {WORD})
    # What the person said as an assessor is the vendor's, what was said of the partner goes with it.
    rows = await api.rows("select statement from capability_assessment order by id")
    assert [row["statement"] for row in rows] == ["", "Seen."]


async def test_the_files_of_a_partner_are_named_nowhere_when_it_goes_before_its_people(api: Api) -> None:
    person = await world.person(api)
    await told_of_a_person(api, person.id)
    [partner] = await api.rows(
        "select p.id, p.main_account_id from specialist_cancellation join partner p on p.id = partner_id"
    )
    await due(api, partner["main_account_id"])
    assert await purge(api) == 1
    for table, column in (("specialist_application", "documents"), ("specialist_cancellation", "document")):
        assert WORD not in await api.value(f"select {column}::text from {table}")
    assert await api.value("select reason from specialist_cancellation") == WORD


async def test_links_to_its_address_lead_nowhere(api: Api) -> None:
    distributor, leaving = await admitted_partner(api), [await admitted_partner(api) for _ in range(2)]
    async with db.transaction(EVERYTHING):
        for one in leaving:
            await invited(api, distributor.partner_id, one.main.email, InvitationState.ACTIVE)
        await invited(api, distributor.partner_id, "somebody@else.example", InvitationState.ACTIVE)
    for one in leaving:
        await due(api, one.main.account_id)
    assert await purge(api) == 2
    rows = await api.rows("select email, state from reseller_invitation order by email")
    expected = [("", "REVOKED"), ("", "REVOKED"), ("somebody@else.example", "ACTIVE")]
    assert [(row["email"], row["state"]) for row in rows] == expected


class TestBusinessInfo:
    async def test_what_waits_for_an_amount_is_over_and_nobody_is_told(self, api: Api) -> None:
        on = await world.world(api)
        record = await business_info.submitted(api, on)
        await due(api, on.main.id)
        assert await purge(api) == 1
        assert (await business_info.record_of(api, on))["state"] == "EXPIRED_BY_CHANGE"
        assert await api.value("select state from micro_deposit") == "CANCELLED"
        assert await api.value("select count(*) from message where template = 'business_info_expired'") == 0
        assert await api.value("select count(*) from event where type = 'business_info.expired'") == 1
        vendor = await business_info.staff(api, Role.VENDOR_OPS)
        given = {"id": record["id"], "signingEntity": "SOFTWARE_CN", "currency": "CNY", "idempotencyKey": key()}
        assert codes(await vendor.do("changeSigningEntity", "__typename", **given)) == ["STATE_CONFLICT"]

    async def test_what_is_locked_is_not_unlocked_any_more(self, api: Api) -> None:
        on = await world.world(api)
        record_id = await business_info.locked(api, on)
        await due(api, on.main.id)
        assert await purge(api) == 1
        vendor = await business_info.staff(api, Role.VENDOR_OPS)
        given = {"id": record_id, "reason": "It may try again.", "idempotencyKey": key()}
        assert codes(await vendor.do("unlockBusinessInfo", "__typename", **given)) == ["STATE_CONFLICT"]
        await api.deliver()
        assert await api.value("select count(*) from outbox where state = 'dead'") == 0

    async def test_what_was_sent_for_and_not_made_is_revealed_no_more(self, api: Api) -> None:
        on = await world.world(api)
        business_info.entered(api)
        await business_info.submitted(api, on)
        await due(api, on.main.id)
        assert await purge(api) == 1
        finance = await business_info.staff(api, Role.VENDOR_FINANCE)
        deposit = encode_id("mdp", await api.value("select id from micro_deposit"))
        assert codes(await finance.do("revealMicroDeposit", "__typename", id=deposit)) == ["STATE_CONFLICT"]


class TestReports:
    async def test_what_partners_wrote_about_it_goes_and_what_became_of_it_stays(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer, bystander = await world.person(api), await world.person(api)
        await development.record_facts(api, customer, CustomerFact.ONLINE_SALES_TEAM)
        words = {"customerName": WORD, "projectDetail": WORD, "customerAccount": WORD, "communicationLog": WORD}
        applied = await development.apply(main.client, development.of(customer), **words)
        assert codes(applied) == []
        rejected = await development.decide(api, applied["report"]["id"], approve=False, reason=WORD)
        assert codes(rejected) == []
        other = await development.report(main.client, development.of(bystander), customerName="Bystander")
        assert codes(other) == []
        stay = "select id, status, partner_id, created_at, expected_spend_minor from customer_report order by id"
        before = await api.rows(stay)

        await due(api, customer.id)
        assert await purge(api) == 1

        reports = (
            "select customer_name, mobile, email, communication_log, reject_reason from customer_report order by id"
        )
        gone, kept = await api.rows(reports)
        assert list(gone.values()) == ["", None, None, "", ""]
        assert (kept["customer_name"], kept["mobile"], kept["email"]) == (
            "Bystander",
            bystander.mobile,
            bystander.email,
        )
        assert await api.rows(stay) == before
        shown = await main.client.send("{ customerReports { nodes { customerName mobile email status } } }")
        assert [one["customerName"] for one in shown.data["customerReports"]["nodes"]] == ["B***", "****"]

    async def test_two_open_ones_and_one_found_by_the_customer_alone(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        associated = await development.associated_customer(api, main)
        async with db.transaction(EVERYTHING):
            await CustomerReport.all().update(mobile=None, email="other@mail.example")
        people = [await world.person(api), await world.person(api)]
        for who in people:
            assert codes(await development.report(main.client, development.of(who))) == []
        async with db.transaction(EVERYTHING):
            await CustomerReport.filter(email=people[0].email).update(email=None)
            await CustomerReport.filter(email=people[1].email).update(mobile=None)
        for account_id in (associated.id, *(who.id for who in people)):
            await due(api, account_id)
        assert await purge(api) == 3
        assert await api.rows("select distinct customer_name, mobile, email from customer_report") == [
            {"customer_name": "", "mobile": None, "email": None}
        ]

    async def test_the_same_number_on_the_other_site_is_somebody_else(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        who = await world.person(api)
        assert codes(await development.report(main.client, development.of(who), customerName="Abroad")) == []
        async with db.transaction(EVERYTHING):
            await CustomerReport.all().update(site=Site.INTL)
        await due(api, who.id)
        assert await purge(api) == 1
        assert await api.value("select customer_name from customer_report") == "Abroad"


async def test_a_link_of_the_other_site_is_somebody_elses(api: Api) -> None:
    one, abroad = await admitted_partner(api), await world.admitted_partner(api, site=Site.INTL)
    async with db.transaction(EVERYTHING):
        await invited(api, abroad[0], one.main.email, InvitationState.ACTIVE)
    await due(api, one.main.account_id)

    assert await purge(api) == 1

    [kept] = await api.rows("select email, state from reseller_invitation")
    assert kept == {"email": one.main.email, "state": "ACTIVE"}
