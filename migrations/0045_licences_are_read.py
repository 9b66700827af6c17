from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from enum import IntEnum, StrEnum


class ReadingState(StrEnum):
    WAITING = "WAITING"
    READ = "READ"
    NOT_READ = "NOT_READ"
    FAILED = "FAILED"
    OFF = "OFF"


class UploadPurpose(StrEnum):
    LICENCE = "LICENCE"


class Migration(migrations.Migration):
    dependencies = [("models", "0044_bank_transfers_are_kept_with_a_code")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Upload",
            name="licence_address",
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddField(
            model_name="Upload",
            name="licence_credit_code",
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddField(
            model_name="Upload",
            name="licence_legal_representative",
            field=fields.CharField(null=True, max_length=128),
        ),
        ops.AddField(
            model_name="Upload",
            name="licence_name",
            field=fields.CharField(null=True, max_length=256),
        ),
        ops.AddField(
            model_name="Upload",
            name="purpose",
            field=fields.CharEnumField(
                null=True, description="LICENCE: LICENCE", enum_type=UploadPurpose, max_length=20
            ),
        ),
        ops.AddField(
            model_name="Upload",
            name="reading",
            field=fields.CharEnumField(
                null=True,
                description="WAITING: WAITING\nREAD: READ\nNOT_READ: NOT_READ\nFAILED: FAILED\nOFF: OFF",
                enum_type=ReadingState,
                max_length=20,
            ),
        ),
        ops.AddConstraint(
            model_name="Upload",
            constraint=CheckConstraint(
                check="reading IS NULL OR (purpose IS NOT NULL AND state NOT IN ('EXPIRED','ERASED'))",
                name="upload_reading_of_what_is_kept",
            ),
        ),
        ops.AddConstraint(
            model_name="Upload",
            constraint=CheckConstraint(
                check="(reading IS NOT NULL AND reading = 'READ') = (COALESCE(licence_name, licence_credit_code, licence_legal_representative, licence_address) IS NOT NULL)",
                name="upload_read_what",
            ),
        ),
    ]
