"""One bounded cache: text → parsed, validated, analysed. Trusted documents are held beside it by their hash."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLSchema, GraphQLSyntaxError, OperationType, parse, specified_rules, validate

from core.analyser import BadDocument, Limits, OperationAnalysis, Price, TooExpensive, analyse
from core.execution.compiled import Plans, Shelf
from core.execution.errors import Code, RequestError, bad_query
from core.execution.literals import SafeLiterals

_SHOWN_ERRORS = 20
_LETTERS_PER_KILOBYTE = 512
"""Of two bytes each, beside what they are parsed into."""
_RULES = (*specified_rules, SafeLiterals)


@dataclass(slots=True)
class Document:
    """A document: the hash of its text (hexadecimal SHA-256), and either its operations or the errors that refuse it.

    `size` is about what it takes to keep it, in kilobytes: the text's, and one for each token.
    """

    hash: str
    size: int
    trusted: bool = False
    ast: DocumentNode | None = None
    operations: list[OperationAnalysis] = field(default_factory=list)
    errors: list[RequestError] = field(default_factory=list)
    plans: Plans | None = None
    """What is compiled of it; lives and dies with the cache's entry."""

    def operation(self, name: str | None) -> OperationAnalysis:
        """The operation called `name`, or the only one; `RequestError` BAD_QUERY when there is none such."""
        named = [operation for operation in self.operations if name is None or _name(operation) == name]
        if len(named) == 1:
            return named[0]
        if not self.operations:
            raise RequestError(Code.BAD_QUERY, "The document holds no operation.")
        if name is None:
            raise RequestError(Code.BAD_QUERY, "The document holds several operations: say which by operationName.")
        raise RequestError(Code.BAD_QUERY, "The document holds no operation of this operationName.")


def _tokens(ast: DocumentNode) -> int:
    token, count = ast.loc.start_token if ast.loc else None, 0
    while token is not None:
        token, count = token.next, count + 1
    return count


def _name(operation: OperationAnalysis) -> str | None:
    return operation.node.name.value if operation.node.name else None


def is_query(operation: OperationAnalysis) -> bool:
    """Whether the operation only reads."""
    return operation.node.operation is OperationType.QUERY


def load_trusted(folder: Path) -> dict[str, str]:
    """The manifest of a folder of `.graphql` files: hash of the text → text."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("**/*.graphql"))]
    return {document_hash(text): text for text in texts}


def document_hash(text: str) -> str:
    """The hexadecimal SHA-256 of a document's text, by which clients name trusted documents."""
    return hashlib.sha256(text.encode()).hexdigest()


class Documents:
    """Finds documents by text or hash. Ad-hoc documents are cached, least recently used first out.

    `trusted` maps hashes to texts; with `trusted_only` nothing else is executed. `maximum` bounds the number of
    ad-hoc documents kept and `maximum_size` the sum of their sizes, so about their kilobytes; trusted ones are kept for
    ever. The plans of all of them together have at most `maximum_fields` fields.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        trusted: Mapping[str, str] | None = None,
        trusted_only: bool = False,
        introspection: bool = True,
        maximum: int = 1_000,
        maximum_size: int = 100_000,
        maximum_fields: int = 20_000,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._trusted_only = trusted_only
        self._introspection = introspection
        self._maximum = maximum
        self._maximum_size = maximum_size
        self._cache: OrderedDict[str, Document] = OrderedDict()
        self._kilobytes = 0
        self._shelf = Shelf(maximum_fields)
        self._trusted_texts = dict(trusted or {})
        self._trusted: dict[str, Document] = {}
        for name, text in self._trusted_texts.items():
            if document_hash(text) != name:
                raise ValueError(f"the trusted document {name} is not the SHA-256 of its text")

    @property
    def size(self) -> tuple[int, int]:
        """How many ad-hoc documents are cached, and the sum of their sizes."""
        return len(self._cache), self._kilobytes

    def is_known(self, text: str) -> bool:
        """Whether a text is answered from the cache, so that it costs no parsing."""
        return document_hash(text) in self._cache

    def by_hash(self, name: str) -> Document:
        """The trusted document of this hash (`sha256:` in front is allowed); `RequestError` when it is not trusted."""
        digest = name.removeprefix("sha256:").lower()
        document = self._trusted.get(digest)
        if document is None:
            text = self._trusted_texts.get(digest)
            if text is None:
                raise RequestError(
                    Code.BAD_QUERY, "PersistedQueryNotFound", extra={"reason": "PERSISTED_QUERY_NOT_FOUND"}
                )
            document = self._trusted[digest] = self._read(text, digest)
            document.trusted = True
        return document

    def by_text(self, text: str) -> Document:
        """The document of this text, which may be a refused one: look at its `errors`."""
        size = len(text.encode(errors="replace"))
        if size > self._limits.document_bytes:
            raise _too_expensive(TooExpensive("size in bytes", self._limits.document_bytes, size))
        digest = document_hash(text)
        if digest in self._trusted_texts:
            return self.by_hash(digest)
        if self._trusted_only:
            raise RequestError(
                Code.BAD_QUERY, "Only trusted documents are executed here.", extra={"reason": "DOCUMENT_NOT_TRUSTED"}
            )
        document = self._cache.get(digest)
        if document is None:
            document = self._read(text, digest)
            self._keep(document)
        else:
            self._cache.move_to_end(digest)
        return document

    def _keep(self, document: Document) -> None:
        self._cache[document.hash] = document
        self._kilobytes += document.size
        while len(self._cache) > self._maximum or self._kilobytes > self._maximum_size:
            _, dropped = self._cache.popitem(last=False)
            self._kilobytes -= dropped.size
            if dropped.plans is not None:
                dropped.plans.drop()

    def _read(self, text: str, digest: str) -> Document:
        document = Document(digest, 1 + len(text) // _LETTERS_PER_KILOBYTE)
        try:
            ast = self._parse(text)
            document.size += _tokens(ast)
            document.operations = analyse(self._schema, ast, self._limits)
            self._check_introspection(document)
        except TooExpensive as error:
            document.errors = [_too_expensive(error)]
        except BadDocument as error:
            document.errors = [RequestError(Code.BAD_QUERY, error.message)]
        except RequestError as error:
            document.errors = [error]
        else:
            problems = validate(
                self._schema,
                ast,
                _RULES,
                max_errors=_SHOWN_ERRORS,
                hide_suggestions=not self._introspection,
                allow_empty_selection_sets=False,
            )
            document.ast = ast
            document.plans = Plans(self._schema, ast, hide_suggestions=not self._introspection, shelf=self._shelf)
            document.errors = [bad_query(problem) for problem in problems]
        return document

    def _parse(self, text: str) -> DocumentNode:
        limits = self._limits
        try:
            return parse(
                text,
                max_lexical_tokens=limits.tokens,
                max_comments=limits.comments,
                allow_empty_selection_sets=False,
            )
        except GraphQLSyntaxError as error:
            if "Parsing aborted" not in error.message or "nested" in error.message:
                raise bad_query(error) from None
            name, maximum = ("comments", limits.comments) if "comments" in error.message else ("tokens", limits.tokens)
            raise _too_expensive(TooExpensive(f"number of {name}", maximum, maximum + 1)) from None

    def _check_introspection(self, document: Document) -> None:
        if not self._introspection and any(operation.introspects for operation in document.operations):
            raise RequestError(Code.BAD_QUERY, "Introspection is switched off here; the schema is published as SDL.")


def price(operation: OperationAnalysis, variables: Mapping[str, Any]) -> Price:
    """The points and objects an operation asks for; `RequestError` QUERY_TOO_EXPENSIVE over the limits."""
    try:
        return operation.price(variables)
    except TooExpensive as error:
        raise _too_expensive(error) from None


def _too_expensive(error: TooExpensive) -> RequestError:
    extra: dict[str, Any] = {"limit": error.limit, "maximum": error.maximum, "actual": error.actual}
    if error.costliest:
        extra["costliest"] = [{"path": entry.path, "cost": entry.cost} for entry in error.costliest]
    return RequestError(Code.QUERY_TOO_EXPENSIVE, error.message, extra=extra)
