"""What the beginning, the end and the switch of an association bring about."""

from rules.associations.kinds import AssociationEffect, Purpose, RequestKind
from rules.customers import AssociationType
from rules.registry import rule
from rules.sites import Site

_REQUEST_PAGE = "https://support.huaweicloud.com/eu/usermanual-bpconsole/dp_050101.html"


@rule("associations.effects", "B 3.3, B 4.4", page=_REQUEST_PAGE)
def compute_effects(purpose: Purpose, type: AssociationType, *, site: Site) -> list[AssociationEffect]:
    """What an approved request brings about for an association of `type`, in the order in which it is done."""
    X = AssociationEffect
    resale = type is AssociationType.RESALE
    effects = [X.RECALL_VOUCHERS, *([X.RETURN_BALANCE] if resale else [])]
    if purpose.kind is RequestKind.SWITCH:
        gained = [] if purpose.target is None else compute_beginning(purpose.target, site=site)
        return [*effects, X.CHANGE_TYPE, *gained]
    if resale:
        effects += [X.LENGTHEN_GRACE_PERIOD, *([X.DELETE_BUDGET] if site is Site.INTL else [])]
    return [*effects, X.REVOKE_AUTHORISATION, X.END_ASSOCIATION]


def compute_beginning(type: AssociationType, *, site: Site) -> list[AssociationEffect]:
    """What an association of `type` brings about when it begins. B 3.3."""
    if type is AssociationType.REFERRAL:
        return []
    if site is Site.INTL:
        return [AssociationEffect.FREEZE_UNTIL_BUDGET, AssociationEffect.LENGTHEN_GRACE_PERIOD]
    return [AssociationEffect.TAKE_BACK_CREDIT, AssociationEffect.LENGTHEN_GRACE_PERIOD]
