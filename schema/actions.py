"""What may be done with an object now, and if not, why: one type for every object's actions."""

import strawberry

from schema.errors import UserError


@strawberry.type(description="One action: allowed now, or what stands in its way.")
class ActionState:
    """The source object is the resolvers' ActionState. It speaks of who, scope and state, not of input."""

    action: str = strawberry.field(description="The action's stable name, as REQUEST_UNBIND.")
    allowed: bool = strawberry.field(description="Whether the mutation would accept it (with proof where asked).")
    blockers: list[UserError] = strawberry.field(description="Every reason against it; empty when allowed.")
