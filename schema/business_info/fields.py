"""Root fields of business information."""

from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from resolvers import business_info
from resolvers.context import Context
from rules.business_info import BusinessInfoState, MicroDepositState
from schema.business_info import inputs
from schema.business_info.types import BankBranch, BusinessInfo, BusinessInfoOptions, MicroDeposit, Supplier
from schema.context import Info
from schema.fields import mutation, query
from schema.pages import connection

BankCode = Annotated[str, strawberry.argument(description="Code of the bank, from businessInfoOptions.")]
Part = Annotated[str, strawberry.argument(description="The beginning of the number, or a part of the name.")]
Reference = Annotated[str, strawberry.argument(description="The number that purchasing gives it.")]


@strawberry.type
class BusinessInfoQueries:
    """Root reads of this domain."""

    @connection(business_info.business_infos, BusinessInfo)
    def business_infos(self, ctx: Context, state: BusinessInfoState | None = None) -> QuerySet[Any]:
        """Where partners' business information stands; a partner sees its own alone."""
        return business_info.business_infos(ctx, state=state)

    @connection(business_info.micro_deposits, MicroDeposit)
    def micro_deposits(self, ctx: Context, state: MicroDepositState | None = None) -> QuerySet[Any]:
        """Micro-deposits, newest first; those in REQUESTED are still to be paid."""
        return business_info.micro_deposits(ctx, state=state)

    @query(business_info.business_info_options)
    async def business_info_options(self, info: Info) -> BusinessInfoOptions:
        """The signing entities of your site, the banks to choose from, and the privacy statement to accept."""
        return await business_info.business_info_options(info.context.ctx)  # type: ignore[return-value]

    @query(business_info.bank_branches)
    async def bank_branches(self, info: Info, bank_code: BankCode, part: Part = "") -> list[BankBranch]:
        """Branches of a bank of the list, at most 50; one that is not listed is typed."""
        ctx = info.context.ctx
        return await business_info.bank_branches(ctx, bank_code=bank_code, part=part)  # type: ignore[return-value]

    @query(business_info.supplier)
    async def supplier(self, info: Info, reference: Reference) -> Supplier | None:
        """A supplier of your site by the number that purchasing gives it; null for none."""
        return await business_info.supplier(info.context.ctx, reference=reference)  # type: ignore[return-value]


@strawberry.type
class BusinessInfoMutations:
    """Root mutations of this domain."""

    record_business_info = mutation(
        business_info.record_business_info, inputs.RecordBusinessInfoInput, inputs.BusinessInfoPayload
    )
    change_signing_entity = mutation(
        business_info.change_signing_entity, inputs.ChangeSigningEntityInput, inputs.BusinessInfoPayload
    )
    save_business_info = mutation(
        business_info.save_business_info, inputs.SaveBusinessInfoInput, inputs.BusinessInfoFormPayload
    )
    submit_business_info = mutation(
        business_info.submit_business_info, inputs.SubmitBusinessInfoInput, inputs.BusinessInfoPayload
    )
    confirm_micro_deposit = mutation(
        business_info.confirm_micro_deposit, inputs.ConfirmMicroDepositInput, inputs.BusinessInfoPayload
    )
    report_missing_micro_deposit = mutation(
        business_info.report_missing_micro_deposit, inputs.ReportMissingMicroDepositInput, inputs.BusinessInfoPayload
    )
    record_micro_deposit = mutation(
        business_info.record_micro_deposit, inputs.RecordMicroDepositInput, inputs.MicroDepositPayload
    )
    reveal_micro_deposit = mutation(
        business_info.reveal_micro_deposit, inputs.RevealMicroDepositInput, inputs.MicroDepositOrderPayload
    )
    unlock_business_info = mutation(
        business_info.unlock_business_info, inputs.UnlockBusinessInfoInput, inputs.BusinessInfoPayload
    )
    open_business_info = mutation(
        business_info.open_business_info, inputs.OpenBusinessInfoInput, inputs.BusinessInfoPayload
    )
    submit_bank_letter = mutation(
        business_info.submit_bank_letter, inputs.SubmitBankLetterInput, inputs.BusinessInfoPayload
    )
    save_supplier = mutation(business_info.save_supplier, inputs.SaveSupplierInput, inputs.SupplierPayload)
    import_suppliers = mutation(
        business_info.import_suppliers, inputs.ImportSuppliersInput, inputs.ImportSuppliersPayload
    )
    remove_supplier = mutation(business_info.remove_supplier, inputs.RemoveSupplierInput, inputs.SupplierPayload)
