"""stub"""

import strawberry

from models.base import Mask
from schema.fields import masked
from schema.nodes import Node, OfRow, Versioned


@strawberry.type(description="A customer.")
class Customer(Versioned, Node, OfRow):
    name = masked("name", Mask.NAME, "Name.")
    mobile = masked("mobile", Mask.MOBILE, "M.")
    email = masked("email", Mask.EMAIL, "E.")
