"""The enums of customer development as the API shows them."""

from enum import StrEnum

import strawberry

from rules.customers import (
    AssociationType,
    AttemptState,
    CustomerFact,
    FailureAdvice,
    FailureCause,
    InvitationChannel,
    ReportStatus,
    ReviewReason,
)


class ReportNextStep(StrEnum):
    """What the partner does after reportCustomer."""

    REVIEW_REQUIRED = "REVIEW_REQUIRED"
    INVITE_CUSTOMER = "INVITE_CUSTOMER"


strawberry.enum(AssociationType, description="How a customer buys through its partner.")
strawberry.enum(AttemptState, name="AssociationAttemptState", description="How an attempt to associate ended.")
strawberry.enum(CustomerFact, description="What the vendor records about a customer because a rule asks for it.")
strawberry.enum(FailureAdvice, description="What a partner can do about a failed association.")
strawberry.enum(FailureCause, description="Why an attempt to associate failed.")
strawberry.enum(InvitationChannel, description="How an invitation reaches the customer.")
strawberry.enum(ReportStatus, name="CustomerReportStatus", description="Where a report stands.")
strawberry.enum(ReviewReason, description="Why a customer can be reported only after a manual review.")
strawberry.enum(
    ReportNextStep,
    description="REVIEW_REQUIRED: apply with applyForReportReview. INVITE_CUSTOMER: invite when you are ready.",
)
