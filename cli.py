"""`cosell`: starts each part of the product and looks after it. `cosell COMMAND --help` tells more."""

import argparse
import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.migrate import Report
    from core.settings import Settings
    from core.supervisor import Supervisor

ROOT = Path(__file__).resolve().parent
PACKAGES = ("core", "gateways", "migrations", "models", "resolvers", "rules", "schema", "tasks")
READY_TIMEOUT = 60.0
LOADING = "loading-sample-data"  # in the state folder while sample data is being loaded
OWN_VARIABLES = ("DATABASE_URL", "REDIS_URL", "PORT", "PUBLIC_URL", "STORAGE_URL", "FEED_FOLDER")


class Command(NamedTuple):
    """One subcommand: what it is for, what it does (returns the exit code), and its own arguments."""

    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], object] | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """The console script."""
    use_own_packages()
    parser = argparse.ArgumentParser(prog="cosell", description="Cosell, an open-source partner centre.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        subparser = commands.add_parser(name, help=command.help, description=command.help)
        if command.arguments:
            command.arguments(subparser)
    arguments = parser.parse_args(argv)
    try:
        return COMMANDS[arguments.command].run(arguments)
    except RuntimeError as error:  # our own refusals (servers, migrations): their text is the message
        print(f"cosell {arguments.command}: {error}", file=sys.stderr)
        return 1


def use_own_packages() -> None:
    """Puts this folder first on the path: other distributions have packages called `schema` or `models` too."""
    sys.path[:] = [str(ROOT), *(entry for entry in sys.path if entry not in ("", str(ROOT)))]
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.origin or Path(spec.origin).parent.parent.resolve() != ROOT:
            raise SystemExit(f"cosell: the package {name} would come from {spec and spec.origin}, not from {ROOT}")


def serve(arguments: argparse.Namespace) -> int:
    """Runs the API until INT or TERM."""
    import uvicorn

    from core.settings import get_settings

    settings = get_settings()
    uvicorn.run(
        arguments.app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="core.http.protocol:GuardedProtocol",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=settings.keep_alive,
        timeout_graceful_shutdown=int(settings.shutdown_timeout),
    )
    return 0


def worker(_arguments: argparse.Namespace) -> int:
    """Runs one worker until INT or TERM."""
    importlib.import_module("tasks.worker").main()
    return 0


def seed(_arguments: argparse.Namespace) -> int:
    """Loads the sample data through the commands themselves and prints who can sign in."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        for line in loop.run(importlib.import_module("tasks.samples").load()):
            print(line)
    return 0


def migrate(_arguments: argparse.Namespace) -> int:
    """Migrates the database that the settings name."""
    from core.settings import EMBEDDED, get_settings

    settings = get_settings()
    if EMBEDDED in (settings.database_url, settings.database_owner_url):
        raise RuntimeError("set DATABASE_URL and DATABASE_OWNER_URL (the embedded server migrates itself: cosell dev)")
    report = run_migrations(settings, settings.database_owner_url, settings.database_url)
    print("applied: " + (", ".join(report.applied) or "nothing, the database was up to date"))
    if report.role_created:
        print(f"created the role {report.role}")
    if report.left_to_administrator:
        print("an administrator should run:", *(f"  {line};" for line in report.left_to_administrator), sep="\n")
    return 0


def run_migrations(settings: "Settings", owner_url: str, app_url: str) -> "Report":
    """Migrates with the application role's time-outs taken from the settings."""
    from core.migrate import migrate as bring_up_to_date
    from models.config import MIGRATIONS, surface

    limits = {
        "statement_timeout": settings.database_statement_timeout,
        "lock_timeout": settings.database_lock_timeout,
        "idle_in_transaction_session_timeout": settings.database_idle_timeout,
    }
    role_settings = {name: f"{seconds * 1000:.0f}ms" for name, seconds in limits.items()} | {"timezone": "UTC"}
    return asyncio.run(bring_up_to_date(owner_url, app_url, surface(), role_settings=role_settings, package=MIGRATIONS))


def outbox(arguments: argparse.Namespace) -> int:
    """Lists, shows, retries or cancels messages and jobs."""
    run: Callable[[argparse.Namespace], int] = importlib.import_module("tasks.outbox_cli").run
    return run(arguments)


def staff(arguments: argparse.Namespace) -> int:
    """Makes an account of the vendor's staff."""
    run: Callable[[argparse.Namespace], int] = importlib.import_module("tasks.staff_cli").run
    return run(arguments)


def verify(_arguments: argparse.Namespace) -> int:
    """Asks of the whole database what must always hold."""
    importlib.import_module("tasks.wiring")  # the domains, each with its invariants
    run: Callable[[], int] = importlib.import_module("tasks.verify_cli").run
    return run()


def import_file(arguments: argparse.Namespace) -> int:
    """Takes a file over through the commands themselves."""
    run: Callable[[argparse.Namespace], int] = importlib.import_module("tasks.import_cli").run
    return run(arguments)


def print_schema(_arguments: argparse.Namespace) -> int:
    """Prints the GraphQL schema as SDL."""
    print(importlib.import_module("schema").schema.as_str().rstrip())
    return 0


def docs(_arguments: argparse.Namespace) -> int:
    """Writes the generated pages of docs/ again."""
    return int(importlib.import_module("scripts.pages").main())


class Addresses(NamedTuple):
    """Where a development run finds its database (as owner and as application) and Redis."""

    owner: str
    application: str
    redis: str


def dev(arguments: argparse.Namespace) -> int:
    """Runs everything in this checkout: servers, migrations, sample data, API and worker. Ctrl-C ends it all."""
    from core.settings import Env, get_settings
    from core.supervisor import Ended, Stop, Supervisor, stopping_on_signals

    settings = get_settings()
    if settings.env is Env.PRODUCTION:
        raise RuntimeError("this is for development; in production run `cosell migrate`, `serve` and `worker`")
    with stopping_on_signals(), ExitStack() as stack:
        try:
            state = state_folder(arguments.state)
            forget_what_was_cut_off(settings, state)
            addresses = start_servers(stack, settings, state)
            run_migrations(settings, addresses.owner, addresses.application)
            port = free_port(settings.host, settings.port)
            environment = child_environment(settings, addresses, port, state)
            stack.callback(leave_note(arguments.state / "env", environment).unlink, missing_ok=True)
            sign_ins = "" if arguments.empty else load_samples(addresses, environment, state)
            supervisor = Supervisor(say)
            stack.callback(supervisor.stop, settings.shutdown_timeout)
            start_programs(supervisor, arguments.app, environment, lambda: answers(settings.host, port))
            say(welcome(f"http://{settings.host}:{port}", sign_ins))
            supervisor.watch()
        except Stop:
            say("stopping")
        except Ended as error:
            raise RuntimeError(str(error)) from error
    return 0


def state_folder(wanted: Path) -> Path:
    """`wanted`; for root, when PostgreSQL's account cannot enter it (a closed home), a folder in /var/lib instead."""
    import hashlib

    from core.servers.process import can_enter, server_account

    wanted = wanted.absolute()
    wanted.mkdir(parents=True, exist_ok=True)
    account = server_account()
    if account is None:
        return wanted
    wanted.chmod(0o755)
    if can_enter(wanted, account):
        return wanted
    folder = Path("/var/lib/cosell") / hashlib.sha256(bytes(wanted)).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder.parent, folder):
        part.chmod(0o755)
    say(f"the database lives in {folder}: its account may not enter {wanted}")
    return folder


def start_servers(stack: ExitStack, settings: "Settings", state: Path) -> Addresses:
    """Starts PostgreSQL and Redis, except where the settings name others."""
    from core.servers import PostgresServer, RedisServer
    from core.settings import EMBEDDED
    from models.config import APP_ROLE, DATABASE, OWNER_ROLE

    owner, application, redis = settings.database_owner_url, settings.database_url, settings.redis_url
    if (owner == EMBEDDED) != (application == EMBEDDED):
        raise RuntimeError("set both DATABASE_URL and DATABASE_OWNER_URL, or neither")
    if owner == EMBEDDED:
        postgres = PostgresServer.start(state / "postgres", database=DATABASE, owner=OWNER_ROLE)
        stack.callback(postgres.stop)
        owner, application = postgres.url(OWNER_ROLE, DATABASE), postgres.url(APP_ROLE, DATABASE)
    if redis == EMBEDDED:
        broker = RedisServer.start(state / "redis")
        stack.callback(broker.stop)
        redis = broker.url
    return Addresses(owner, application, redis)


def child_environment(settings: "Settings", addresses: Addresses, port: int, state: Path) -> dict[str, str]:
    """What API and worker need to know; the owner's address is not among it."""
    given = "public_url" in settings.model_fields_set
    public = settings.public_url if given else f"http://{settings.host}:{port}"
    files = settings.storage_url if "storage_url" in settings.model_fields_set else str(state.resolve() / "files")
    buckets = settings.bucket_folder if "feed_folder" in settings.model_fields_set else str(state.resolve() / "buckets")
    values = (addresses.application, addresses.redis, str(port), public, files, buckets)
    own = dict(zip(OWN_VARIABLES, values, strict=True))
    kept = {name: value for name, value in os.environ.items() if name.upper() != "DATABASE_OWNER_URL"}
    return kept | own | {"PYTHONUNBUFFERED": "1"}


def leave_note(path: Path, environment: dict[str, str]) -> Path:
    """Lets `make worker` and `cosell outbox` find this run: `. .run/env` in a shell."""
    import shlex

    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(environment[name])}\n" for name in OWN_VARIABLES))
    return path


def forget_what_was_cut_off(settings: "Settings", state: Path) -> None:
    """Removes a database whose sample data was being loaded when everything ended; nothing else was ever in it."""
    import shutil

    from core.settings import EMBEDDED

    mark = state / LOADING
    if not mark.exists():
        return
    if settings.database_owner_url != EMBEDDED:
        raise RuntimeError(f"loading the sample data was cut off: empty the database, remove {mark} and start again")
    say("the sample data was cut off; loading it again")
    shutil.rmtree(state / "postgres", ignore_errors=True)
    shutil.rmtree(state / "files", ignore_errors=True)
    mark.unlink()


def load_samples(addresses: Addresses, environment: dict[str, str], state: Path) -> str:
    """Fills an empty database; returns the ready-made sign-ins, kept in the state folder for later starts."""
    from core.migrate import is_empty

    note = state / "sign-ins.txt"
    if importlib.util.find_spec("tasks.samples") and asyncio.run(is_empty(addresses.owner)):
        say("loading sample data")
        (state / LOADING).touch()
        command = [sys.executable, str(ROOT / "cli.py"), "seed"]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
        if done.returncode != 0:
            raise RuntimeError("the sample data could not be loaded; mend it and start again")
        note.write_text(done.stdout, encoding="utf-8")
        (state / LOADING).unlink()
    return note.read_text(encoding="utf-8").rstrip() if note.exists() else ""


def start_programs(supervisor: "Supervisor", app: str, environment: dict[str, str], ready: Callable[[], bool]) -> None:
    """Starts the API, which must not end, and once it answers the worker, which is started again when it ends."""
    own = [sys.executable, str(ROOT / "cli.py")]
    supervisor.add("the API", [*own, "serve", "--app", app], environment=environment, cwd=ROOT, restart=False)
    supervisor.wait_until(ready, timeout=READY_TIMEOUT)
    if importlib.util.find_spec("tasks.worker"):
        supervisor.add("the worker", [*own, "worker"], environment=environment, cwd=ROOT, restart=True)


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or the next free port after it, or any."""
    for port in (*range(wanted, min(wanted + 20, 65_536)), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError(f"no free port on {host}")


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there; uvicorn does so once the application has started."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def welcome(base: str, sign_ins: str) -> str:
    """What a developer wants to see first."""
    people = f"\n\n{sign_ins}" if sign_ins else ""
    lines = ["", f"  {base}/graphql  API and explorer", f"  {base}/inbox    mail and SMS{people}", ""]
    return "\n".join([*lines, "  Ctrl-C stops everything.", ""])


def say(text: str) -> None:
    """Shows a line at once, also when the output is a file or a pipe."""
    print(text, flush=True)


def _app_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--app", default="app:app", metavar="MODULE:NAME", help="ASGI application to serve")


def _outbox_arguments(parser: argparse.ArgumentParser) -> None:
    importlib.import_module("tasks.outbox_cli").add_arguments(parser)


def _staff_arguments(parser: argparse.ArgumentParser) -> None:
    importlib.import_module("tasks.staff_cli").add_arguments(parser)


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    importlib.import_module("tasks.import_cli").add_arguments(parser)


def _dev_arguments(parser: argparse.ArgumentParser) -> None:
    _app_argument(parser)
    parser.add_argument("--state", type=Path, default=ROOT / ".run", help="folder of the servers' data")
    parser.add_argument("--empty", action="store_true", help="load no sample data")


COMMANDS: dict[str, Command] = {
    "dev": Command("run everything for development", dev, _dev_arguments),
    "serve": Command("run the API", serve, _app_argument),
    "worker": Command("run one worker", worker),
    "migrate": Command("bring the database up to date", migrate),
    "seed": Command("load the sample data", seed),
    "outbox": Command("look after messages and jobs", outbox, _outbox_arguments),
    "verify": Command("check that everything in the database adds up", verify),
    "staff": Command("let the vendor's people in", staff, _staff_arguments),
    "import": Command("take a file over", import_file, _import_arguments),
    "schema": Command("print the GraphQL schema", print_schema),
    "docs": Command("write the generated pages of docs/", docs),
}

if __name__ == "__main__":
    sys.exit(main())
