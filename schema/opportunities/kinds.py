"""The enums of opportunities as the API shows them."""

import strawberry

from rules.opportunities import (
    CloudService,
    DuplicateMatch,
    Industry,
    OfferingKind,
    OfferingLead,
    OfficeDuty,
    OpportunityState,
    OpportunityWarning,
    PreSalesActivity,
    ProgressKind,
    Side,
    SupportNeed,
    Track,
    UpdateKind,
    VerdictReason,
)

strawberry.enum(CloudService, description="A family of the vendor's cloud services.")
strawberry.enum(DuplicateMatch, description="By what two opportunities are about the same customer.")
strawberry.enum(Industry, description="The final customer's line of business.")
strawberry.enum(OfferingKind, description="Which list makes an offering count.")
strawberry.enum(OfferingLead, description="Whose an offering is.")
strawberry.enum(OfficeDuty, description="What somebody does at a representative office.")
strawberry.enum(OpportunityState, description="Where an opportunity stands.")
strawberry.enum(
    OpportunityWarning,
    name="OpportunityWarningCode",
    description="What does not stand in the way of an opportunity but may cost the partner.",
)
strawberry.enum(PreSalesActivity, description="What the partner has already done with the customer.")
strawberry.enum(ProgressKind, description="What people add to the timeline themselves.")
strawberry.enum(Side, name="OpportunitySide", description="Who wrote an entry of the timeline.")
strawberry.enum(SupportNeed, description="What a partner asks of the vendor.")
strawberry.enum(Track, description="The field of technology of an offering, and so of a need.")
strawberry.enum(UpdateKind, name="OpportunityUpdateKind", description="What an entry of the timeline says.")
strawberry.enum(VerdictReason, description="Why an opportunity was rejected.")
