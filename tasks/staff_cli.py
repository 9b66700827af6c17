"""`cosell staff add`: lets one of the vendor's people in. Prints no secret: the person sets a password by a code.

Exit codes: 0 done, 1 refused, 2 wrong usage.
"""

import argparse
import asyncio
import sys

from core.ids import encode_id
from rules.access import VENDOR_ROLES, Role
from rules.sites import Site


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `add`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an account of the vendor's staff")
    add.add_argument("--site", required=True, choices=[site.value for site in Site])
    add.add_argument(
        "--role",
        required=True,
        action="append",
        dest="roles",
        choices=sorted(role.value for role in VENDOR_ROLES),
        help="may be given several times",
    )
    add.add_argument("--email", required=True)
    add.add_argument("--name", required=True, help="as colleagues and partners see it")


def run(arguments: argparse.Namespace) -> int:
    """Carries out the parsed command and returns the exit code."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    from core import db
    from core.settings import get_settings
    from models.config import tortoise_config

    await db.open_database(tortoise_config(get_settings().database_url, pool_size=1))
    try:
        return await perform(arguments)
    finally:
        await db.close_database()


async def perform(arguments: argparse.Namespace) -> int:
    """The command on the open database."""
    from core.clock import system_clock
    from core.settings import get_settings
    from resolvers.accounts.staff import add_staff
    from resolvers.command import Options
    from resolvers.command import run as run_command
    from resolvers.system import system_context
    from rules.errors import message_of

    ctx = await system_context(get_settings(), system_clock())
    ctx.via = "cli"
    outcome = await run_command(
        ctx,
        add_staff,
        Options(),
        site=Site(arguments.site),
        email=arguments.email,
        full_name=arguments.name,
        roles=tuple(Role(role) for role in arguments.roles),
    )
    for violation in outcome.violations:
        text = message_of(violation, "en")
        sys.stderr.write(f"{violation.code.value}: {text}\n")
    if outcome.result is None:
        return 1
    sys.stdout.write(f"{encode_id(outcome.result.prefix, outcome.result.id)}\n")
    sys.stdout.write("The person sets a password with a code: requestCode(scene: RESET_PASSWORD), resetPassword.\n")
    return 0
