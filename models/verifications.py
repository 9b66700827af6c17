"""Verification codes and step-up challenges: one table, so that every send and every try is counted in one place."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Mask, Scoped
from rules.verifications import Channel, CodeState, Scene


class Verification(Entity):
    """One code sent (or pretended to be sent) to one target.

    The code itself is nowhere stored: it is derived from the installation's key, the row and `salt`, by the worker that
    sends it and by the try that compares it. `silent` rows are answered like any other but nothing useful is sent.
    A step-up challenge has `operation` and `fingerprint`; once verified it has a `proof` that works once.
    """

    prefix = "chl"
    scope = Scoped(account="account_id")
    masks = {"target": Mask.IDENTIFIER}

    site = fields.CharField(max_length=4)
    scene = fields.CharEnumField(Scene, max_length=30)
    channel = fields.CharEnumField(Channel, max_length=10)
    target = fields.CharField(max_length=64)
    locale = fields.CharField(max_length=10)
    state = fields.CharEnumField(CodeState, max_length=20)
    silent = fields.BooleanField(default=False, db_default=False)
    known = fields.BooleanField(default=False, db_default=False)
    salt = fields.BinaryField()
    tries = fields.IntField(default=0, db_default=0)
    max_tries = fields.IntField()
    expires_at = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True)
    account_id = fields.UUIDField(null=True)
    partner_id = fields.UUIDField(null=True)
    operation = fields.CharField(max_length=80, null=True)
    fingerprint: bytes | None = fields.BinaryField(null=True)
    proof_digest: bytes | None = fields.BinaryField(null=True)
    proof_expires_at: datetime | None = fields.DatetimeField(null=True)
    proof_used_at: datetime | None = fields.DatetimeField(null=True)
    address_block = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "verification"
        indexes = (
            Index(fields=("site", "target", "created_at"), name="verification_by_target"),
            Index(fields=("address_block", "created_at"), name="verification_by_address"),
            Index(fields=("partner_id", "created_at"), name="verification_by_partner"),
            Index(fields=("created_at",), name="verification_by_time"),
            Index(fields=("account_id", "fingerprint"), name="verification_challenge"),
        )
        constraints = (
            UniqueConstraint(fields=("proof_digest",), name="verification_proof_once"),
            CheckConstraint(check="tries <= max_tries", name="verification_tries_bounded"),
        )
