"""GraphQL of project specialists: employees' personal accounts, their invitations and bindings."""

from schema.specialists.fields import SpecialistMutations, SpecialistQueries

__all__ = ["SpecialistMutations", "SpecialistQueries"]
