"""GraphQL of overdue bills, while which a partner's benefits are frozen."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from models.partners import Partner as PartnerRow
from resolvers.partners import benefits
from schema.columns import looks_at
from schema.fields import Payload, mutation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.scalars import Money, money

if TYPE_CHECKING:
    from schema.partners.fields import Partner

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners.fields")]


@strawberry.type(description="A bill that a partner has not paid in time.")
class OverdueBill(Versioned, Node, OfRow):
    """The source object is an OverdueBill row."""

    number: str = strawberry.field(description="The bill's number, unique on its site.")
    overdue_since: datetime = strawberry.field(description="From this instant on it is overdue.")
    cleared_at: datetime | None = strawberry.field(description="When it was found paid; null while it is not.")

    @strawberry.field(description="What is not paid.", metadata=looks_at("amount", "currency"))
    def amount(self) -> Money:
        """In the site's currency."""
        return money(self, "amount")


@strawberry.input(description="A bill that is not paid.")
class OverdueBillInput:
    """Handed to use cases as a GivenBill."""

    number: str = text("The bill's number.", most=64)
    amount: str = text("What is not paid: a decimal in the site's currency.", most=16)
    overdue_since: datetime = strawberry.field(description="From this instant on it is overdue.")


@strawberry.input
class RecordOverdueBillsInput(KeyedInput):
    """Bills of one partner."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    bills: list[OverdueBillInput] = strawberry.field(description="The bills, one to a hundred.")


@strawberry.input
class ClearOverdueBillsInput(KeyedInput):
    """Bills of one partner that it has paid."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    numbers: list[str] = text("The bills' numbers, one to a hundred; each", most=64)


@strawberry.type(description="The partner concerned.")
class PartnerBenefitsPayload(Payload):
    """The source object is a Partner."""

    partner: PartnerType | None = strawberry.field(description="The partner with its bills as they stand now.")


@strawberry.type
class BenefitMutations:
    """Root mutations of overdue bills."""

    record_overdue_bills = mutation(benefits.record_overdue_bills, RecordOverdueBillsInput, PartnerBenefitsPayload)
    clear_overdue_bills = mutation(benefits.clear_overdue_bills, ClearOverdueBillsInput, PartnerBenefitsPayload)
