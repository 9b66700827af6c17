"""The parameters of a GraphQL request, from a JSON body or a query string, with their types checked."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from core.http.problems import bad_request
from core.http.strict_json import parse_object

GET_DOCUMENT_LIMIT = 2_048
_QUERY_STRING_LIMIT = 16_384
_MAXIMUM_PARAMETERS = 16
_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a client asks to execute: a document's text or a trusted document's hash, or both."""

    query: str | None
    document_hash: str | None
    operation_name: str | None
    variables: dict[str, Any]


def from_body(body: bytes) -> Parameters:
    """The parameters in a JSON body; a 400 `Problem` when one has the wrong type or no document is named."""
    return _checked(parse_object(body))


def from_query_string(raw: bytes) -> Parameters:
    """The parameters in a query string, where `variables` and `extensions` are JSON texts."""
    if len(raw) > _QUERY_STRING_LIMIT:
        raise bad_request(f"The query string is longer than {_QUERY_STRING_LIMIT} bytes.", status=414)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAXIMUM_PARAMETERS
        )
    except ValueError:
        raise bad_request("The query string is malformed.") from None
    given: dict[str, Any] = dict(pairs)
    if len(given) != len(pairs):
        raise bad_request("A parameter is given twice.")
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = parse_object(given[name].encode(), path=(name,))
        else:
            given.pop(name, None)
    if len(given.get("query", "").encode()) > GET_DOCUMENT_LIMIT:
        raise bad_request(f"A document in a query string may have {GET_DOCUMENT_LIMIT} bytes: use POST.", status=414)
    if "\x00" in "".join(value for value in given.values() if isinstance(value, str)):
        raise bad_request("The query string holds a NUL character.")
    return _checked(given)


def _checked(given: dict[str, Any]) -> Parameters:
    extensions = _typed(given, "extensions", dict) or {}
    persisted = extensions.get("persistedQuery")
    document_hash = _typed(given, "documentId", str)
    if isinstance(persisted, dict) and document_hash is None:
        document_hash = _typed(persisted, "sha256Hash", str)
    query = _typed(given, "query", str) or None
    if query is None and document_hash is None:
        raise bad_request('The parameter "query" is missing.', path=["query"])
    return Parameters(
        query=query,
        document_hash=document_hash,
        operation_name=_typed(given, "operationName", str) or None,
        variables=_typed(given, "variables", dict) or {},
    )


def _typed(given: dict[str, Any], name: str, kind: type) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        expected = "a string" if kind is str else "an object"
        raise bad_request(f'The parameter "{name}" must be {expected}.', path=[name])
    if isinstance(value, str) and name != "query" and len(value) > _NAME_LIMIT:
        raise bad_request(f'The parameter "{name}" is longer than {_NAME_LIMIT} characters.', path=[name])
    return value
