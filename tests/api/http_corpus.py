"""The hostile corpus: named requests, each with the status and the code that it must get."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

LIMIT = 262_144
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Case:
    """A request and the status it must get; `code` is that of the first error (None: no errors)."""

    content: Any
    status: int = 400
    code: str | None = "BAD_QUERY"
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    method: str = "POST"
    path: str = "/graphql"


def doc(text: str, status: int = 400, code: str | None = "BAD_QUERY", **variables: Any) -> Case:
    return Case(json.dumps({"query": text, "variables": variables}).encode(), status, code)


def dear(text: str, **variables: Any) -> Case:
    return doc(text, 400, "QUERY_TOO_EXPENSIVE", **variables)


def raw(text: str | bytes, status: int = 400, code: str | None = "BAD_QUERY") -> Case:
    return Case(text if isinstance(text, bytes) else text.encode(), status, code)


def typed(content_type: str | None, content: bytes = b'{"query":"mutation{m{id}}"}', status: int = 415) -> Case:
    return Case(content, status, headers={"content-type": content_type} if content_type is not None else {})


def get(query_string: str, status: int = 400, code: str | None = "BAD_QUERY", **headers: str) -> Case:
    return Case(None, status, code, headers, "GET", f"/graphql?{query_string}")


def var(literal: str, kind: str = "String", fieldname: str = "echo(s:$v)", status: int = 400) -> Case:
    body = f'{{"query":"query($v:{kind}){{{fieldname}}}","variables":{{"v":{literal}}}}}'
    return raw(body, status, None if status == 200 else "BAD_QUERY")


def bomb(levels: int, inner: str = "...F{0} ...F{0}") -> str:
    middle = "".join(f"fragment F{i} on Node{{" + inner.format(i + 1) + "}" for i in range(levels))
    return "{node{...F0}}" + middle + f"fragment F{levels} on Node{{id}}"


async def endless() -> AsyncIterator[bytes]:
    yield b'{"query":"'
    while True:
        yield b"a" * 65_536


async def chunked(size: int) -> AsyncIterator[bytes]:
    body = b'{"query":"{echo}"' + b" " * (size - 18) + b"}"
    for start in range(0, size, 10_000):
        yield body[start : start + 10_000]


def lazily(make: Callable[[], AsyncIterator[bytes]], status: int, code: str | None = "BAD_QUERY") -> Case:
    return Case(make, status, code)


def padded(size: int) -> bytes:
    return b'{"query":"{echo}"' + b" " * (size - 18) + b"}"


BODIES = {
    "empty": raw(b""),
    "space": raw(b"   "),
    "null": raw("null"),
    "true": raw("true"),
    "number": raw("1"),
    "string": raw('"x"'),
    "list": raw("[]"),
    "batch of two": raw('[{"query":"{echo}"},{"query":"{echo}"}]'),
    "batch of strings": raw('["x"]'),
    "empty object": raw("{}"),
    "broken": raw('{"query":'),
    "trailing text": raw('{"query":"{echo}"}x'),
    "two objects": raw('{"query":"{echo}"}{"query":"{echo}"}'),
    "single quotes": raw("{'query':'{echo}'}"),
    "comment": raw('{"query":"{echo}" /* c */}'),
    "trailing comma": raw('{"query":"{echo}",}'),
    "byte order mark": raw(b'\xef\xbb\xbf{"query":"{echo}"}'),
    "utf-16": raw('{"query":"{echo}"}'.encode("utf-16")),
    "utf-32": raw('{"query":"{echo}"}'.encode("utf-32")),
    "latin-1": raw('{"query":"{echo(s:\\"é\\")}"}'.encode("latin-1")),
    "bad utf-8": raw(b'{"query":"\xff"}'),
    "overlong utf-8": raw(b'{"query":"\xc0\xaf"}'),
    "surrogate in utf-8": raw(b'{"query":"\xed\xa0\x80"}'),
    "raw control character": raw(b'{"query":"{echo}\x01"}'),
    "raw NUL": raw(b'{"query":"{echo}\x00"}'),
    "100,000 lists": raw(b'{"query":"{echo}","variables":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"),
    "100,000 open lists": raw(b"[" * 100_000),
    "20,000 objects": raw(b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "33 levels": raw('{"query":"{echo}","variables":{"a":' + "[" * 31 + "]" * 31 + "}}"),
    "32 levels": raw('{"query":"{echo}","variables":{"a":' + "[" * 30 + "]" * 30 + "}}", 200, None),
    "same key twice": raw('{"query":"{echo}","query":"mutation{m{id}}"}'),
    "same variable twice": raw('{"query":"{echo}","variables":{"a":1,"a":2}}'),
    "query number": raw('{"query":1}'),
    "query null": raw('{"query":null}'),
    "query empty": raw('{"query":""}'),
    "query list": raw('{"query":["{echo}"]}'),
    "operationName number": raw('{"query":"{echo}","operationName":1}'),
    "operationName unknown": raw('{"query":"{echo}","operationName":"zz"}'),
    "operationName long": raw('{"query":"{echo}","operationName":"' + "z" * 201 + '"}'),
    "variables list": raw('{"query":"{echo}","variables":[]}'),
    "variables string": raw('{"query":"{echo}","variables":"{}"}'),
    "extensions list": raw('{"query":"{echo}","extensions":[1]}'),
    "documentId number": raw('{"documentId":1}'),
    "documentId unknown": raw('{"documentId":"sha256:00"}'),
    "hash number": raw('{"extensions":{"persistedQuery":{"sha256Hash":7}}}'),
    "hash unknown": raw('{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}'),
    "hash of another text": raw('{"query":"{echo}","extensions":{"persistedQuery":{"sha256Hash":"00"}}}'),
    "persistedQuery list": raw('{"extensions":{"persistedQuery":[]}}'),
    "unknown members": raw('{"query":"{echo}","wat":{"a":[1]}}', 200, None),
    "just at the cap": raw(padded(LIMIT), 200, None),
    "one byte over the cap": raw(padded(LIMIT + 1), 413),
    "3 MB": raw(padded(3_000_000), 413),
    "chunked at the cap": lazily(lambda: chunked(LIMIT), 200, None),
    "chunked over the cap": lazily(lambda: chunked(LIMIT + 1), 413),
    "endless chunks": lazily(endless, 413),
    "length is no number": Case(b"{}", headers={**JSON, "content-length": "zwei"}),
    "length is negative": Case(b"{}", headers={**JSON, "content-length": "-1"}),
    "length announces too much": Case(b"{}", 413, headers={**JSON, "content-length": "99999999999999999999999"}),
    "gzip": Case(b"\x1f\x8b\x08", 415, headers={**JSON, "content-encoding": "gzip"}),
}

VALUES = {
    "5,000 digits": var("9" * 5_000, "Int", "number(i:$v)"),
    "2^70 as id": var(str(2**70), "ID", "ident(id:$v)"),
    "2^63 as id": var(str(2**63), "ID", "ident(id:$v)"),
    "2^63-1 as id": var(str(2**63 - 1), "ID", "ident(id:$v)", 200),
    "2^31 as int": var(str(2**31), "Int", "number(i:$v)"),
    "2^31-1 as int": var(str(2**31 - 1), "Int", "number(i:$v)", 200),
    "float as int": var("1.5", "Int", "number(i:$v)"),
    "NaN": var("NaN", "Float", "real(f:$v)"),
    "Infinity": var("Infinity", "Float", "real(f:$v)"),
    "-Infinity": var("-Infinity", "Float", "real(f:$v)"),
    "1e999": var("1e999", "Float", "real(f:$v)"),
    "1e300": var("1e300", "Float", "real(f:$v)", 200),
    "long fraction": var("0." + "3" * 5_000, "Float", "real(f:$v)", 200),
    "NUL": var('"a\\u0000b"'),
    "NUL in a key": var('{"a\\u0000":1}'),
    "lone high surrogate": var('"\\ud800"'),
    "lone low surrogate": var('"x\\udc00"'),
    "surrogate in a key": var('{"\\ud800":1}'),
    "surrogate pair": var('"\\ud83d\\ude00"', status=200),
    "object as string": var("{}"),
    "list as string": var("[]"),
    "bool as string": var("true"),
    "string as int": var('"1"', "Int", "number(i:$v)"),
    "unknown input field": var('{"name":"a","admin":true}', "Filter", "input(it:$v)"),
    "missing input field": var('{"count":1}', "Filter", "input(it:$v)"),
    "null for non-null": var("null", "String!"),
    "scalar that raises": var('"x"', "Picky", "picky(p:$v)"),
    "input of 40 levels": var('{"name":"a","deep":' * 40 + "null" + "}" * 40, "Filter", "input(it:$v)"),
    "200,000 list items": raw(
        '{"query":"query($v:[Int!]){list(items:$v)}","variables":{"v":[' + "1," * 100_000 + "1]}}"
    ),
    "1,000 list items": raw(
        '{"query":"query($v:[Int!]){list(items:$v)}","variables":{"v":[' + "1," * 999 + "1]}}", 200, None
    ),
    "1,001 list items": raw('{"query":"query($v:[Int!]){list(items:$v)}","variables":{"v":[' + "1," * 1000 + "1]}}"),
    "NUL in the document": raw('{"query":"{echo\\u0000}"}'),
    "surrogate in the document": raw('{"query":"{echo(s:\\"\\ud800\\")}"}'),
    "escaped surrogate in the document": doc('{echo(s:"\\uD800")}'),
    "2^70 literal": doc(f"{{number(i:{2**70})}}"),
    "NUL literal": doc('{echo(s:"a\\u0000")}'),
    "NUL in a block string": raw('{"query":"{echo(s:\\"\\"\\"a\\u0000\\"\\"\\")}"}'),
    "5,000 digits literal": doc("{number(i:" + "9" * 5_000 + ")}"),
    "1e999 literal": doc("{real(f:1e999)}"),
    "scalar that raises, literal": doc('{picky(p:"x")}'),
}

DOCUMENTS = {
    "parse error": doc("{"),
    "only a comment": doc("# nothing"),
    "only a fragment": doc("fragment F on Query{echo}"),
    "a type definition": doc("type Q{a:Int}"),
    "a schema definition": doc("schema{query:Q}"),
    "20,000 braces": doc("{" * 1_900),
    "700 levels": doc("{" + "node{" * 700 + "id" + "}" * 701),
    "230 levels": doc("{" + "node{" * 230 + "id" + "}" * 231),
    "13 levels": dear("{" + "node{" * 12 + "id" + "}" * 13),
    "12 levels": doc("{" + "node{" * 11 + "id" + "}" * 12, 200, None),
    "inline fragments, 150 levels": doc("{node{" + "...on Node{" * 150 + "id" + "}" * 152, 200, None),
    "list literal, 20,000 levels": doc("{echo(s:" + "[" * 20_000 + "]" * 20_000 + ")}"),
    "list literal, 900 levels": doc("{echo(s:" + "[" * 900 + "]" * 900 + ")}"),
    "list type, 900 levels": doc("query($a:" + "[" * 900 + "Int" + "]" * 900 + "){echo}"),
    "20,000 list items": dear("{list(items:[" + "1," * 20_000 + "])}"),
    "64 KiB of document": doc("{echo}" + " " * 65_530, 200, None),
    "64 KiB and one byte": dear("{echo}" + " " * 65_531),
    "comments of 200 kB": dear("#" * 200_000 + "\n{echo}"),
    "1,001 comments": dear("#\n" * 1_001 + "{echo}"),
    "commas": doc("{echo" + "," * 60_000 + "}", 200, None),
    "long name": doc("{" + "a" * 60_000 + "}"),
    "long string": doc('{echo(s:"' + "a" * 60_000 + '")}', 200, None),
    "block string": doc('{echo(s:"""' + "\n  a" * 10_000 + '""")}', 200, None),
    "byte order mark in the document": doc("\ufeff{echo}", 200, None),
    "2,001 tokens": dear("{node{" + "id " * 1_996 + "}}"),
    "2,000 tokens of one field": dear("{node{" + "id " * 1_994 + "}}"),
    "51 times the same field": dear("{node{" + "id " * 51 + "}}"),
    "50 times the same field": doc("{node{" + "id " * 50 + "}}", 200, None),
    "490 times the same object": dear("{node{" + "node{id}" * 490 + "}}"),
    "190 nested triples": dear("{node{" + "node{node{node{id}}}" * 190 + "}}"),
    "11 root fields": dear("{" + "echo " * 11 + "}"),
    "1,000 root fields": dear("{" + "echo " * 1_000 + "}"),
    "11 aliased roots": dear("{" + "".join(f"a{i}:echo " for i in range(11)) + "}"),
    "31 aliases": dear("{node{" + "".join(f"a{i}:id " for i in range(31)) + "}}"),
    "30 aliases": doc("{node{" + "".join(f"a{i}:id " for i in range(30)) + "}}", 200, None),
    "400 aliased typenames": dear("{" + "".join(f"a{i}:__typename " for i in range(400)) + "}"),
    "aliases through fragments": dear(
        "{node{...A ...B}}"
        + "".join(f"fragment {n} on Node{{" + "".join(f"{n}{i}:id " for i in range(16)) + "}" for n in "AB")
    ),
    "4 mutations": dear("mutation{m{id} n{id} o{id} p{id}}"),
    "3 mutations": doc("mutation{m{id} n{id} o{id}}", 200, None),
    "4 mutations through fragments": dear("mutation{...A ...A}fragment A on Mutation{m{id} n{id}}"),
    "4 mutations, skipped": dear("mutation{" + "".join(f"a{i}:m @skip(if:true){{id}}" for i in range(4)) + "}"),
    "2 sensitive mutations": dear("mutation{a:secret{id} b:secret{id}}"),
    "a sensitive mutation and another": dear("mutation{secret{id} ...on Mutation{m{id}}}"),
    "1,000 sensitive mutations": dear("mutation{" + "".join(f"a{i}:secret{{id}}" for i in range(330)) + "}"),
    "51 directives": dear("{echo " + "@skip(if:false)" * 51 + "}"),
    "51 unknown directives": dear("{echo " + "@a" * 51 + "}"),
    "50 unknown directives": doc("{echo " + "@a" * 50 + "}"),
    "directives on the operation": dear("query " + "@live" * 51 + "{echo}"),
    "the same directive twice": doc("{echo @skip(if:false) @skip(if:false)}"),
    "unknown fields": doc("{" + "".join(f"x{i} " for i in range(9)) + "}"),
    "300 conflicting aliases": dear("{" + "".join(f'x:echo(s:"{i}")' for i in range(240)) + "}"),
    "conflicting aliases": doc('{x:echo(s:"1") x:echo(s:"2")}'),
    "fragment bomb of 6": dear(bomb(6)),
    "fragment bomb of 20": dear(bomb(20)),
    "fragment bomb of 150": dear(bomb(150)),
    "fragment bomb with fields": dear(bomb(40, "node{{...F{0}}} n:node{{...F{0}}}")),
    "fragment bomb with inline fragments": dear(bomb(90, "...{{...F{0}}} ...{{...F{0}}}")),
    "fragment bomb nobody uses": dear("{echo}" + bomb(40).partition("}}")[2]),
    "fragment cycle of 1": doc("{...A}fragment A on Query{...A}"),
    "fragment cycle of 2": doc("{...A}fragment A on Query{...B}fragment B on Query{...A}"),
    "fragment cycle through fields": doc("{node{...A}}fragment A on Node{node{node{...A}}}"),
    "fragment cycle nobody uses": doc("{echo}fragment A on Query{...A}"),
    "fragment unused": doc("{echo}fragment A on Query{echo}"),
    "200 unused fragments": doc("{echo}" + "".join(f"fragment f{i} on Query{{echo}}" for i in range(200))),
    "fragment unknown": doc("{...Nope}"),
    "fragment on unknown type": doc("{...on Nope{id}}"),
    "fragment on scalar": doc("{...on String{id}}"),
    "fragment twice": doc("{...A}fragment A on Query{echo}fragment A on Query{echo}"),
    "chain of 3,000": dear("{...F0}" + "".join(f"fragment F{i} on Query{{...F{i + 1}}}" for i in range(900))),
    "chain of 240": dear(
        "{...F0}"
        + "".join(f"fragment F{i} on Query{{...F{i + 1}}}" for i in range(240))
        + "fragment F240 on Query{echo}"
    ),
    "wide fragments": dear("{node{" + "...F " * 300 + "}}fragment F on Node{id node{id}}"),
    "100 fragments of the same objects": dear(
        "{"
        + "".join(f"...A{i} " for i in range(100))
        + "}"
        + "".join(f"fragment A{i} on Query{{node{{kids{{id}}}}}}" for i in range(100))
    ),
    "480 variables": doc("query(" + " ".join(f"$v{i}:Int" for i in range(480)) + "){echo}"),
    "300 operations": doc("".join(f"query q{i}{{echo}}" for i in range(300))),
    "two anonymous operations": doc("{echo}{echo}"),
    "unknown variable": doc("{echo(s:$x)}"),
    "unknown variable type": doc("query($x:Nope){echo(s:$x)}"),
    "output type as variable": doc("query($x:Node){echo}"),
    "leaf with selection": doc("{echo{x}}"),
    "object without selection": doc("{node}"),
    "empty selection": doc("{}"),
    "subscription": doc("subscription{ticks{id}}"),
    "mutation not defined": doc("mutation{nope}"),
    "dear page": dear("{page(first:5000){nodes{id}}}"),
    "dear page by variable": dear("query($n:Int){page(first:$n){nodes{id}}}", n=2**31 - 1),
    "kids to the tenth": dear("{kids{kids{kids{kids{kids{id}}}}}}"),
    "introspection nested": dear("{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}"),
    "introspection three lists": dear('{__type(name:"Node"){fields{type{fields{type{fields{name}}}}}}}'),
    "introspection ofType": dear('{__type(name:"Node"){' + "ofType{" * 40 + "name" + "}" * 42),
    "introspection by cycle": doc("{__schema{types{...T}}}fragment T on __Type{ofType{...T}}"),
    "11 introspections": dear("{" + "".join(f"a{i}:__schema{{types{{name}}}}" for i in range(11)) + "}"),
    "@defer": doc("{node{...@defer{id}}}"),
    "@stream": doc("{kids @stream(initialCount:0){id}}"),
}

TRANSPORT = {
    "no content type": typed(None),
    "empty content type": typed(""),
    "text/plain": typed("text/plain"),
    "text/plain; application/json": typed("text/plain; application/json"),
    "text/plain application/json": typed("text/plain application/json"),
    "text/plain, application/json": typed("text/plain, application/json"),
    "json in a parameter": typed('application/x-www-form-urlencoded; a="application/json"'),
    "urlencoded": typed("application/x-www-form-urlencoded", b"query=mutation{m{id}}"),
    "multipart": typed("multipart/form-data; boundary=b", b"--b--"),
    "multipart without boundary": typed("multipart/form-data", b"xxxx"),
    "application/graphql": typed("application/graphql", b"{echo}"),
    "application/jsonp": typed("application/jsonp"),
    "application/json+x": typed("application/json+x"),
    "xapplication/json": typed("xapplication/json"),
    "charset utf-16": typed("application/json; charset=utf-16", '{"query":"{echo}"}'.encode("utf-16")),
    "charset latin-1": typed("application/json; charset=iso-8859-1"),
    "other parameter": typed("application/json; profile=x"),
    "upper case": Case(b'{"query":"{echo}"}', 200, None, {"content-type": "Application/JSON ; Charset=UTF-8"}),
    "PUT": Case(b'{"query":"{echo}"}', 405, method="PUT"),
    "DELETE": Case(None, 405, method="DELETE"),
    "PATCH": Case(b"{}", 405, method="PATCH"),
    "TRACE": Case(None, 405, method="TRACE"),
    "invented method": Case(None, 405, method="WAT"),
    "accept xml": Case(b'{"query":"{echo}"}', 406, headers={**JSON, "accept": "application/xml"}),
    "accept nothing": Case(b'{"query":"{echo}"}', 406, headers={**JSON, "accept": "*/*;q=0"}),
    "accept nonsense": Case(b'{"query":"{echo}"}', 406, headers={**JSON, "accept": ";;,,=q"}),
    "accept of 60 kB": Case(b'{"query":"{echo}"}', 406, headers={**JSON, "accept": "a/b," * 15_000}),
    "accept latin-1": Case(b'{"query":"{echo}"}', 406, headers={**JSON, "accept": "application/json; charset=latin1"}),
    "credential of another kind": Case(
        b'{"query":"{echo}"}', 401, "UNAUTHENTICATED", {**JSON, "authorization": "Basic dTpw"}
    ),
    "credential without token": Case(
        b'{"query":"{echo}"}', 401, "UNAUTHENTICATED", {**JSON, "authorization": "Bearer "}
    ),
    "wrong credential": Case(b'{"query":"{echo}"}', 401, "UNAUTHENTICATED", {**JSON, "authorization": "Bearer x"}),
    "GET without a document": get(""),
    "GET mutation": get("query=mutation%7Bm%7Bid%7D%7D", 405),
    "GET named mutation": get("query=query%20Q%7Becho%7Dmutation%20M%7Bm%7Bid%7D%7D&operationName=M", 405),
    "GET query": get("query=%7Becho%7D", 200, None),
    "GET variables list": get("query=%7Becho%7D&variables=%5B1%5D"),
    "GET variables broken": get("query=%7Becho%7D&variables=%7B"),
    "GET variables NUL": get('query=%7Becho%7D&variables=%7B"a":"%5Cu0000"%7D'),
    "GET extensions string": get('query=%7Becho%7D&extensions="x"'),
    "GET twice the document": get("query=%7Becho%7D&query=mutation%7Bm%7Bid%7D%7D"),
    "GET bad utf-8": get("query=%FF"),
    "GET NUL": get("query=%7Becho%7D%00"),
    "GET raw bytes": get("query=\u00ff"),
    "GET 100 parameters": get("&".join(f"a{i}=1" for i in range(100))),
    "GET document at 2 KiB": get("query=%7Becho%7D" + "%20" * 2_042, 200, None),
    "GET document over 2 KiB": get("query=%7Becho%7D" + "%20" * 2_043, 414),
    "GET 20 kB": get("query=%7Becho%7D&x=" + "a" * 20_000, 414),
    "GET introspection with a body": Case(
        b'{"query":"mutation{m{id}}"}', 200, None, {}, "GET", "/graphql?query=%7B__typename%7D"
    ),
}

CORPUS = {
    **{f"body: {name}": case for name, case in BODIES.items()},
    **{f"value: {name}": case for name, case in VALUES.items()},
    **{f"document: {name}": case for name, case in DOCUMENTS.items()},
    **{f"transport: {name}": case for name, case in TRANSPORT.items()},
}
