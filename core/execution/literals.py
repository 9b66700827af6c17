"""A validation rule: literals are held to what request bodies are, before any scalar sees them."""

from typing import Any

from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode
from graphql.validation import ASTValidationRule

_INTEGER_DIGITS = 20
_INFINITIES = (float("inf"), float("-inf"))


class SafeLiterals(ASTValidationRule):
    """Refuses numbers that no 64-bit integer or double holds, and texts with a NUL, which no database stores."""

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        """Called by the visitor."""
        if len(node.value) > _INTEGER_DIGITS:
            self.report_error(GraphQLError("The integer is out of range.", node))

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> None:
        """Called by the visitor."""
        if float(node.value) in _INFINITIES:
            self.report_error(GraphQLError("The number is out of range.", node))

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Called by the visitor."""
        if "\x00" in node.value:
            self.report_error(GraphQLError("The text holds a NUL character.", node))
