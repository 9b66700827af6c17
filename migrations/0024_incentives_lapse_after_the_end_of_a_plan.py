from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from enum import IntEnum, StrEnum


class IncentiveStatus(StrEnum):
    PENDING_CONFIRM = "PENDING_CONFIRM"
    CONFIRMED = "CONFIRMED"
    PAYING_OUT = "PAYING_OUT"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    LAPSED = "LAPSED"


class Posting(StrEnum):
    QUOTA_GRANT = "QUOTA_GRANT"
    QUOTA_ISSUE = "QUOTA_ISSUE"
    QUOTA_RECALL = "QUOTA_RECALL"
    QUOTA_EXPIRY = "QUOTA_EXPIRY"
    VOUCHER_ISSUE = "VOUCHER_ISSUE"
    VOUCHER_RECALL = "VOUCHER_RECALL"
    VOUCHER_USE = "VOUCHER_USE"
    VOUCHER_EXPIRY = "VOUCHER_EXPIRY"
    VOUCHER_REFUND = "VOUCHER_REFUND"
    INCENTIVE_CONFIRMATION = "INCENTIVE_CONFIRMATION"
    INCENTIVE_PAYOUT = "INCENTIVE_PAYOUT"
    INCENTIVE_NETTING = "INCENTIVE_NETTING"
    INCENTIVE_LAPSE = "INCENTIVE_LAPSE"
    SETTLEMENT = "SETTLEMENT"
    REVERSAL = "REVERSAL"


class Migration(migrations.Migration):
    dependencies = [("models", "0023_capability_labels")]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name="Incentive",
            name="incentive_of_partner_by_status",
            fields=None,
        ),
        ops.RemoveConstraint(
            model_name="Incentive",
            name="incentive_confirmed_when",
            fields=None,
        ),
        ops.AlterField(
            model_name="Incentive",
            name="status",
            field=fields.CharEnumField(
                description="PENDING_CONFIRM: PENDING_CONFIRM\nCONFIRMED: CONFIRMED\nPAYING_OUT: PAYING_OUT\nPAID: PAID\nEXPIRED: EXPIRED\nLAPSED: LAPSED",
                enum_type=IncentiveStatus,
                max_length=20,
            ),
        ),
        ops.AddField(
            model_name="Incentive",
            name="claim_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name="Incentive",
            index=Index(
                fields=["partner_id", "status", "id", "confirm_deadline", "claim_until", "amount"],
                name="incentive_of_partner_by_status",
            ),
        ),
        ops.AddIndex(
            model_name="Incentive",
            index=Index(fields=["status", "claim_until"], name="incentive_by_claim_end"),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(
                check="status = 'LAPSED' OR (status IN ('PENDING_CONFIRM','EXPIRED')) = (confirmed_at IS NULL)",
                name="incentive_confirmed_when",
            ),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(
                check="status <> 'LAPSED' OR claim_until IS NOT NULL", name="incentive_lapsed_when"
            ),
        ),
        ops.AlterField(
            model_name="LedgerEntry",
            name="kind",
            field=fields.CharEnumField(
                description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nINCENTIVE_NETTING: INCENTIVE_NETTING\nINCENTIVE_LAPSE: INCENTIVE_LAPSE\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                enum_type=Posting,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="LedgerTransaction",
            name="kind",
            field=fields.CharEnumField(
                description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nINCENTIVE_NETTING: INCENTIVE_NETTING\nINCENTIVE_LAPSE: INCENTIVE_LAPSE\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                enum_type=Posting,
                max_length=30,
            ),
        ),
    ]
