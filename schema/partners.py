"""stub"""

import strawberry

from schema.nodes import Node, OfRow, Versioned


@strawberry.type(description="A partner.")
class Partner(Versioned, Node, OfRow):
    name: str = strawberry.field(description="Name.")
