"""What a business licence says, as far as a company's form asks for it, and what of it a form is suggested."""

from dataclasses import asdict, dataclass

from rules.credit_codes import CREDIT_CODE_LENGTH
from rules.partners import COMPANY_NAME_LENGTH, normalise_credit_code
from rules.partners.companies import ADDRESS_LENGTH, LEGAL_REPRESENTATIVE_LENGTH
from rules.registry import rule
from rules.sites import Site

_LENGTHS = {
    "name": COMPANY_NAME_LENGTH,
    "credit_code": CREDIT_CODE_LENGTH,
    "legal_representative": LEGAL_REPRESENTATIVE_LENGTH,
    "address": ADDRESS_LENGTH,
}


@dataclass(frozen=True, slots=True, repr=False)
class Licence:
    """What was read from a licence; None for what was not. `repr` shows nothing of it."""

    name: str | None = None
    credit_code: str | None = None
    legal_representative: str | None = None
    address: str | None = None

    def __repr__(self) -> str:
        return f"Licence({', '.join(name for name, value in asdict(self).items() if value is not None)})"


@rule("partners.licence_read", "A 5.1")
def compute_suggestion(read: Licence, site: Site) -> Licence | None:
    """What the form is suggested: of each piece what its field would take, on one line; None where nothing is left.

    A credit code that the site cannot have issued was misread: better none than one that looks right.
    """
    pieces = {name: _fitting(value, _LENGTHS[name]) for name, value in asdict(read).items()}
    code = normalise_credit_code(pieces["credit_code"] or "", site)
    pieces["credit_code"] = code if isinstance(code, str) else None
    return Licence(**pieces) if any(pieces.values()) else None


def _fitting(value: str | None, most: int) -> str | None:
    text = " ".join((value or "").split())
    return text if text.isprintable() and 0 < len(text) <= most else None
