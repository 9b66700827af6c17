"""A partner, its people and a customer, set up in the tables at once: the stage of tests about what they do next."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from models.accounts import Account
from models.associations import CustomerAssociation
from models.customers import Customer
from models.partners import Company, Partner
from resolvers.accounts.sessions import open_session
from resolvers.system import system_context
from rules.access import Role
from rules.accounts import AccountKind, RealNameKind, RealNameState
from rules.associations import AssociationSource, AssociationStatus
from rules.customers import AssociationType, CustomerFact
from rules.partners import AdmissionState, PartnerKind
from rules.sites import Site
from tests.client import Api, Client

_numbers = iter(range(1, 10**7))


@dataclass(frozen=True)
class Person:
    """An account with a session."""

    id: UUID
    client: Client
    mobile: str
    email: str


@dataclass(frozen=True)
class World:
    """A partner with its main account and one member without rights, and an associated customer."""

    partner_id: UUID
    association_id: UUID
    customer_id: UUID
    main: Person
    member: Person
    customer: Person

    @property
    def customer_gid(self) -> str:
        """The customer's public id."""
        return encode_id("cus", self.customer_id)


async def person(api: Api, site: Site = Site.CN, **columns: Any) -> Person:
    """A signed-in account with mobile and e-mail."""
    number = next(_numbers)
    mobile, email = f"+86136{number:08d}", f"stage{number}@example.com"
    values = {
        "site": site,
        "kind": AccountKind.ENTERPRISE,
        "full_name": f"Company {number}",
        "mobile": mobile,
        "email": email,
        "real_name_state": RealNameState.PASSED,
        "real_name_kind": RealNameKind.ENTERPRISE,
    }
    ctx = await system_context(api.settings, api.clock())
    async with db.transaction(EVERYTHING):
        account = await Account.insert(now=api.clock(), **{**values, **columns})
        session = await open_session(ctx, account)
    return Person(account.id, api.anonymous.as_(session.access_token), mobile, email)


async def admitted_partner(
    api: Api, site: Site = Site.CN, kind: PartnerKind | None = PartnerKind.SOLUTION_PROVIDER, **columns: Any
) -> tuple[UUID, Person]:
    """A partner in the network and its main account."""
    partner_id, name = uuid7(), f"Partner {next(_numbers)}"
    main = await person(api, site, partner_id=partner_id, is_main=True)
    async with db.transaction(EVERYTHING):
        company = await Company.insert(now=api.clock(), site=site, name=name, credit_code=f"REG-{partner_id.hex[-12:]}")
        await Partner.insert(
            now=api.clock(),
            id=partner_id,
            company_id=company.id,
            main_account_id=main.id,
            site=site,
            name=name,
            credit_code=company.credit_code,
            kind=kind,
            admission_state=AdmissionState.JOINED,
            applied_at=api.clock(),
            admitted_at=api.clock(),
            **columns,
        )
    return partner_id, main


async def member(api: Api, partner_id: UUID, *roles: Role, site: Site = Site.CN) -> Person:
    """A member of the partner with these roles."""
    number = next(_numbers)
    return await person(
        api,
        site,
        kind=AccountKind.IAM_USER,
        name=f"colleague{number}",
        partner_id=partner_id,
        roles=[role.value for role in roles],
    )


async def associated_customer(
    api: Api,
    partner_id: UUID,
    *,
    site: Site = Site.CN,
    type: AssociationType = AssociationType.RESALE,
    facts: tuple[CustomerFact, ...] = (),
) -> tuple[Person, UUID, UUID]:
    """A customer of the partner: its account, its id and the association's."""
    someone = await person(api, site)
    async with db.transaction(EVERYTHING):
        customer = await Customer.insert(
            now=api.clock(),
            account_id=someone.id,
            site=site,
            name=f"Customer {someone.mobile[-4:]}",
            mobile=someone.mobile,
            email=someone.email,
            registered_at=api.clock(),
            facts=[fact.value for fact in facts],
        )
        association = await CustomerAssociation.insert(
            now=api.clock(),
            customer_id=customer.id,
            partner_id=partner_id,
            type=type,
            status=AssociationStatus.ACTIVE,
            source=AssociationSource.REPORT,
            started_at=api.clock(),
        )
    return someone, customer.id, association.id


_IN_CHARGE = """
with taken as (
  update customer_association set account_manager_id = $1 where id = $2 returning id, partner_id, account_manager_id
)
insert into customer_assignment (id, association_id, partner_id, account_manager_id, started_at)
select gen_random_uuid(), id, partner_id, account_manager_id, $3 from taken
"""


async def put_in_charge(api: Api, manager_id: UUID, association_id: UUID) -> None:
    """From now on the customer is this account manager's."""
    await api.database.superuser.execute(_IN_CHARGE, manager_id, association_id, api.clock())


async def world(
    api: Api,
    *,
    site: Site = Site.CN,
    type: AssociationType = AssociationType.RESALE,
    facts: tuple[CustomerFact, ...] = (),
    **columns: Any,
) -> World:
    """The whole stage; `columns` are the partner's."""
    partner_id, main = await admitted_partner(api, site, **columns)
    clerk = await member(api, partner_id, Role.OPERATIONS, site=site)
    customer, customer_id, association_id = await associated_customer(
        api, partner_id, site=site, type=type, facts=facts
    )
    return World(partner_id, association_id, customer_id, main, clerk, customer)
