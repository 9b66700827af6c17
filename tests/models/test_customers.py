"""What the database holds of customers, reports and associations where rules cannot see: time, races, other tenants."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core import db
from core.ids import uuid7
from core.scope import EVERYTHING, Scope
from core.urls import parse_url
from models import associations, customers
from models.accounts import Account
from models.associations import AssociationRequest, CustomerAssociation
from models.customers import AssociationAttempt, Customer, CustomerInvitation, CustomerReport
from models.guards import known_of_contact
from models.partners import Partner
from rules.accounts import AccountKind, AccountStatus
from rules.associations import AssociationSource, AssociationStatus, RequestInitiator, RequestKind, RequestStatus
from rules.customers import AssociationType, InvitationChannel, InvitationState, Prospect, ReportStatus
from rules.partners import AdmissionState
from tests.database import Database

NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
DAY, MILLISECOND = timedelta(days=1), timedelta(milliseconds=1)
MOBILE, EMAIL = "+8613812345678", "li.wei@example.com"

pytestmark = pytest.mark.usefixtures("pool", "database")


async def make_account(number: int, *, site: str = "CN", at: datetime = NOW, **values: Any) -> Account:
    given = {"mobile": f"+86139{number:08}", "email": f"a{number}@example.com", "kind": AccountKind.ENTERPRISE}
    return await Account.insert(now=at, site=site, full_name=f"Account {number}", **{**given, **values})


async def make_partner(number: int, **values: Any) -> Partner:
    account = await make_account(number)
    given = {"name": f"Partner {number}", "credit_code": f"code {number}", "admission_state": AdmissionState.SUBMITTED}
    return await Partner.insert(now=NOW, site="CN", main_account_id=account.id, applied_at=NOW, **{**given, **values})


async def make_report(partner: UUID, **values: Any) -> CustomerReport:
    given: dict[str, Any] = {
        "site": "CN",
        "status": ReportStatus.REPORTED,
        "mobile": MOBILE,
        "email": EMAIL,
        "reported_at": NOW,
        "valid_until": NOW + 15 * DAY,
        **values,
    }
    return await CustomerReport.insert(
        now=given["reported_at"] or NOW,
        partner_id=partner,
        created_by=uuid7(),
        customer_name="海云科技有限公司",
        send_invite=False,
        had_account=False,
        **given,
    )


APPLICATION: dict[str, Any] = {
    "status": ReportStatus.PENDING_REVIEW,
    "reported_at": None,
    "valid_until": None,
    "expected_spend_minor": 100,
    "expected_spend_currency": "CNY",
    "expected_months": 12,
    "project_detail": "detail",
    "customer_account": "haiyun",
    "communication_log": "log",
}


async def make_customer(number: int, **values: Any) -> Customer:
    account = await make_account(number)
    return await Customer.insert(
        now=NOW,
        **{"account_id": account.id, "site": "CN", "name": f"Customer {number}", "registered_at": NOW, **values},
    )


async def associate(customer: UUID, partner: UUID) -> CustomerAssociation:
    return await CustomerAssociation.insert(
        now=NOW,
        customer_id=customer,
        partner_id=partner,
        type=AssociationType.RESALE,
        status=AssociationStatus.ACTIVE,
        source=AssociationSource.REPORT,
        started_at=NOW,
    )


async def refused_by(writing: Awaitable[object]) -> str:
    """The constraint that refuses the write; the transaction goes on."""
    with pytest.raises(db.ConstraintViolated) as caught:
        async with db.savepoint():
            await writing
    return caught.value.name


async def test_a_live_report_keeps_other_partners_away_until_its_last_millisecond() -> None:
    async with db.transaction(EVERYTHING):
        first, second = await make_partner(1), await make_partner(2)
        report = await make_report(first.id)
        end = report.valid_until
        assert end is not None
        early = {"reported_at": end - MILLISECOND, "valid_until": end + 15 * DAY}
        assert await refused_by(make_report(second.id, email=None, **early)) == "customer_report_mobile_once"
        assert await refused_by(make_report(second.id, mobile=None, **early)) == "customer_report_email_once"
        await make_report(second.id, mobile="+8613700000000", email="other@example.com")
        await make_report(second.id, reported_at=end, valid_until=end + 15 * DAY)


@pytest.mark.parametrize("status", [ReportStatus.CANCELLED, ReportStatus.RELEASED, ReportStatus.EXPIRED])
async def test_a_report_that_has_ended_keeps_nobody_away(status: ReportStatus) -> None:
    async with db.transaction(EVERYTHING):
        first, second = await make_partner(1), await make_partner(2)
        await make_report(first.id, status=status)
        await make_report(second.id)


async def test_sites_and_missing_contacts_do_not_collide() -> None:
    async with db.transaction(EVERYTHING):
        first, second = await make_partner(1), await make_partner(2)
        await make_report(first.id)
        await make_report(second.id, site="INTL")
        await make_report(first.id, mobile=None, email="x@example.com")
        await make_report(first.id, mobile=None, email="y@example.com")


async def test_an_open_report_of_ones_own_is_refused_under_its_own_name() -> None:
    async with db.transaction(EVERYTHING):
        partner, other = await make_partner(1), await make_partner(2)
        await make_report(partner.id, **APPLICATION)
        assert await refused_by(make_report(partner.id, email=None)) == "customer_report_own_mobile_once"
        assert await refused_by(make_report(partner.id, mobile=None, **APPLICATION)) == "customer_report_own_email_once"
        await make_report(other.id)


async def test_a_lapsed_report_that_nobody_marked_is_no_obstacle_to_a_new_application() -> None:
    async with db.transaction(EVERYTHING):
        partner = await make_partner(1)
        await make_report(partner.id, reported_at=NOW - 15 * DAY, valid_until=NOW)
        await make_report(partner.id, **APPLICATION)


async def test_of_many_partners_at_once_one_gets_the_customer() -> None:
    async with db.transaction(EVERYTHING):
        partners = [(await make_partner(number)).id for number in range(20)]

    async def report(partner: UUID) -> str:
        try:
            async with db.transaction(Scope("partner", (partner,))):
                await make_report(partner)
        except db.ConstraintViolated as violated:
            return violated.name
        except db.Contended:
            return "contended"
        return "reported"

    async def insist(partner: UUID) -> str:
        return await db.retrying(lambda: report(partner))

    outcomes = await asyncio.gather(*(insist(partner) for partner in partners))
    assert outcomes.count("reported") == 1
    assert set(outcomes) <= {"reported", "contended", "customer_report_mobile_once", "customer_report_email_once"}
    async with db.read(EVERYTHING):
        assert await CustomerReport.all().count() == 1


async def make_invitation(partner: UUID, report: UUID | None, at: datetime, **values: Any) -> CustomerInvitation:
    online = report is not None
    given = {
        "channel": InvitationChannel.ONLINE_MAIL if online else InvitationChannel.OFFLINE_LINK,
        "state": InvitationState.ACTIVE,
        "valid_until": at + 7 * DAY if online else None,
        **values,
    }
    return await CustomerInvitation.insert(
        now=at,
        partner_id=partner,
        report_id=report,
        created_by=uuid7(),
        association_type=AssociationType.RESALE,
        nonce=b"nonce",
        token_digest=uuid7().bytes,
        **given,
    )


async def test_one_online_invitation_of_a_report_is_open_at_a_time() -> None:
    async with db.transaction(EVERYTHING):
        partner = await make_partner(1)
        report = await make_report(partner.id)
        first = await make_invitation(partner.id, report.id, NOW)
        late = NOW + 7 * DAY - MILLISECOND
        assert await refused_by(make_invitation(partner.id, report.id, late)) == "customer_invitation_one_online"
        await make_invitation(partner.id, report.id, NOW + 7 * DAY)
        await first.change(now=NOW, state=InvitationState.REVOKED)
        await make_invitation(partner.id, report.id, NOW)
        await make_invitation(partner.id, None, NOW)
        await make_invitation(partner.id, None, NOW)


async def test_a_customer_has_one_partner_and_follows_it() -> None:
    async with db.transaction(EVERYTHING):
        first, second = await make_partner(1), await make_partner(2)
        customer = await make_customer(3)
        link = await associate(customer.id, first.id)
        assert (await Customer.get(id=customer.id)).partner_id == first.id
        assert await refused_by(associate(customer.id, second.id)) == "customer_association_one_active"
        await link.change(now=NOW, status=AssociationStatus.ENDED, ended_at=NOW)
        assert (await Customer.get(id=customer.id)).partner_id is None
        await associate(customer.id, second.id)
        assert (await Customer.get(id=customer.id)).partner_id == second.id


async def test_either_side_can_end_an_association_in_its_own_scope() -> None:
    async with db.transaction(EVERYTHING):
        partner = await make_partner(1)
        customers_, links = [], []
        for number in (2, 3):
            customer = await make_customer(number)
            customers_.append(customer.id)
            links.append((await associate(customer.id, partner.id)).id)
    for link, scope in zip(links, (Scope("partner", (partner.id,)), Scope("customer", (customers_[1],))), strict=True):
        async with db.transaction(scope):
            row = await CustomerAssociation.get(id=link)
            await row.change(now=NOW, status=AssociationStatus.ENDED, ended_at=NOW)
    async with db.read(Scope("partner", (partner.id,))):
        assert await Customer.all().count() == 0
    async with db.read(EVERYTHING):
        assert await Customer.filter(partner_id=None).count() == 2


async def test_one_request_of_an_association_is_open() -> None:
    async with db.transaction(EVERYTHING):
        partner, customer = await make_partner(1), await make_customer(2)
        link = await associate(customer.id, partner.id)

        def request(**values: Any) -> Awaitable[AssociationRequest]:
            given = {"kind": RequestKind.UNBIND, "status": RequestStatus.PENDING_CUSTOMER, "reason": "why", **values}
            return AssociationRequest.insert(
                now=NOW,
                association_id=link.id,
                partner_id=partner.id,
                customer_id=customer.id,
                from_type=AssociationType.RESALE,
                requested_by=uuid7(),
                submitted_at=NOW,
                deadline=NOW + 30 * DAY,
                **{"initiator": RequestInitiator.PARTNER, "acknowledged": True, **given},
            )

        first = await request()
        leave = {"initiator": RequestInitiator.CUSTOMER, "status": RequestStatus.PENDING_PARTNER, "reason": None}
        assert await refused_by(request(**leave)) == "association_request_one_open"
        await first.change(now=NOW, status=RequestStatus.WITHDRAWN, processed_at=NOW)
        await request(**leave)


async def ask(partner: UUID, *, site: str = "CN", mobile: str | None = MOBILE, email: str | None = EMAIL) -> set[str]:
    """What the guard answers within the partner's own scope."""
    async with db.read(Scope("partner", (partner,))):
        known = await known_of_contact(
            site=site, mobile=mobile, email=email, partner_id=partner, now=NOW, aged_before=NOW - 7 * DAY
        )
    Prospect.of(known)
    return set(known)


async def test_the_guard_answers_what_holds_and_nothing_else() -> None:
    async with db.transaction(EVERYTHING):
        partner, other = await make_partner(1), await make_partner(2)
    assert await ask(partner.id) == set()
    async with db.transaction(EVERYTHING):
        account = await make_account(3, mobile=MOBILE, email=EMAIL, at=NOW - 7 * DAY)
    assert await ask(partner.id) == {"HAS_ACCOUNT"}, "seven days old is still new"
    assert await ask(partner.id, mobile=None) == {"HAS_ACCOUNT"}
    assert await ask(partner.id, mobile="+8613700000000", email=None) == set()
    async with db.transaction(EVERYTHING):
        await account.change(now=NOW, created_at=NOW - 7 * DAY - MILLISECOND)
    assert await ask(partner.id) == {"HAS_ACCOUNT", "AGED_ACCOUNT"}
    async with db.transaction(EVERYTHING):
        values = {"account_id": account.id, "site": "CN", "name": "x", "facts": ["ARREARS", "KEY_ACCOUNT"]}
        customer = await Customer.insert(now=NOW, registered_at=NOW, **values)
        await associate(customer.id, other.id)
        await make_report(other.id)
    assert await ask(partner.id) == {"HAS_ACCOUNT", "ARREARS", "KEY_ACCOUNT", "ASSOCIATED", "REPORTED_BY_OTHER"}
    assert await ask(other.id) == {"HAS_ACCOUNT", "ARREARS", "KEY_ACCOUNT", "ASSOCIATED"}
    async with db.read(Scope("partner", (partner.id,))):
        assert await Customer.all().count() == await CustomerReport.all().count() == 0


@pytest.mark.parametrize(
    ("end", "held"), [(NOW + MILLISECOND, {"REPORTED_BY_OTHER"}), (NOW, set())], ids=["in time", "over"]
)
async def test_the_guard_counts_a_report_until_its_last_millisecond(end: datetime, held: set[str]) -> None:
    async with db.transaction(EVERYTHING):
        partner, other = await make_partner(1), await make_partner(2)
        await make_report(other.id, reported_at=NOW - 15 * DAY, valid_until=end)
        await make_report(other.id, mobile="+8613700000000", email="x@example.com", **APPLICATION)
    assert await ask(partner.id) == held
    assert await ask(partner.id, site="INTL") == set()
    assert await ask(partner.id, mobile="+8613700000000", email="x@example.com") == set(), "in review holds nothing"


async def test_the_guard_knows_partners_members_and_the_other_site() -> None:
    async with db.transaction(EVERYTHING):
        asking, applicant = await make_partner(1), await make_partner(2)
        rejected = await make_partner(3, admission_state=AdmissionState.REJECTED, rejection_reason="why")
        await make_account(4, kind=AccountKind.IAM_USER, partner_id=applicant.id)
        await make_account(5, site="INTL", mobile=MOBILE)
        await make_account(6, status=AccountStatus.CLOSED_RETAINED)
    assert rejected.id
    partner, member = {"HAS_ACCOUNT", "IS_PARTNER"}, {"HAS_ACCOUNT", "IS_PARTNER"}
    assert await ask(asking.id, mobile="+8613900000002", email=None) == partner
    assert await ask(asking.id, mobile="+8613900000003", email=None) == {"HAS_ACCOUNT"}
    assert await ask(asking.id, mobile=None, email="a4@example.com") == member
    assert await ask(asking.id) == {"ON_OTHER_SITE"}
    assert await ask(asking.id, site="INTL") == {"HAS_ACCOUNT"}
    assert await ask(asking.id, email="a3@example.com") == {"HAS_ACCOUNT"}, (
        "with an account here the other does not count"
    )
    assert await ask(asking.id, mobile="+8613900000006", email="a6@example.com") == set()


async def test_every_declared_constraint_exists(database: Database) -> None:
    declared = {*customers.CONSTRAINTS, *associations.CONSTRAINTS, *(name for name, _ in customers.EXCLUSIONS)}
    models = (Customer, CustomerReport, CustomerInvitation, AssociationAttempt, CustomerAssociation, AssociationRequest)
    for model in models:
        declared |= {constraint.name for constraint in getattr(model._meta, "constraints", ())}
    query = "select conname from pg_constraint union select relname from pg_class where relkind = 'i'"
    present = {row["conname"] for row in await database.superuser.fetch(query)}
    assert declared - present == set()


async def test_nobody_but_the_application_may_ask(database: Database) -> None:
    query = (
        "select proname, prosecdef, proconfig::text as path,"
        " has_function_privilege('pg_monitor', oid, 'execute') as anybody"
        " from pg_proc where proname in ('guard_prospect', 'follow_association')"
    )
    rows = await database.superuser.fetch(query)
    assert len(rows) == 2
    for row in rows:
        assert (row["prosecdef"], row["anybody"]) == (True, False), row["proname"]
        assert "search_path=pg_catalog, public, pg_temp" in row["path"]


async def test_the_extension_belongs_to_a_schema_the_application_cannot_use(database: Database) -> None:
    connection = await asyncpg.connect(**parse_url(database.app_url))
    try:
        allowed = await connection.fetchval("select has_schema_privilege(current_user, 'extensions', 'usage')")
    finally:
        await connection.close()
    assert allowed is False
