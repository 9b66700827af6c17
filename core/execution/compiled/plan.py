"""Plans: an operation compiled for one setting of its conditions, and how one is found and carried out."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from types import GeneratorType
from typing import Any, TypeGuard

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import is_awaitable as awaitable_by_protocol

from core.execution.compiled.builder import ObjectBuilder, Writer
from core.execution.compiled.runtime import State
from core.execution.compiled.selection import NotCompiled, Selections, directive_variables, fragments_of

IsAwaitable = Callable[[Any], TypeGuard[Awaitable[Any]]]

MOST_ERRORS = 50
"""Coercion errors of variables that are reported, as graphql-core has it."""
MOST_CLASSES = 10_000
MOST_VARIANTS = 16
"""Plans made for one document: one for each operation and each setting of its conditions. For further ones graphql-core
executes, so that nobody can have one document compiled without end."""


class Plan:
    """One operation under fixed conditions, ready to be carried out any number of times, also at once."""

    __slots__ = ("_parts", "_roots", "size")

    def __init__(self, parts: tuple[Any, ...], roots: list[ObjectBuilder], size: int) -> None:
        self._parts = parts
        self._roots = roots
        self.size = size
        """Its fields, each counted for every object type it is asked of."""

    async def carry_out(
        self, root: Any, context: Any, variables: VariableValues, awaitable: IsAwaitable
    ) -> ExecutionResult:
        """Executes with coerced variables. Raises nothing but what cancels it."""
        state = State(self._parts, root, context, variables, awaitable)
        data: dict[str, Any] = {}
        for builder in self._roots:
            try:
                data.update(await self._root(builder, state))
            except Exception as error:
                state.errors.append(error if isinstance(error, GraphQLError) else GraphQLError(str(error)))
                await state.abandon()
                return ExecutionResult(None, state.errors)
            if state.failed:
                return ExecutionResult(None, state.errors)
        return ExecutionResult(data, state.errors or None)

    @staticmethod
    async def _root(builder: ObjectBuilder, state: State) -> dict[str, Any]:
        """A query has one root builder, a mutation one for each field: the next begins when all of this has come."""
        answer = builder.build(state.root, state, None)
        await state.settle()
        return answer

    async def execute(
        self, root: Any, context: Any, raw_variables: Mapping[str, Any], is_awaitable: IsAwaitable | None = None
    ) -> ExecutionResult:
        """Coerces the variables and executes."""
        schema, _, operation = self._parts
        variables = get_variable_values(schema, operation.variable_definitions or (), dict(raw_variables), MOST_ERRORS)
        if isinstance(variables, list):
            return ExecutionResult(None, variables)
        return await self.carry_out(root, context, variables, remembering(is_awaitable or awaitable_by_protocol))


def compile_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    booleans: Mapping[str, bool],
    *,
    hide_suggestions: bool = False,
) -> Plan:
    """The plan of a validated operation; `booleans` are the variables in its conditions. Raises `NotCompiled`."""
    root = schema.get_root_type(operation.operation)
    if operation.operation is OperationType.SUBSCRIPTION or root is None:
        raise NotCompiled("subscription")
    if operation.directives or any(one.variable_definitions for one in fragments_of(document).values()):
        raise NotCompiled("directives of the operation, or variables of a fragment")
    fragments = fragments_of(document)
    selections = Selections(schema, fragments, booleans)
    writer = Writer(schema, selections, hide_suggestions)
    try:
        grouped = selections.fields(root, [operation.selection_set])
        serial = operation.operation is OperationType.MUTATION
        parts = [{key: nodes} for key, nodes in grouped.items()] if serial else [grouped]
        roots = [writer.object(root, part) for part in parts]
        writer.compile(roots)
    except (RecursionError, MemoryError):
        reason = "nested too deeply"
    else:
        return Plan((schema, fragments, operation), roots, writer.size)
    raise NotCompiled(reason)


class Shelf:
    """Where the plans of many documents are kept, those least recently used going first when there are too many.

    `maximum` bounds the sum of their sizes; a field takes about four kilobytes.
    """

    def __init__(self, maximum: int = 20_000) -> None:
        self._maximum = maximum
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._plans)

    def get(self, name: Hashable) -> Plan | None:
        """The plan of this name, which then goes last."""
        plan = self._plans.get(name)
        if plan is not None:
            self._plans.move_to_end(name)
        return plan

    def put(self, name: Hashable, plan: Plan) -> None:
        """Keeps a plan."""
        self._plans[name] = plan
        self.size += plan.size
        while self.size > self._maximum and len(self._plans) > 1:
            _, dropped = self._plans.popitem(last=False)
            self.size -= dropped.size

    def drop(self, name: Hashable) -> None:
        """Keeps the plan of this name no longer, if it still does."""
        plan = self._plans.pop(name, None)
        self.size -= plan.size if plan is not None else 0


class Plans:
    """The plans of one document, each made when first asked for; the shelf they are kept on others may share."""

    __slots__ = ("_conditions", "_document", "_hide_suggestions", "_known", "_schema", "_shelf")

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        hide_suggestions: bool = False,
        shelf: Shelf | None = None,
    ) -> None:
        self._schema = schema
        self._document = document
        self._hide_suggestions = hide_suggestions
        self._shelf = shelf if shelf is not None else Shelf()
        self._conditions: dict[int, tuple[str, ...]] = {}
        self._known: dict[tuple[Any, ...], str | None] = {}

    def find(self, operation: OperationDefinitionNode, variables: VariableValues) -> Plan:
        """The plan for these variables; `NotCompiled` when graphql-core is to execute."""
        names = self._conditions.get(id(operation))
        if names is None:
            names = self._conditions[id(operation)] = directive_variables(operation, fragments_of(self._document))
        variant = (id(operation), *(variables.coerced.get(name) for name in names))
        refusal = self._known.get(variant)
        if refusal is not None:
            raise NotCompiled(refusal)
        plan = self._shelf.get((self, variant))
        return self._compiled(operation, names, variant) if plan is None else plan

    def drop(self) -> None:
        """Takes what is on the shared shelf off it.

        What whoever still has the document asks for stays with this document alone.
        """
        for variant in self._known:
            self._shelf.drop((self, variant))
        self._shelf = Shelf()

    def _compiled(self, operation: OperationDefinitionNode, names: tuple[str, ...], variant: tuple[Any, ...]) -> Plan:
        if not all(isinstance(value, bool) for value in variant[1:]):
            raise NotCompiled("a condition that is no boolean")
        if variant not in self._known and len(self._known) == MOST_VARIANTS:
            raise NotCompiled("too many variants of one document")
        booleans = dict(zip(names, variant[1:], strict=True))
        try:
            plan = compile_operation(
                self._schema, self._document, operation, booleans, hide_suggestions=self._hide_suggestions
            )
        except NotCompiled as reason:
            self._known[variant] = str(reason)  # the exception itself would keep all that was built so far
            raise
        self._known[variant] = None
        self._shelf.put((self, variant), plan)
        return plan


def remembering(is_awaitable: IsAwaitable) -> IsAwaitable:
    """The same verdicts, looked up by class; of generators only some can be awaited, so each is asked about."""
    known: dict[type, bool] = {}

    def awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
        kind = value.__class__
        verdict = known.get(kind)
        if verdict is None:
            verdict = is_awaitable(value)
            if kind is not GeneratorType and len(known) < MOST_CLASSES:
                known[kind] = verdict
        return verdict

    return awaitable


async def execute_compiled(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    root_value: Any = None,
    context_value: Any = None,
    variable_values: dict[str, Any] | None = None,
    operation_name: str | None = None,
    hide_suggestions: bool = False,
    is_awaitable: IsAwaitable = awaitable_by_protocol,
    plans: Plans | None = None,
) -> tuple[ExecutionResult, str]:
    """As graphql-core's `execute`, together with the name of what executed: `compiled` or `core`."""
    operation = get_operation_ast(document, operation_name)
    if operation is not None:
        definitions = operation.variable_definitions or ()
        variables = get_variable_values(schema, definitions, variable_values or {}, MOST_ERRORS, hide_suggestions)
        if isinstance(variables, list):
            return ExecutionResult(None, variables), "compiled"
        try:
            plan = (Plans(schema, document, hide_suggestions=hide_suggestions) if plans is None else plans).find(
                operation, variables
            )
        except NotCompiled:
            pass
        else:
            return await plan.carry_out(root_value, context_value, variables, remembering(is_awaitable)), "compiled"
    result = execute(
        schema,
        document,
        root_value,
        context_value,
        variable_values,
        operation_name,
        hide_suggestions=hide_suggestions,
        is_awaitable=is_awaitable,
    )
    return result if isinstance(result, ExecutionResult) else await result, "core"
