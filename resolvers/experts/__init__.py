"""The incentive of partners' experts: schemes, qualification, persons, and the list of each month."""

from resolvers.experts.confirming import answer_expert_dispute, confirm_expert_incentive, dispute_expert_incentive
from resolvers.experts.entering import enter_expert, remove_expert
from resolvers.experts.generating import due_generations, generate_expert_incentive, request_expert_incentive
from resolvers.experts.lasting import (
    expire_expert_incentive,
    lists_to_remind,
    overdue_lists,
    provisional_lists,
    remind_of_expert_incentive,
    settle_list_deadline,
)
from resolvers.experts.materials import submit_expert_materials
from resolvers.experts.paying import closable_lists, close_expert_incentive, request_expert_payout
from resolvers.experts.qualifying import apply_for_expert_scheme
from resolvers.experts.reading import (
    SchemeOffer,
    actions_of,
    bindings_of,
    expert_actions,
    expert_incentives,
    expert_qualifications,
    expert_schemes,
    experts,
    experts_of,
    lines_of,
    lists_of_payouts,
    partners_of,
    payouts_of,
    standing_of,
)
from resolvers.experts.scope import visible

__all__ = [
    "SchemeOffer",
    "actions_of",
    "answer_expert_dispute",
    "apply_for_expert_scheme",
    "bindings_of",
    "closable_lists",
    "close_expert_incentive",
    "confirm_expert_incentive",
    "dispute_expert_incentive",
    "due_generations",
    "enter_expert",
    "expert_actions",
    "expert_incentives",
    "expert_qualifications",
    "expert_schemes",
    "experts",
    "experts_of",
    "expire_expert_incentive",
    "generate_expert_incentive",
    "lines_of",
    "lists_of_payouts",
    "lists_to_remind",
    "overdue_lists",
    "partners_of",
    "payouts_of",
    "provisional_lists",
    "remind_of_expert_incentive",
    "remove_expert",
    "request_expert_incentive",
    "request_expert_payout",
    "settle_list_deadline",
    "standing_of",
    "submit_expert_materials",
    "visible",
]
