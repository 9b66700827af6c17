"""Numbers of the rule book that operations changed, per site and date, over the shipped ones."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Scoped


class PolicyValue(Entity):
    """From `effective_on` the parameter `key` has `value` on `site`."""

    prefix = "pol"
    scope = Scoped(public=True)

    site = fields.CharField(max_length=4)
    key = fields.CharField(max_length=80)
    effective_on = fields.DateField()
    value = fields.JSONField[object]()

    class Meta:
        table = "policy_value"
        constraints = (
            UniqueConstraint(fields=("site", "key", "effective_on"), name="policy_value_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="policy_value_site"),
        )
