"""A partner's organisation: its members, their roles, preset and custom, and whether they may work."""

from resolvers.members.directing import assign_director, directors_of
from resolvers.members.managing import (
    add_member,
    change_member_roles,
    member_actions_of,
    remove_member,
    set_member_status,
)
from resolvers.members.passwords import reset_member_password
from resolvers.members.profile import customer_contacts_of, set_customer_contact, update_profile
from resolvers.members.revealing import reveal_member
from resolvers.members.roles import (
    add_role,
    change_role,
    custom_roles_of,
    delete_role,
    granted_by,
    permission_items,
    role_actions_of,
    roles,
)
from resolvers.members.scope import members

__all__ = [
    "add_member",
    "add_role",
    "assign_director",
    "change_member_roles",
    "change_role",
    "custom_roles_of",
    "customer_contacts_of",
    "delete_role",
    "directors_of",
    "granted_by",
    "member_actions_of",
    "members",
    "permission_items",
    "remove_member",
    "reset_member_password",
    "reveal_member",
    "role_actions_of",
    "roles",
    "set_customer_contact",
    "set_member_status",
    "update_profile",
]
