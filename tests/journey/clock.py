"""The real clock, ahead by what a file says: people in a test need not wait for a minute to pass."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import system_clock


def shifted_clock() -> datetime:
    """Business time of every process of the test; the file named by CLOCK_FILE holds the seconds it is ahead."""
    return system_clock() + timedelta(seconds=float(Path(os.environ["CLOCK_FILE"]).read_text()))
