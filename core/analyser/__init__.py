"""Says what a GraphQL document would cost before any of it runs, in one pass whatever its fragments do."""

from core.analyser.limits import BadDocument, Cost, Limits, PathCost, TooExpensive
from core.analyser.operations import OperationAnalysis, analyse
from core.analyser.terms import Price

__all__ = ["BadDocument", "Cost", "Limits", "OperationAnalysis", "PathCost", "Price", "TooExpensive", "analyse"]
