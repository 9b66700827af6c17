"""What persons tell of themselves, as it is shown and as it is kept."""

from datetime import date
from typing import Any

import strawberry

from models.base import Mask
from models.specialists import SpecialistCertificate as CertificateRow
from models.specialists import SpecialistProject as ProjectRow
from models.specialists import SpecialistTraining as TrainingRow
from resolvers import specialists as use_cases
from rules.access import Permission
from rules.specialists import CERTIFICATES, CertificateIssuer, Position
from rules.specialists import CertificateKind as KindData
from schema.columns import looks_at
from schema.context import Info
from schema.documents import handed_in, proof
from schema.fields import HowMany, Payload, masked, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned

strawberry.enum(Position, name="SpecialistPosition", description="What somebody does for its employer.")
strawberry.enum(CertificateIssuer, description="Whose certificate it is.")

PROOF_READERS = (Permission.SPECIALISTS_APPLY, Permission.SPECIALISTS_DECIDE)
"""Who opens the files that show what persons tell: who hands them in for them, and who judges them."""

_NEWEST = {"first": HowMany(20, 100, "How many of the newest")}


@strawberry.type(description="A kind of certificate that persons can tell of.")
class CertificateKind:
    """The source object is a CertificateKind of the rules."""

    code: str = strawberry.field(description="Its stable code.")
    issuer: CertificateIssuer = strawberry.field(description="The vendor's, or somebody else's.")
    level: int = strawberry.field(description="1 associate, 2 professional, 3 expert; 0 where the issuer knows none.")

    @strawberry.field(description="Its name in the caller's language.")
    def title(self, info: Info) -> str:
        """The title from the catalogue."""
        kind: Any = self
        return _title(kind, info)


def _title(kind: KindData, info: Info) -> str:
    return kind.titles[info.context.ctx.locale]


@strawberry.type(description="A certificate of a person.")
class SpecialistCertificate(Versioned, Node, OfRow):
    """The source object is a SpecialistCertificate row."""

    kind: str = strawberry.field(description="Its code in the catalogue.")
    number = masked("number", Mask.IDENTIFIER, "The certificate's number.", seen_with=(Permission.SPECIALISTS_APPLY,))
    issued_on: date = strawberry.field(description="When it was issued.")
    expires_on: date | None = strawberry.field(description="The last day on which it is valid; null: for ever.")
    document = proof("document", "The file that shows it.", *PROOF_READERS)

    @strawberry.field(description="The kind's name in the caller's language.", metadata=looks_at("kind"))
    def title(self, info: Info) -> str:
        """The title from the catalogue."""
        return _title(CERTIFICATES[self.kind], info) if self.kind in CERTIFICATES else self.kind


@strawberry.type(description="A training that a person has completed.")
class SpecialistTraining(Versioned, Node, OfRow):
    """The source object is a SpecialistTraining row."""

    name: str = strawberry.field(description="What it was about.")
    provider: str = strawberry.field(description="Who gave it.")
    completed_on: date = strawberry.field(description="When it was completed.")
    hours: int = strawberry.field(description="How long it took.")


@strawberry.type(description="A project that a person has worked in.")
class SpecialistProject(Versioned, Node, OfRow):
    """The source object is a SpecialistProject row."""

    name: str = strawberry.field(description="What it is called.")
    duty: str = strawberry.field(description="What the person did in it.")
    description: str = strawberry.field(description="What it was about.")
    began_on: date = strawberry.field(description="Its first day.")
    ended_on: date | None = strawberry.field(description="Its last day; null while it goes on.")


@strawberry.type(description="What a personal account's holder tells of itself. A partner sees it while bound.")
class SpecialistProfile(Versioned, Node, OfRow):
    """The source object is a SpecialistProfile row."""

    full_name = masked("full_name", Mask.NAME, "How the person is called.", seen_with=(Permission.SPECIALISTS_APPLY,))
    mobile = masked("mobile", Mask.MOBILE, "Its mobile number.", seen_with=(Permission.SPECIALISTS_APPLY,))
    email = masked("email", Mask.EMAIL, "Its e-mail address.", seen_with=(Permission.SPECIALISTS_APPLY,))
    position: Position | None = strawberry.field(description="What it does for its present employer.")
    employer: str | None = strawberry.field(description="For whom it works now.")
    cloud_since: date | None = strawberry.field(description="Since when it works on the cloud.")
    base_location: str | None = strawberry.field(description="Where its social insurance is paid.")
    document = proof("document", "The file that shows the employment.", *PROOF_READERS)
    certificates = relation(
        use_cases.certificates_of,
        list[SpecialistCertificate],
        "Certificates, newest first.",
        arguments=_NEWEST,
        columns=("id",),
    )
    trainings = relation(
        use_cases.trainings_of,
        list[SpecialistTraining],
        "Trainings, newest first.",
        arguments=_NEWEST,
        columns=("id",),
    )
    projects = relation(
        use_cases.projects_of,
        list[SpecialistProject],
        "Projects, newest first.",
        arguments=_NEWEST,
        columns=("id",),
    )


@strawberry.input
class SaveSpecialistEmploymentInput(KeyedInput):
    """Present work."""

    position: Position = strawberry.field(description="What you do for your present employer.")
    employer: str = text("For whom you work now.", most=256)
    cloud_since: date = strawberry.field(description="Since when you work on the cloud.")
    base_location: str = text("Where your social insurance is paid.", most=100)
    document_id: strawberry.ID = handed_in("The file that shows the employment.", argument="upload_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SaveSpecialistCertificateInput(KeyedInput):
    """One certificate."""

    id: strawberry.ID | None = ref(
        CertificateRow, "The one to change; absent: one more.", argument="certificate_id", default=None
    )
    kind: str = text("Its code in the catalogue.", most=20)
    number: str = text("Its number.", most=64)
    issued_on: date = strawberry.field(description="When it was issued.")
    expires_on: date | None = strawberry.field(default=None, description="Its last day; absent: for ever.")
    document_id: strawberry.ID | None = handed_in("The file that shows it.", argument="upload_id", default=None)


@strawberry.input
class SaveSpecialistTrainingInput(KeyedInput):
    """One training."""

    id: strawberry.ID | None = ref(
        TrainingRow, "The one to change; absent: one more.", argument="training_id", default=None
    )
    name: str = text("What it was about.", most=200)
    provider: str = text("Who gave it.", most=200)
    completed_on: date = strawberry.field(description="When it was completed.")
    hours: int = strawberry.field(description="How long it took.")


@strawberry.input
class SaveSpecialistProjectInput(KeyedInput):
    """One project."""

    id: strawberry.ID | None = ref(
        ProjectRow, "The one to change; absent: one more.", argument="project_id", default=None
    )
    name: str = text("What it is called.", most=200)
    duty: str = text("What you did in it.", most=200)
    description: str = text("What it was about.", most=1000)
    began_on: date = strawberry.field(description="Its first day.")
    ended_on: date | None = strawberry.field(default=None, description="Its last day; absent while it goes on.")


@strawberry.input
class RemoveSpecialistCertificateInput(KeyedInput):
    """Which certificate goes."""

    id: strawberry.ID = ref(CertificateRow, "The certificate.", argument="certificate_id")


@strawberry.input
class RemoveSpecialistTrainingInput(KeyedInput):
    """Which training goes."""

    id: strawberry.ID = ref(TrainingRow, "The training.", argument="training_id")


@strawberry.input
class RemoveSpecialistProjectInput(KeyedInput):
    """Which project goes."""

    id: strawberry.ID = ref(ProjectRow, "The project.", argument="project_id")


@strawberry.type(description="The profile concerned.")
class SpecialistProfilePayload(Payload):
    """The source object is a SpecialistProfile."""

    profile: SpecialistProfile | None = strawberry.field(description="The profile as it stands now.")


@strawberry.type(description="The certificate concerned.")
class SpecialistCertificatePayload(Payload):
    """The source object is a SpecialistCertificate."""

    certificate: SpecialistCertificate | None = strawberry.field(description="The certificate as it stands now.")


@strawberry.type(description="The training concerned.")
class SpecialistTrainingPayload(Payload):
    """The source object is a SpecialistTraining."""

    training: SpecialistTraining | None = strawberry.field(description="The training as it stands now.")


@strawberry.type(description="The project concerned.")
class SpecialistProjectPayload(Payload):
    """The source object is a SpecialistProject."""

    project: SpecialistProject | None = strawberry.field(description="The project as it stands now.")
