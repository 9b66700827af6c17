"""The two executors that the conformance tests compare: graphql-core's own, and the one under test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    execute,
)
from graphql.type.directives import GraphQLDisableErrorPropagationDirective

from core.execution.compiled import Plans, execute_compiled


@dataclass(frozen=True, slots=True)
class Request:
    """One execution. `root` and `context` are called afresh for each executor: coroutines can be awaited once."""

    schema: GraphQLSchema
    document: DocumentNode
    root: Callable[[], Any] = field(default=lambda: None)
    context: Callable[[], Any] = field(default=lambda: None)
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    hide_suggestions: bool = False
    plans: Plans | None = None
    """Plans that the executor under test made for this document before."""

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments that both executors take."""
        return {
            "root_value": self.root(),
            "context_value": self.context(),
            "variable_values": self.variables,
            "operation_name": self.operation_name,
            "hide_suggestions": self.hide_suggestions,
        }


async def by_core(request: Request) -> ExecutionResult:
    """What graphql-core answers; what it raises instead, as with `@defer`, stands in an answer without data."""
    try:
        result = execute(request.schema, request.document, **request.arguments())
        return result if isinstance(result, ExecutionResult) else await result
    except GraphQLError as error:
        return ExecutionResult(None, [error])


async def possible_errors(request: Request) -> Sequence[GraphQLError]:
    """Every error that any of the request's fields can tell: graphql-core is made to go on where null would spread."""
    directive = DirectiveNode(name=NameNode(value=GraphQLDisableErrorPropagationDirective.name))
    definitions = [
        replace(node, directives=(*(node.directives or ()), directive))
        if isinstance(node, OperationDefinitionNode)
        else node
        for node in request.document.definitions
    ]
    document = replace(request.document, definitions=tuple(definitions))
    return (await by_core(replace(request, document=document))).errors or ()


async def by_tested(request: Request) -> tuple[ExecutionResult, str]:
    """What the executor under test answers, and by which way: `compiled` or `core`."""
    try:
        return await execute_compiled(request.schema, request.document, plans=request.plans, **request.arguments())
    except GraphQLError as error:
        return ExecutionResult(None, [error]), "core"
