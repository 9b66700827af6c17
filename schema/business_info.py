"""GraphQL of business information: what is on record about a partner, and the vendor's entry."""

from datetime import datetime

import strawberry

from models.partners import Partner as PartnerRow
from resolvers import business_info
from rules.business_info import TaxpayerType
from schema.fields import Payload, mutation
from schema.inputs import KeyedInput, ref
from schema.nodes import Node, OfRow, Versioned

strawberry.enum(TaxpayerType, description="As what a company of the mainland pays value-added tax.")


@strawberry.type(description="What is on record about a partner's business information.")
class BusinessInfo(Versioned, Node, OfRow):
    """The source object is a BusinessInfo row."""

    certified: bool = strawberry.field(description="Whether it is certified; payouts ask for it.")
    taxpayer_type: TaxpayerType | None = strawberry.field(description="As what the partner pays taxes; null on INTL.")
    since: datetime = strawberry.field(description="Since when it has been on record like this.")


@strawberry.input
class RecordBusinessInfoInput(KeyedInput):
    """What the vendor has found out about a partner."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    certified: bool = strawberry.field(description="Whether its business information is certified.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        default=None, description="As what it pays taxes; required to certify on CN."
    )
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The record concerned.")
class BusinessInfoPayload(Payload):
    """The source object is a BusinessInfo."""

    business_info: BusinessInfo | None = strawberry.field(description="The record as it stands now.")


@strawberry.type
class BusinessInfoMutations:
    """Root mutations of this domain."""

    record_business_info = mutation(business_info.record_business_info, RecordBusinessInfoInput, BusinessInfoPayload)
