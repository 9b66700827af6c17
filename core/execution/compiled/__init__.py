"""Executes GraphQL operations by functions compiled from them; graphql-core is the reference and the way out.

Knows nothing of any application: see README.md.
"""

from core.execution.compiled.builder import ObjectBuilder
from core.execution.compiled.fields import Field
from core.execution.compiled.leaves import WRITES
from core.execution.compiled.plan import (
    MOST_ERRORS,
    Plan,
    Plans,
    Shelf,
    compile_operation,
    execute_compiled,
    remembering,
)
from core.execution.compiled.selection import NotCompiled, directive_variables
from core.execution.compiled.values import BY_CLASS

__all__ = [
    "BY_CLASS",
    "MOST_ERRORS",
    "WRITES",
    "Field",
    "NotCompiled",
    "ObjectBuilder",
    "Plan",
    "Plans",
    "Shelf",
    "compile_operation",
    "directive_variables",
    "execute_compiled",
    "remembering",
]
