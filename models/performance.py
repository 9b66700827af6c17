"""A partner's performance month by month: the sheet, its lines with what counts and what not, questions about it."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Row, Scoped
from models.bills import ConsumptionLine
from models.partners import Partner
from rules.customers import AssociationType
from rules.incentives.performance import FeedbackStatus, SheetStatus


class PerformanceSheet(Entity):
    """What a partner's customers of one accounting month and currency amount to, in minor units.

    `digest` is the SHA-256 of its lines in canonical form, set when the month is closed; from then on nothing of the
    sheet changes but its status.
    """

    prefix = "prs"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="performance", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    site = fields.CharField(max_length=4)
    period = fields.CharField(max_length=7)
    currency = fields.CharField(max_length=3)
    status = fields.CharEnumField(SheetStatus, max_length=10)
    total = fields.BigIntField()
    line_count = fields.IntField()
    digest = fields.BinaryField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    audited_at: datetime | None = fields.DatetimeField(null=True)
    audited_by = fields.UUIDField(null=True)

    class Meta:
        table = "performance_sheet"
        indexes = (
            Index(fields=("site", "period", "status"), name="performance_sheet_by_month"),
            Index(fields=("status", "id"), name="performance_sheet_by_status"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "period", "currency"), name="performance_sheet_once"),
            CheckConstraint(
                check="num_nulls(digest, closed_at) = CASE WHEN status = 'ESTIMATE' THEN 2 ELSE 0 END",
                name="performance_sheet_closed_when",
            ),
            CheckConstraint(
                check="(status = 'FINAL') = (audited_at IS NOT NULL)", name="performance_sheet_audited_when"
            ),
        )


class PerformanceLine(Row):
    """What of one line of consumption counts: `amount`, and `left_out` by reason, all in minor units.

    Its UUID is that of the line of consumption.
    """

    prefix = "prl"
    scope = Scoped(partner="partner_id")

    sheet: fields.ForeignKeyRelation[PerformanceSheet] = fields.ForeignKeyField(
        "models.PerformanceSheet", related_name="lines", on_delete=fields.RESTRICT
    )
    sheet_id: UUID
    consumption_line: fields.ForeignKeyRelation[ConsumptionLine] = fields.ForeignKeyField(
        "models.ConsumptionLine", related_name="performance", on_delete=fields.RESTRICT
    )
    consumption_line_id: UUID
    partner_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    association_id = fields.UUIDField()
    association_type = fields.CharEnumField(AssociationType, max_length=10)
    product_code = fields.CharField(max_length=64)
    currency = fields.CharField(max_length=3)
    amount = fields.BigIntField()
    left_out: dict[str, int] = fields.JSONField[dict[str, int]](default=dict)
    paid_at = fields.DatetimeField()

    class Meta:
        table = "performance_line"
        indexes = (
            Index(fields=("sheet_id", "id"), name="performance_line_by_sheet"),
            Index(fields=("partner_id", "id"), name="performance_line_newest_of_partner"),
        )
        constraints = (UniqueConstraint(fields=("consumption_line_id",), name="performance_line_once"),)


class PerformanceFeedback(Entity):
    """A partner's question about a sheet or one of its lines, and the vendor's answer."""

    prefix = "pfb"
    scope = Scoped(partner="partner_id")

    sheet: fields.ForeignKeyRelation[PerformanceSheet] = fields.ForeignKeyField(
        "models.PerformanceSheet", related_name="feedback", on_delete=fields.RESTRICT, db_index=True
    )
    sheet_id: UUID
    line: fields.ForeignKeyNullableRelation[PerformanceLine] = fields.ForeignKeyField(
        "models.PerformanceLine", related_name="feedback", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    line_id: UUID | None
    partner_id = fields.UUIDField()
    status = fields.CharEnumField(FeedbackStatus, max_length=10)
    text = fields.CharField(max_length=500)
    asked_by = fields.UUIDField()
    answer = fields.CharField(max_length=500, null=True)
    answered_by = fields.UUIDField(null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "performance_feedback"
        indexes = (
            Index(fields=("partner_id", "id"), name="performance_feedback_by_partner"),
            Index(fields=("status", "id"), name="performance_feedback_by_status"),
        )
        constraints = (
            CheckConstraint(
                check="num_nulls(answer, answered_by, answered_at) = CASE WHEN status = 'OPEN' THEN 3 ELSE 0 END",
                name="performance_feedback_answered_whole",
            ),
        )


IMMUTABLE = (
    # A closed month never changes, whoever asks: what it was counted from, what was counted, and its record.
    """
    create or replace trigger consumption_line_unchanged before update or delete on consumption_line
      for each row execute function refuse_change()
    """,
    """
    create or replace function refuse_settled() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
    begin
      if exists (select from performance_sheet where id = old.sheet_id and status <> 'ESTIMATE') then
        raise exception 'the month is closed' using errcode = 'restrict_violation',
          constraint = 'performance_line_settled';
      end if;
      return case tg_op when 'DELETE' then old else new end;
    end $$
    """,
    "revoke all on function refuse_settled() from public",
    """
    create or replace trigger performance_line_settled before update or delete on performance_line
      for each row execute function refuse_settled()
    """,
    """
    create or replace trigger performance_sheet_settled before update on performance_sheet for each row
      when (old.status <> 'ESTIMATE' and (old.total, old.line_count, old.digest, old.closed_at, old.period,
            old.currency, old.partner_id) is distinct from (new.total, new.line_count, new.digest, new.closed_at,
            new.period, new.currency, new.partner_id))
      execute function refuse_change()
    """,
    """
    create or replace trigger accounting_month_settled before update on accounting_month for each row
      when (old.digest is not null) execute function refuse_change()
    """,
)
"""Triggers of what may not change once it is settled; applied with the policies of row-level security."""
