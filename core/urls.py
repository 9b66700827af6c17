"""`postgresql://` addresses as the keyword arguments asyncpg wants, so that nothing is guessed by a driver."""

import ssl
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("postgresql", "postgres")
_VERIFYING = {"verify-ca", "verify-full"}
_SSL_MODES = {"disable", "allow", "prefer", "require", *_VERIFYING}
_PARAMETERS = {"host", "port", "user", "password", "dbname", "application_name", "connect_timeout"} | {
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
}


class BadUrl(ValueError):
    """The address cannot be used; the text never contains its password."""


def parse_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/database?…` as asyncpg keyword arguments.

    Always present: `host` (a name, or the folder of a Unix socket), `port`, `user`, `password` (or `None`) and
    `database`. Present when asked for: `ssl` (from `sslmode` and the certificates' files, as libpq reads them),
    `timeout` (seconds, from `connect_timeout`) and `server_settings` (with `application_name`). `BadUrl` otherwise.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise BadUrl(f"the address must start with postgresql://, not {parts.scheme or 'nothing'}")
    try:
        port = parts.port
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise BadUrl("the address has a bad port, several hosts or a malformed query") from error
    unknown = sorted(parameters.keys() - _PARAMETERS)
    if unknown:
        raise BadUrl(f"unknown parameters: {', '.join(unknown)}")
    arguments = _place_and_person(parts.hostname, port, parts.username, parts.password, parts.path, parameters)
    return arguments | _extras(parameters)


def _place_and_person(
    host: str | None,
    port: int | None,
    user: str | None,
    password: str | None,
    path: str,
    parameters: dict[str, str],
) -> dict[str, Any]:
    """The five arguments that are always there; a parameter replaces what the address itself says, as in libpq."""
    arguments: dict[str, Any] = {
        "host": parameters.get("host") or unquote(host or ""),
        "port": parameters.get("port") or port or 5432,
        "user": parameters.get("user") or unquote(user or ""),
        "password": parameters.get("password") or unquote(password or "") or None,
        "database": parameters.get("dbname") or unquote(path.removeprefix("/")),
    }
    for name in ("host", "user", "database"):
        if not arguments[name]:
            raise BadUrl(f"the address names no {name}")
    if not str(arguments["port"]).isdecimal():
        raise BadUrl("the port is not a number")
    arguments["port"] = int(arguments["port"])
    return arguments


def _extras(parameters: dict[str, str]) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    tls = _tls(parameters)
    if tls is not None:
        extras["ssl"] = tls
    if "connect_timeout" in parameters:
        if not parameters["connect_timeout"].isdecimal():
            raise BadUrl("connect_timeout is not a number of seconds")
        extras["timeout"] = float(parameters["connect_timeout"])
    if "application_name" in parameters:
        extras["server_settings"] = {"application_name": parameters["application_name"]}
    return extras


def _tls(parameters: dict[str, str]) -> ssl.SSLContext | str | bool | None:
    """`None` to leave the driver's default, `False` for none, a mode's name, or a context that verifies the server."""
    mode = parameters.get("sslmode")
    root, certificate = parameters.get("sslrootcert"), parameters.get("sslcert")
    if mode is None:
        if root or certificate:
            raise BadUrl("certificates without sslmode")
        return None
    if mode not in _SSL_MODES:
        raise BadUrl(f"unknown sslmode {mode!r}")
    if mode == "disable":
        return False
    if mode not in _VERIFYING and not root and not certificate:
        return mode
    try:
        return _context(mode, root, certificate, parameters.get("sslkey"))
    except OSError as error:
        raise BadUrl(f"a certificate file cannot be read: {error.strerror or error}") from error


def _context(mode: str, root: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    """`require` with a root certificate verifies the chain like `verify-ca` (libpq's rule), without one nothing."""
    context = ssl.create_default_context(cafile=root)
    context.check_hostname = mode == "verify-full"
    if mode not in _VERIFYING and not root:
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key)
    return context
