"""What an operator does on the command line, on the test's clock and several commands in one process."""

import argparse
import asyncio
import json
import sys

from core import db
from core.settings import get_settings
from models.config import tortoise_config
from tasks import import_cli, staff_cli
from tests.journey.clock import shifted_clock


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    staff_cli.add_arguments(commands.add_parser("staff"))
    import_cli.add_arguments(commands.add_parser("import"))
    return parser


async def main(lines: list[list[str]]) -> int:
    """Carries out the commands one after the other; the first code that is not 0."""
    settings = get_settings()
    await db.open_database(tortoise_config(settings.database_url, pool_size=1))
    try:
        for line in lines:
            arguments = _parser().parse_args(line)
            if arguments.command == "staff":
                code = await staff_cli.perform(arguments)
            else:
                code = await import_cli.perform(arguments, settings, shifted_clock)
            if code:
                return code
    finally:
        await db.close_database()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(json.loads(sys.argv[1]))))
