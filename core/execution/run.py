"""Executes one operation: the deadline, the mask, and the single call behind which an executor can be exchanged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, NamedTuple, TypeGuard

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute
from graphql.execution.values import get_variable_values
from graphql.type import is_input_type
from graphql.utilities import type_from_ast, validate_input_value

from core.analyser import OperationAnalysis
from core.execution.compiled import MOST_ERRORS, NotCompiled
from core.execution.documents import Document
from core.execution.errors import (
    Code,
    RequestError,
    bad_query,
    format_error,
    format_execution_errors,
    internal,
)
from core.failures import log_unexpected

_SHOWN_ERRORS = 20
COMPILED, CORE = "compiled", "core"


@dataclass(frozen=True, slots=True)
class Operation:
    """What an executor needs: the document, the operation chosen in it, and the raw variables."""

    schema: GraphQLSchema
    document: Document
    analysis: OperationAnalysis
    variables: dict[str, Any]
    hide_suggestions: bool = False

    @property
    def name(self) -> str | None:
        """The operation's name."""
        return self.analysis.node.name.value if self.analysis.node.name else None


class Executed(NamedTuple):
    """A result, and the name of what executed."""

    result: ExecutionResult
    by: str


Executor = Callable[[Operation, Any], Awaitable[Executed]]
"""`(operation, context) → result`; it raises nothing but what the deadline raises in it."""


@dataclass(slots=True)
class Outcome:
    """What a client gets. `refused` is set when nothing was executed: then there is no `data`.

    `executor` says what executed: `compiled` or `core`.
    """

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    refused: RequestError | None = None
    executor: str = ""


async def run(
    operation: Operation, context: Any, *, request_id: str, timeout: float, executor: Executor | None = None
) -> Outcome:
    """Executes within `timeout` seconds; whatever happens, the outcome holds errors that a client may see."""
    try:
        async with asyncio.timeout(timeout):
            result, by = await (executor or compiled_executor)(operation, context)
    except TimeoutError:
        return refusal(RequestError(Code.TIMEOUT, "The operation took too long and was stopped."), request_id)
    except RequestError as error:
        return refusal(error, request_id)
    except (Exception, asyncio.CancelledError) as error:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            raise
        log_unexpected(error, request_id, operation.document.hash)
        return refusal(internal(), request_id)
    if result.errors and result.data is None and any(error.path is None for error in result.errors):
        problems = variable_problems(operation) or [bad_query(error) for error in result.errors]
        return Outcome(None, [format_error(problem, request_id) for problem in problems], refused=problems[0])
    errors = format_execution_errors(result.errors or (), request_id, operation.document.hash)
    return Outcome(result.data, errors, executor=by)


def refusal(error: RequestError, request_id: str) -> Outcome:
    """The outcome of an operation that was not, or not wholly, executed."""
    return Outcome(None, [format_error(error, request_id)], refused=error)


async def compiled_executor(operation: Operation, context: Any) -> Executed:
    """Executes what can be compiled by the functions compiled from it, and the rest with graphql-core."""
    document, node = operation.document, operation.analysis.node
    assert document.plans is not None
    variables = get_variable_values(
        operation.schema, node.variable_definitions or (), operation.variables, MOST_ERRORS, operation.hide_suggestions
    )
    if isinstance(variables, list):
        return Executed(ExecutionResult(None, variables), COMPILED)
    try:
        plan = document.plans.find(node, variables)
    except NotCompiled:
        return await core_executor(operation, context)
    return Executed(await plan.carry_out(None, context, variables, is_awaitable), COMPILED)


async def core_executor(operation: Operation, context: Any) -> Executed:
    """graphql-core's own executor, which is the reference for every other."""
    assert operation.document.ast is not None
    result = execute(
        operation.schema,
        operation.document.ast,
        context_value=context,
        variable_values=operation.variables,
        operation_name=operation.name,
        hide_suggestions=operation.hide_suggestions,
        is_awaitable=is_awaitable,
    )
    return Executed(result if isinstance(result, ExecutionResult) else await result, CORE)


EXECUTORS: dict[str, Executor] = {COMPILED: compiled_executor, CORE: core_executor}
"""Every executor by its name."""


def is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """Coroutines and futures only: rows of the ORM have `__await__` too, and awaiting them would be waste."""
    return isinstance(value, CoroutineType | asyncio.Future)


def variable_problems(operation: Operation) -> list[RequestError]:
    """What is wrong with the variables, each with its path in the request's body."""
    found: list[RequestError] = []
    for definition in operation.analysis.node.variable_definitions or ():
        name = definition.variable.name.value
        expected = type_from_ast(operation.schema, definition.type)
        if not is_input_type(expected) or (name not in operation.variables and definition.default_value):
            continue

        def report(error: GraphQLError, path: list[str | int], name: str = name) -> None:
            found.append(bad_query(error, path=["variables", name, *path]))

        value = operation.variables.get(name)
        validate_input_value(value, expected, report, operation.hide_suggestions)
    return found[:_SHOWN_ERRORS]
