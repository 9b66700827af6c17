"""Why an incentive has its amount: everything it came from, in one form whose bytes can be made again at any time."""

import hashlib
import json
from dataclasses import dataclass

from rules.incentives.policies import Computation, IncentivePolicy
from rules.registry import rule


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an amount was computed from: the version of the policy, the final sheet by its digest, and the numbers."""

    policy: IncentivePolicy
    period: str
    currency: str
    sheet_digest: bytes
    line_count: int
    computed: Computation

    def canonical(self) -> bytes:
        """The same bytes whenever the same facts are explained."""
        step = self.computed.step
        facts = {
            "policy": self.policy.id,
            "version": self.policy.version,
            "site": self.policy.site.value,
            "period": self.period,
            "association_type": self.policy.association_type.value,
            "currency": self.currency,
            "sheet": self.sheet_digest.hex(),
            "lines": self.line_count,
            "base": self.computed.base,
            "threshold": self.computed.threshold,
            "step_from": None if step is None else step.start,
            "rate": f"{self.computed.rate:.8f}",
            "amount": self.computed.amount,
        }
        return json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()


@rule("incentives.explanation", "B 16.2")
def compute_digest(explanation: Explanation) -> bytes:
    """SHA-256 of the explanation: stored with the incentive, and found again by whoever computes it anew."""
    return hashlib.sha256(explanation.canonical()).digest()
