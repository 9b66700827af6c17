"""What the vendor has on record about a partner's business information; one current record each."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.base import Entity, Scoped
from models.partners import Partner
from rules.business_info import TaxpayerType
from rules.errors import ErrorCode

CONSTRAINTS = {"business_info_one_a_partner": ErrorCode.CONFLICT}


class BusinessInfo(Entity):
    """Whether a partner's business information is certified. `since` is when that was recorded last, with changes."""

    prefix = "biz"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="business_info", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    certified = fields.BooleanField()
    taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    since = fields.DatetimeField()
    recorded_by = fields.UUIDField()

    class Meta:
        table = "business_info"
        constraints = (UniqueConstraint(fields=("partner_id",), name="business_info_one_a_partner"),)
