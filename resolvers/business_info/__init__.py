"""Business information: the partner's form, the proof of its bank account, its certification, and what gates ask."""

from resolvers.business_info.checking import check_business_info, due_checks
from resolvers.business_info.deposits import (
    PAY_ATTEMPTS,
    TOPIC,
    DepositOrder,
    confirm_micro_deposit,
    order_of,
    record_micro_deposit,
    report_missing_micro_deposit,
    reveal_micro_deposit,
    unlock_business_info,
)
from resolvers.business_info.entities import change_signing_entity, signing_entity_of
from resolvers.business_info.forms import save_business_info, submit_business_info
from resolvers.business_info.lateness import late_records, warn_of_late_record
from resolvers.business_info.letters import letter_template
from resolvers.business_info.reads import (
    FormOptions,
    actions_of,
    bank_branches,
    business_info_options,
    business_infos,
    deposits_of,
    drafts_of,
    forms_of,
    letters_of,
    micro_deposits,
    of_partners,
    partners_of,
)
from resolvers.business_info.records import (
    certified_among,
    expire_by_change,
    is_certified,
    is_under_way,
    open_business_info,
    record_business_info,
)
from resolvers.business_info.reviewing import submit_bank_letter
from resolvers.business_info.suppliers import import_suppliers, remove_supplier, save_supplier, supplier

__all__ = [
    "PAY_ATTEMPTS",
    "TOPIC",
    "DepositOrder",
    "FormOptions",
    "actions_of",
    "bank_branches",
    "business_info_options",
    "business_infos",
    "certified_among",
    "change_signing_entity",
    "check_business_info",
    "confirm_micro_deposit",
    "deposits_of",
    "drafts_of",
    "due_checks",
    "expire_by_change",
    "forms_of",
    "import_suppliers",
    "is_certified",
    "is_under_way",
    "late_records",
    "letter_template",
    "letters_of",
    "micro_deposits",
    "of_partners",
    "open_business_info",
    "order_of",
    "partners_of",
    "record_business_info",
    "record_micro_deposit",
    "remove_supplier",
    "report_missing_micro_deposit",
    "reveal_micro_deposit",
    "save_business_info",
    "save_supplier",
    "signing_entity_of",
    "submit_bank_letter",
    "submit_business_info",
    "supplier",
    "unlock_business_info",
    "warn_of_late_record",
]
