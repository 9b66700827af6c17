"""Inputs about invitations and bindings of personal accounts."""

import strawberry

from models.accounts import Account as AccountRow
from models.specialists import SpecialistBinding as BindingRow
from models.specialists import SpecialistInvitation as InvitationRow
from schema.inputs import KeyedInput, SecretInput, ref, text


@strawberry.input
class InviteSpecialistInput(KeyedInput):
    """Which account is invited."""

    identifier: str = text("The account's mobile number, e-mail address or name.", most=64)
    account_id: strawberry.ID | None = ref(
        AccountRow, "The account meant, where several match.", argument="account_id", default=None
    )


@strawberry.input
class ResendSpecialistInvitationInput(KeyedInput):
    """Which invitation is sent again."""

    id: strawberry.ID = ref(InvitationRow, "The invitation.", argument="invitation_id")


@strawberry.input
class RevokeSpecialistInvitationInput(KeyedInput):
    """Which invitation is taken back."""

    id: strawberry.ID = ref(InvitationRow, "The invitation.", argument="invitation_id")


@strawberry.input
class AcceptSpecialistInvitationInput(SecretInput):
    """The link's token or the invitation, and the statement that is accepted."""

    token: str | None = text("The token, as it stands in the link.", most=100, default=None)
    id: strawberry.ID | None = ref(
        InvitationRow, "The invitation to you, instead of a token.", argument="invitation_id", default=None
    )
    statement_version: str | None = text(
        "Version of the statement on what is shared that you accept.", most=20, default=None
    )


@strawberry.input
class DeclineSpecialistInvitationInput(SecretInput):
    """The link's token or the invitation."""

    token: str | None = text("The token, as it stands in the link.", most=100, default=None)
    id: strawberry.ID | None = ref(
        InvitationRow, "The invitation to you, instead of a token.", argument="invitation_id", default=None
    )


@strawberry.input
class UnbindSpecialistInput(KeyedInput):
    """Whose binding ends."""

    id: strawberry.ID = ref(BindingRow, "The binding.", argument="binding_id")
    reason: str | None = text("Why; your partner alone reads it.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RequestSpecialistUnbindInput(KeyedInput):
    """Which binding is to end, and why."""

    id: strawberry.ID = ref(BindingRow, "Your binding.", argument="binding_id")
    reason: str = text("Why; the partner's administrators read it.", most=500)
